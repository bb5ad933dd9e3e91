import type { Hono } from "hono";
import { goTo } from "../server/answer.ts";
import { type Frame, mountPages } from "../server/mount.ts";
import type { WebContext, WebDeps, WebEnv } from "../server/web-env.ts";
import { mayEnter } from "../server/who.ts";
import { PlainFrame } from "../ui/layout.ts";
import { clientStep } from "./client-step.ts";
import { KeyShelf } from "./key-shelf.ts";
import { keyStep } from "./key-step.ts";
import { passwordStep } from "./password-step.ts";
import { providerStep } from "./provider-step.ts";
import { Steps } from "./steps.ts";

const BASE = "/setup";

/** The wizard: a password first, then three steps that can be skipped and taken up again. */
export function mountSetup(app: Hono<WebEnv>, deps: WebDeps): void {
  const { engine } = deps;
  const shelf = new KeyShelf(engine.clock);
  const frame: Frame = (visit, page, toast, children) =>
    PlainFrame({ visit, wide: true, ...(toast && { toast }), children: [Steps(visit, page.path), children] });

  mountPages(app, deps, {
    pages: [passwordStep],
    base: BASE,
    frame,
    admit: (c) => {
      if (engine.access.needsSetup()) return undefined;
      return goTo(c, mayEnter(engine, c) ? "/dashboard" : "/login");
    },
  });
  mountPages(app, deps, {
    pages: [providerStep, keyStep(shelf), clientStep(shelf)],
    base: BASE,
    frame,
    admit: (c) => afterPassword(deps, c),
  });
}

function afterPassword({ engine }: WebDeps, c: WebContext): Response | undefined {
  if (engine.access.needsSetup()) return goTo(c, BASE);
  return mayEnter(engine, c) ? undefined : goTo(c, `/login?next=${encodeURIComponent(c.env.url.pathname)}`);
}
