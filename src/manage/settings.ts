import { isDeepStrictEqual } from "node:util";
import { type Settings, settingsPatch } from "../core/settings.ts";
import { patchSettings } from "../store/index.ts";
import { type Actor, audit } from "./actor.ts";
import type { ManageDeps } from "./deps.ts";
import { parseInput } from "../core/parse-input.ts";

/** Changes the settings a patch names; they hold from the next request on. */
export function changeSettings(deps: ManageDeps, patch: unknown, actor: Actor): Settings {
  const fields = parseInput(settingsPatch, patch);
  const before = deps.settings();
  const settings = patchSettings(deps.store, fields);
  const changed = (Object.keys(fields) as (keyof Settings)[]).filter(
    (name) => !isDeepStrictEqual(before[name], settings[name]),
  );
  audit(deps.store, actor, "settings.update", "settings", {
    fields: Object.keys(fields),
    from: picked(before, changed),
    to: picked(settings, changed),
  });
  return settings;
}

const picked = (settings: Settings, names: readonly (keyof Settings)[]) =>
  Object.fromEntries(names.map((name) => [name, settings[name]]));
