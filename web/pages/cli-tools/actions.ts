import type { ClientActor } from "../../../src/engine/client-setup.ts";
import { isFromThisMachine } from "../../../src/http/sign-in.ts";
import type { Action } from "../../page.ts";
import { publicBase } from "../../parts/addresses.ts";
import type { FormFields } from "../../server/form-fields.ts";
import type { Visit } from "../../visit.ts";

/** What clients show where keys are optional. */
const ANY_KEY = "sk_omniroute";

/** Writes a client's settings. Without a word on the key the one that stands there is kept, or a new one made. */
export const pointHere: Action = (visit, form) => {
  const { engine, say } = visit;
  const model = form.text("model");
  const { tool, madeKey } = engine.clients.apply(
    idOf(visit, form),
    { model, ...keyIn(form) },
    publicBase(visit),
    byWhom(visit),
  );
  return madeKey
    ? say("tools.applied.key", { name: tool.name, model, key: madeKey.name })
    : say("tools.applied", { name: tool.name, model });
};

/** Takes our settings out again. */
export const takeBack: Action = (visit, form) => {
  const { tool } = visit.engine.clients.remove(idOf(visit, form), byWhom(visit));
  return visit.say("tools.undone", { name: tool.name });
};

/** Brings an older copy back. */
export const bringBack: Action = (visit, form) => {
  const { tool } = visit.engine.clients.restore(idOf(visit, form), form.text("backup"), byWhom(visit));
  return visit.say("tools.restored", { name: tool.name });
};

/** Deletes a copy. */
export const dropCopy: Action = (visit, form) => {
  visit.engine.clients.dropBackup(idOf(visit, form), form.text("backup"), byWhom(visit));
  return visit.say("tools.copy.dropped");
};

const byWhom = (visit: Visit): ClientActor => ({ actor: visit.actor, isLocal: isFromThisMachine(visit) });

const idOf = (visit: Visit, form: FormFields): string => visit.params["tool"] ?? form.text("id");

function keyIn(form: FormFields): { apiKey?: string } {
  switch (form.text("keyChoice")) {
    case "own":
      return { apiKey: form.secret("apiKey").trim() };
    case "none":
      return { apiKey: ANY_KEY };
    default:
      return {};
  }
}
