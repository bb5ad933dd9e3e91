import type { GatewayError } from "../../src/core/errors.ts";
import { wordsOf } from "../errors.ts";
import type { Page } from "../page.ts";
import { pageAnswer } from "../server/answer.ts";
import { visitOf } from "../server/visit-of.ts";
import type { WebContext, WebDeps } from "../server/web-env.ts";
import { mayEnter } from "../server/who.ts";
import { ButtonLink, html, type Markup } from "../ui/index.ts";
import { DashboardFrame, PlainFrame } from "../ui/layout.ts";

/** The page for what cannot be shown: not there, not allowed, or our own fault. */
export function faultPage(
  deps: WebDeps,
  c: WebContext,
  error: GatewayError,
  { pages, base }: { pages: readonly Page[]; base: string },
): Response {
  const visit = visitOf(deps, c);
  const { say } = visit;
  const title = say(
    error.status === 404 ? "fault.missing" : error.status >= 500 ? "fault.ours" : "fault.refused",
  );
  const content: Markup = html`<div class="mx-auto max-w-lg py-12 text-center">
    <p class="font-mono text-small text-muted">${error.status}</p>
    <h1 class="mt-2 text-2xl font-semibold tracking-tight">${title}</h1>
    <p class="mt-2 text-muted">${wordsOf(error, visit)}</p>
    ${error.status >= 500 && html`<p class="mt-2 text-small text-muted">${say("fault.id", { id: c.env.requestId })}</p>`}
    <div class="mt-6">${ButtonLink({ href: base, label: say("fault.home"), icon: "home" })}</div>
  </div>`;
  const isInside = mayEnter(deps.engine, c);
  return pageAnswer(deps, c, visit, {
    title,
    status: error.status,
    body: isInside
      ? DashboardFrame({ visit, page: undefined, pages, base, children: content })
      : PlainFrame({ visit, children: content }),
  });
}
