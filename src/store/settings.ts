import { DEFAULT_SETTINGS, settingsShape, type Settings } from "../core/settings.ts";
import type { Store } from "./store.ts";
import { readValues, saveValues } from "./values.ts";

const NAMESPACE = "settings";

/** All settings: what was saved over the defaults. A saved value that no longer fits counts as not saved. */
export function readSettings(store: Store): Settings {
  const saved = readValues(store, NAMESPACE);
  const settings: { [name: string]: unknown } = { ...DEFAULT_SETTINGS, ...store.defaults };
  for (const [name, shape] of Object.entries(settingsShape.shape)) {
    const checked = shape.safeParse(saved[name]);
    if (saved[name] !== undefined && checked.success) settings[name] = checked.data;
  }
  return settings as Settings;
}

/** Changes the settings that `patch` names and gives all of them. The patch has been checked by `settingsPatch`. */
export function patchSettings(store: Store, patch: Partial<Settings>): Settings {
  const named = Object.entries(patch).filter(
    ([name, value]) => name in DEFAULT_SETTINGS && value !== undefined,
  );
  if (named.length > 0) saveValues(store, NAMESPACE, Object.fromEntries(named), "settings");
  return readSettings(store);
}
