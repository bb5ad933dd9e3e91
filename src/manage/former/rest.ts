import type { Alias } from "../../core/alias.ts";
import { type ModelChain, modelChainInput } from "../../core/chain.ts";
import type { CustomModel, PriceOverride } from "../../core/custom-model.ts";
import { type Settings, settingsShape } from "../../core/settings.ts";
import { ACCOUNT_STRATEGY_IDS } from "../../core/strategy-names.ts";
import { MODEL_TYPES } from "../../core/provider.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { parseProxyUrl, type Proxy, PROXY_TYPES } from "../../net/index.ts";
import type { FormerFile } from "../../store/index.ts";
import type { FormerContext } from "./context.ts";
import { numberIn, objectIn, textIn } from "./fields.ts";

type Values = FormerFile["values"];

/** Settings that mean the same here. Who may come in is decided here alone; waits and limits were hidden pacing. */
const SAME_SETTINGS = [
  "fallbackStrategy",
  "stickyRoundRobinLimit",
  "providerStrategies",
  "requireAuthForModels",
  "blockedProviders",
  "enableRequestLogs",
  "instanceName",
  "systemPrompt",
  "thinkingBudget",
] as const;

export function formerSettings(values: Values, context: FormerContext): Partial<Settings> {
  const kept = values["settings"] ?? {};
  const settings: { [name: string]: unknown } = {};
  for (const name of SAME_SETTINGS) {
    if (kept[name] === undefined || kept[name] === null) continue;
    const checked = settingsShape.shape[name].safeParse(kept[name]);
    if (checked.success) settings[name] = checked.data;
    else if (name === "fallbackStrategy") {
      settings[name] = "fill-first";
      context.warn(
        `The account strategy ${String(kept[name])} is unknown here (${ACCOUNT_STRATEGY_IDS.join(", ")}): it is now fill-first.`,
      );
    } else context.warn(`The setting ${name} was left out: it has another form here.`);
  }
  return settings;
}

export function formerAliases(values: Values, context: FormerContext): Alias[] {
  return Object.entries(values["modelAliases"] ?? {}).flatMap(([pattern, value]) => {
    const target =
      typeof value === "string" ? value : isObject(value) ? textIn(value, "model", "target") : undefined;
    return target === undefined ? [] : [{ pattern, target, createdAt: context.now }];
  });
}

/** OmniRoute kept lists by provider; 9router a list, or one entry under `provider|id|type`. */
export function formerModels(values: Values, context: FormerContext): CustomModel[] {
  return Object.entries(values["customModels"] ?? {}).flatMap(([owner, value]) =>
    (Array.isArray(value) ? value : [value]).filter(isObject).flatMap((row): CustomModel[] => {
      const id = textIn(row, "id");
      const provider = context.providerId(textIn(row, "providerAlias", "provider") ?? owner.split("|")[0]!);
      if (id === undefined || provider === undefined) return [];
      const type = MODEL_TYPES.find((known) => known === textIn(row, "type")) ?? "chat";
      const context_ = numberIn(row, "contextWindow", "context", "contextLength");
      return [
        {
          provider,
          id,
          name: textIn(row, "name") ?? id,
          type,
          createdAt: context.now,
          ...(context_ !== undefined && context_ >= 1 && { context: Math.trunc(context_) }),
        },
      ];
    }),
  );
}

const PRICE_FIELDS = [
  ["input", "input"],
  ["output", "output"],
  ["cached", "cacheRead"],
  ["cache_creation", "cacheWrite"],
  ["reasoning", "reasoning"],
] as const;

export function formerPrices(values: Values, context: FormerContext): PriceOverride[] {
  return Object.entries(values["pricing"] ?? {}).flatMap(([owner, models]) => {
    const provider = context.providerId(owner);
    if (provider === undefined || !isObject(models)) return [];
    return Object.entries(models).flatMap(([model, row]): PriceOverride[] => {
      if (!isObject(row)) return [];
      const price = Object.fromEntries(
        PRICE_FIELDS.flatMap(([theirs, ours]) => {
          const amount = numberIn(row, theirs);
          return amount !== undefined && amount >= 0 ? [[ours, amount]] : [];
        }),
      );
      return [{ provider, model, price: price as PriceOverride["price"], updatedAt: context.now }];
    });
  });
}

export function formerChains(rows: readonly JsonObject[], context: FormerContext): ModelChain[] {
  return rows.flatMap(({ model, chain }) => {
    const known = (Array.isArray(chain) ? chain : []).filter(isObject).flatMap((entry) => {
      const provider = context.providerId(textIn(entry, "provider") ?? "");
      return provider === undefined ? [] : [{ ...entry, provider }];
    });
    const { data } = modelChainInput.safeParse({ model, chain: known });
    return data ? [data] : [];
  });
}

type Stored = Proxy | { type: "direct" };

/** Proxies by level. What stood under `keys` there were connections. */
export function formerProxies(
  values: Values,
  connectionIds: ReadonlySet<string>,
  context: FormerContext,
): string | undefined {
  const kept = values["proxyConfig"] ?? {};
  const named = (level: string, id: (name: string) => string | undefined) =>
    Object.fromEntries(
      Object.entries(objectIn(kept, level)).flatMap(([name, value]) => {
        const proxy = proxyOf(value);
        const ours = id(name);
        return proxy && ours !== undefined ? [[ours, proxy]] : [];
      }),
    );
  const map: { [level: string]: unknown } = {
    global: proxyOf(kept["global"]) ?? null,
    providers: named("providers", context.providerId),
    combos: named("combos", (name) => name),
    connections: named("keys", (name) => (connectionIds.has(name) ? name : undefined)),
    keys: named("keys", (name) => (connectionIds.has(name) ? undefined : name)),
  };
  const { global, ...levels } = map;
  const isEmpty =
    global === null && Object.values(levels).every((level) => Object.keys(level as object).length === 0);
  return isEmpty ? undefined : JSON.stringify(map);
}

function proxyOf(value: unknown): Stored | undefined {
  if (typeof value === "string") return parseProxyUrl(value);
  if (!isObject(value)) return undefined;
  const url = textIn(value, "url");
  if (url !== undefined) return parseProxyUrl(url);
  const type = PROXY_TYPES.find((known) => known === textIn(value, "type"));
  const host = textIn(value, "host");
  const port = numberIn(value, "port");
  if (textIn(value, "type") === "direct") return { type: "direct" };
  if (!type || host === undefined || port === undefined) return undefined;
  const username = textIn(value, "username");
  const password = textIn(value, "password");
  return {
    type,
    host,
    port,
    ...(username !== undefined && { username, ...(password !== undefined && { password }) }),
  };
}
