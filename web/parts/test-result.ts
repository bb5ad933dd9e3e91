import type { TestResult } from "../../src/accounts/index.ts";
import { GatewayError } from "../../src/core/errors.ts";
import { html, type Markup, Notice } from "../ui/index.ts";
import type { Visit } from "../visit.ts";

/** What a test found, in words, with what to do next and the provider's own sentence beside it. */
export function TestNotice(
  { say, show }: Pick<Visit, "say" | "show">,
  result: TestResult,
  name: string,
): Markup {
  const { valid, diagnosis, latencyMs, statusCode, repairedBaseUrl } = result;
  const took = show.duration(latencyMs);
  const title = valid
    ? diagnosis
      ? say("test.works-but", { name, time: took })
      : say("test.works", { name, time: took })
    : say("test.failed", { name, time: took });
  return Notice({
    tone: valid ? (diagnosis ? "warn" : "ok") : "bad",
    alert: true,
    title,
    children:
      (diagnosis || repairedBaseUrl !== undefined) &&
      html`${
        diagnosis &&
        html`<p class="text-ink">${say(`diagnosis.${diagnosis.type}`)}</p>
          <p>${say(`diagnosis.${diagnosis.type}.action`)}</p>
          <p class="mt-1 font-mono text-small break-words" lang="en">
            ${diagnosis.message}${statusCode !== undefined && html` <span class="text-faint">(${statusCode})</span>`}
          </p>`
      }
      ${
        repairedBaseUrl !== undefined &&
        html`<p class="mt-1">${say.rich("test.repaired", { url: html`<code>${repairedBaseUrl}</code>` })}</p>`
      }`,
  });
}

/** A failed test as the refusal of a form, in the reader's words and the provider's own. `of`: what is at fault. */
export function refusedTest(
  { say }: Pick<Visit, "say">,
  { diagnosis, error }: TestResult,
  of: { field?: string; name?: string } = {},
): GatewayError {
  const told = diagnosis ? `${say(`diagnosis.${diagnosis.type}`)} ${diagnosis.message}` : (error ?? "");
  return new GatewayError("bad_request", of.name === undefined ? told : `${of.name}: ${told}`, {
    ...(of.field !== undefined && { param: of.field }),
  });
}
