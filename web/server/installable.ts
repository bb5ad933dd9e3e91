import type { Hono } from "hono";
import { PAGE_HEADERS } from "../../src/http/security-headers.ts";
import { html } from "../ui/html.ts";
import { ButtonLink } from "../ui/index.ts";
import { PlainFrame } from "../ui/layout.ts";
import { pageAnswer } from "./answer.ts";
import { visitOf } from "./visit-of.ts";
import type { WebDeps, WebEnv } from "./web-env.ts";

/** What the installed dashboard needs beside its manifest: its worker, and the page for when nobody answers. */
export function mountInstallable(app: Hono<WebEnv>, deps: WebDeps): void {
  const { assets } = deps;

  app.get("/sw.js", (c) => {
    const worker = assets.text("worker.js");
    if (worker === undefined) return c.notFound();
    // Browsers look for a new worker by its bytes: with new styles the page that it keeps is a new one.
    return c.body(`// ${assets.url("app.css")}\n${worker}`, 200, {
      ...PAGE_HEADERS,
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "no-cache",
    });
  });

  app.get("/offline", (c) => {
    const visit = visitOf(deps, c);
    const { say } = visit;
    return pageAnswer(deps, c, visit, {
      title: say("offline.title"),
      body: PlainFrame({
        visit,
        switches: false,
        children: html`<h1 class="text-2xl font-semibold tracking-tight">${say("offline.title")}</h1>
          <p class="mt-2 text-muted">${say("offline.lead")}</p>
          <div class="mt-6">
            ${ButtonLink({ href: "/dashboard", label: say("offline.again"), icon: "refresh", tone: "primary" })}
          </div>`,
      }),
    });
  });
}
