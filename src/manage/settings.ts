import { type Settings, settingsPatch } from "../core/domain.ts";
import { patchSettings } from "../store/index.ts";
import { type Actor, audit } from "./actor.ts";
import type { ManageDeps } from "./index.ts";
import { parseInput } from "./parse.ts";

/** Changes the settings a patch names; they hold from the next request on. */
export function changeSettings(deps: ManageDeps, patch: unknown, actor: Actor): Settings {
  const fields = parseInput(settingsPatch, patch);
  const settings = patchSettings(deps.store, fields);
  audit(deps.store, actor, "settings.update", "settings", { fields: Object.keys(fields) });
  return settings;
}
