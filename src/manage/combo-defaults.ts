import { z } from "zod";
import { COMBO_DEFAULTS, type ComboConfig, comboConfig } from "../core/combo.ts";
import { comboDefaultsShape } from "../core/settings.ts";
import { badRequest } from "../core/errors.ts";
import { findProvider } from "../routing/index.ts";
import { patchSettings } from "../store/index.ts";
import { type Actor, audit } from "./actor.ts";
import type { ManageDeps } from "./deps.ts";
import { parseInput } from "../core/parse-input.ts";

export type ComboDefaultsView = {
  comboDefaults: Required<Pick<ComboConfig, keyof typeof COMBO_DEFAULTS>> &
    ComboConfig & { strategy: string };
  /** By provider id. */
  providerOverrides: { [provider: string]: ComboConfig };
};

/** What holds for combos that say nothing themselves. */
export function comboDefaults(deps: ManageDeps): ComboDefaultsView {
  const settings = deps.settings();
  return {
    comboDefaults: { strategy: "priority", ...COMBO_DEFAULTS, ...settings.comboDefaults },
    providerOverrides: settings.comboProviderDefaults,
  };
}

/** `null` for a provider takes its overrides away. */
export const comboDefaultsPatch = z
  .object({
    comboDefaults: comboDefaultsShape,
    providerOverrides: z.record(z.string().max(200), comboConfig.nullable()),
  })
  .partial();

/** Changes what the patch names; it holds from the next call on. */
export function changeComboDefaults(deps: ManageDeps, input: unknown, actor: Actor): ComboDefaultsView {
  const patch = parseInput(comboDefaultsPatch, input);
  const settings = deps.settings();
  const overrides = { ...settings.comboProviderDefaults };
  for (const [name, override] of Object.entries(patch.providerOverrides ?? {})) {
    const id = findProvider(deps.catalogue(), name)?.provider.id;
    if (id === undefined) throw badRequest(`There is no provider \`${name}\`.`, "providerOverrides");
    if (override === null) delete overrides[id];
    else overrides[id] = { ...overrides[id], ...override };
  }
  patchSettings(deps.store, {
    comboDefaults: { ...settings.comboDefaults, ...patch.comboDefaults },
    comboProviderDefaults: overrides,
  });
  audit(deps.store, actor, "combo-defaults.update", "settings", { fields: Object.keys(patch) });
  return comboDefaults(deps);
}
