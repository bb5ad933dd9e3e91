import type { Combo } from "../core/combo.ts";
import type { ProviderEntry } from "./catalogue.ts";
import { mainModelOf } from "./main-model.ts";

export const AUTO_COMBO = "auto";

/**
 * The ready-made combo: every connected account's model, from subscriptions over API keys and cheap providers to free
 * ones. Undefined while nothing is connected. A combo or alias of the user's own with this name goes before.
 */
export function autoCombo(entries: readonly ProviderEntry[]): Combo | undefined {
  const models = entries.flatMap((entry) =>
    mainModels(entry).map((model) => ({ model: `${entry.prefix}/${model}` })),
  );
  if (models.length === 0) return undefined;
  return {
    id: AUTO_COMBO,
    name: AUTO_COMBO,
    models,
    strategy: "priority",
    config: {},
    isActive: true,
    createdAt: 0,
    updatedAt: 0,
  };
}

/** What somebody connected on purpose: the models its connections name, else the provider's main one. */
function mainModels(entry: ProviderEntry): string[] {
  const { provider, blocked } = entry;
  const state = provider.status?.state;
  if (blocked || provider.chat.length === 0 || state === "shut-down" || state === "not-offered") return [];
  const own = entry.connections.filter(({ id, isActive }) => isActive && !id.startsWith("builtin:"));
  if (own.length === 0) return [];
  const named = own.map(({ defaultModel }) => defaultModel).filter((model) => model !== undefined);
  if (named.length > 0) return [...new Set(named)];
  const main = mainModelOf(entry);
  return main === undefined ? [] : [main];
}
