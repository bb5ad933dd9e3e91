import type { ModelDefinition } from "../core/provider.ts";

/** Models that agree in some facts, so that a list of them reads as a table. */
export function sharing(
  facts: Pick<ModelDefinition, "reasoning" | "vision" | "tools" | "formats">,
  models: readonly ModelDefinition[],
): ModelDefinition[] {
  return models.map((model) => ({ ...model, ...facts }));
}
