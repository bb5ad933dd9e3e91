import type { TriedTarget } from "../../../src/relay/index.ts";
import { actionUrl } from "../../page.ts";
import { Badge, Button, Card, html, type Markup } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

/** A real question to every model of a combo, side by side, and what came back. */
export function TestCard(visit: Visit, models: number, tried: readonly TriedTarget[] | undefined): Markup {
  const { say } = visit;
  return Card({
    title: say("combo.test"),
    lead: say("combo.test.lead"),
    children: html`
      <form method="post" action=${actionUrl(visit, "test")}>
        ${Button({
          label: say("combo.test.go", { count: models }),
          icon: "play",
          disabled: models === 0,
          data: { busy: say("test.running") },
        })}
      </form>
      ${
        tried &&
        html`<ul class="mt-4 divide-y divide-line border-t border-line" role="status">
          ${tried.map((target) => TriedRow(visit, target))}
        </ul>`
      }
    `,
  });
}

function TriedRow(
  { say, show }: Visit,
  { model, status, statusCode, error, latencyMs }: TriedTarget,
): Markup {
  return html`<li class="flex flex-wrap items-baseline gap-x-3 gap-y-1 py-2.5">
    ${status === "ok" ? Badge("ok", say("combo.test.ok")) : Badge("bad", String(statusCode))}
    <code class="min-w-0 break-all">${model}</code>
    <span class="ml-auto text-small text-muted">${show.duration(latencyMs)}</span>
    ${error !== null && html`<p class="w-full text-small break-words text-muted" lang="en">${error}</p>`}
  </li>`;
}
