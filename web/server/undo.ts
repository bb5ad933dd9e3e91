import type { Hono } from "hono";
import { isMessageKey } from "../i18n/index.ts";
import { wordsOf } from "../errors.ts";
import { asGatewayError } from "../../src/relay/index.ts";
import { UNDO_PATH } from "../ui/toast.ts";
import { goWith } from "./answer.ts";
import { type Admit, readForm, refuseForeignForm } from "./mount.ts";
import { ownPath } from "./own-form.ts";
import { visitOf } from "./visit-of.ts";
import type { WebDeps, WebEnv } from "./web-env.ts";

/** Takes back what a message told of, and goes back to where it was shown. */
export function mountUndo(app: Hono<WebEnv>, deps: WebDeps, base: string, admit: Admit): void {
  app.post(UNDO_PATH, async (c) => {
    refuseForeignForm(c);
    const elsewhere = admit(c);
    if (elsewhere) return elsewhere;
    const visit = visitOf(deps, c);
    const form = await readForm(c);
    const back = ownPath(form.text("back"), c.env.url) ?? base;
    try {
      const { action } = deps.engine.manage.history.undo(Number(form.text("id")), visit.actor);
      const key = `audit.${action}`;
      const what = isMessageKey(key) ? visit.say(key) : action;
      return goWith(deps, c, back, { message: visit.say("audit.undo.done", { what }) });
    } catch (error) {
      // Somebody has changed it since, or taken it back already: said where the button was.
      const told = asGatewayError(error, deps.engine.clock.now());
      return goWith(deps, c, back, { message: wordsOf(told, visit), tone: "bad" });
    }
  });
}
