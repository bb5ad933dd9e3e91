import type { Target } from "../core/target.ts";
import { type Catalogue, findProvider } from "./catalogue.ts";
import { excluded } from "./exclusions.ts";
import type { Expansion } from "./expand.ts";
import { byLatency } from "./order.ts";
import type { Resolution } from "./resolve.ts";

/** What a request itself says of where it wants to go, in OpenRouter's words. */
export type Overrides = {
  /** Further models, asked in this order when the first fails. */
  models?: readonly string[];
  provider?: ProviderPreferences;
};

/** Providers by id, alias or prefix. https://openrouter.ai/docs/guides/routing/provider-selection */
export type ProviderPreferences = {
  /** These first, in this order. */
  order?: readonly string[];
  only?: readonly string[];
  ignore?: readonly string[];
  /** `false`: nothing beyond `order`, or without one, beyond the first. Default: true. */
  allowFallbacks?: boolean;
  /** Throughput is not measured; it goes by latency. */
  sort?: "price" | "latency" | "throughput";
};

/** Does the only provider asked understand these words itself? Then they are left to it. */
export function isLeftToProvider(resolution: Resolution): boolean {
  if (resolution.type !== "models") return false;
  return resolution.models.every(({ entry }) => entry.provider.routesByItself === true);
}

/** The targets as the request wants them. What it does not want is noted as left out. */
export function preferred(
  targets: readonly Target[],
  preferences: ProviderPreferences,
  expansion: Expansion,
): Target[] {
  const { catalogue } = expansion;
  const only = preferences.only && idsOf(preferences.only, catalogue);
  const ignored = idsOf(preferences.ignore ?? [], catalogue);
  const order = idsOf(preferences.order ?? [], catalogue);
  const wanted = targets.filter(
    ({ provider: { id } }) => (only === undefined || only.includes(id)) && !ignored.includes(id),
  );
  const place = (target: Target): number => {
    const index = order.indexOf(target.provider.id);
    return index < 0 ? order.length : index;
  };
  const sorted = bySort(wanted, preferences.sort, expansion).toSorted((a, b) => place(a) - place(b));
  const kept =
    preferences.allowFallbacks === false
      ? preferences.order
        ? sorted.filter((target) => place(target) < order.length)
        : sorted.slice(0, 1)
      : sorted;
  for (const target of targets) {
    if (kept.includes(target)) continue;
    expansion.excluded.push(excluded("not-wanted", target.label, { connectionId: target.connection.id }));
  }
  return kept;
}

function bySort(targets: readonly Target[], sort: ProviderPreferences["sort"], { view, request }: Expansion) {
  switch (sort) {
    case undefined:
      return targets;
    case "price": {
      const cost = (target: Target): number => {
        const price = view.price(target, request.estimatedInputTokens);
        return (price && price.kind !== "billed" ? 0 : price?.cost) ?? Number.MAX_VALUE;
      };
      return targets.toSorted((a, b) => cost(a) - cost(b));
    }
    case "latency":
    case "throughput":
      return targets.toSorted(byLatency((target) => view.vitals(target)));
  }
}

/** Names nobody knows here are kept as they are: they match nothing. */
function idsOf(names: readonly string[], catalogue: Catalogue): string[] {
  return names.map((name) => findProvider(catalogue, name)?.provider.id ?? name);
}
