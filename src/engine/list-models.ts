import type { Combo } from "../core/combo.ts";
import { GatewayError } from "../core/errors.ts";
import type { ModelDefinition, ModelType } from "../core/provider.ts";
import {
  type Allowed,
  allowedWithin,
  type Catalogue,
  forbids,
  isConnected,
  labelOf,
  MOST_NESTED_COMBOS,
  type ProviderEntry,
  type Resolution,
  resolveModel,
} from "../routing/index.ts";

/** A model as lists show it. */
export type ListedModel = {
  /** The name to call it by: `prefix/id`, or a combo's name. */
  id: string;
  name: string;
  type: ModelType | "combo";
  ownedBy: string;
  context?: number;
  maxOutput?: number;
  tools?: boolean;
  vision?: boolean;
  reasoning?: boolean;
  /** Length of an embedding. */
  dimensions?: number;
  /** Sizes of pictures, as `1024x1024`. */
  sizes?: readonly string[];
};

/** Everything that can be called now: combos first, then the models of connected providers. `allowed` leaves out the rest. */
export function listModels(catalogue: Catalogue, allowed: Allowed = {}): ListedModel[] {
  const { auto } = catalogue;
  const isUnlimited = Object.keys(allowed).length === 0;
  const readyMade = auto && !catalogue.combos.has(auto.name) ? [auto] : [];
  const combos = [...catalogue.combos.values(), ...readyMade]
    .filter(
      (combo) =>
        combo.isActive &&
        !forbids(allowed, "combo", combo.name) &&
        (isUnlimited || leadsSomewhere(combo, catalogue, allowed)),
    )
    .map((combo): ListedModel => ({ id: combo.name, name: combo.name, type: "combo", ownedBy: "combo" }));
  const models = catalogue.entries
    .filter(
      (entry) =>
        isConnected(entry) &&
        isReachable(entry, allowed) &&
        (entry.provider.status?.state ?? "works") !== "shut-down",
    )
    .flatMap((entry) =>
      [...entry.models.values()]
        .filter((model) => model.status?.state !== "shut-down")
        .filter((model) => !forbids(allowed, "model", labelOf(entry, model.id)))
        .map((model) => listed(labelOf(entry, model.id), entry.provider.id, model)),
    );
  return [...combos, ...models];
}

function isReachable(entry: ProviderEntry, allowed: Allowed): boolean {
  if (forbids(allowed, "provider", entry.provider.id)) return false;
  return entry.connections.some((connection) => !forbids(allowed, "connection", connection.id));
}

/** Does a combo hold anything, as deep as combos go, that may be used? */
function leadsSomewhere(
  combo: Combo,
  catalogue: Catalogue,
  outside: Allowed,
  depth = MOST_NESTED_COMBOS,
): boolean {
  const allowed = allowedWithin(combo.name, outside) ?? {};
  return combo.models.some(({ model: name, connectionId }) => {
    const resolution = resolvedOrNone(name, catalogue);
    if (!resolution) return false;
    if (resolution.type === "combo")
      return depth > 1 && leadsSomewhere(resolution.combo, catalogue, allowed, depth - 1);
    return resolution.models.some(
      ({ entry, label }) =>
        !forbids(allowed, "provider", entry.provider.id) &&
        !forbids(allowed, "model", label) &&
        entry.connections.some(
          ({ id }) => [undefined, id].includes(connectionId) && !forbids(allowed, "connection", id),
        ),
    );
  });
}

function resolvedOrNone(name: string, catalogue: Catalogue): Resolution | undefined {
  try {
    return resolveModel(name, catalogue, () => false);
  } catch (error) {
    if (error instanceof GatewayError) return undefined;
    throw error;
  }
}

function listed(id: string, ownedBy: string, model: ModelDefinition): ListedModel {
  return {
    id,
    name: model.name ?? model.id,
    type: model.type ?? "chat",
    ownedBy,
    ...(model.context !== undefined && { context: model.context }),
    ...(model.maxOutput !== undefined && { maxOutput: model.maxOutput }),
    ...(model.tools !== undefined && { tools: model.tools }),
    ...(model.vision !== undefined && { vision: model.vision }),
    ...(model.reasoning !== undefined && { reasoning: model.reasoning }),
    ...(model.dimensions !== undefined && { dimensions: model.dimensions }),
    ...(model.sizes && { sizes: model.sizes }),
  };
}
