import type { ModelDefinition } from "../core/provider.ts";
import type { ServiceKind } from "../core/services.ts";

/** Models that agree in some facts, so that a list of them reads as a table. */
export function sharing(
  facts: Pick<ModelDefinition, "reasoning" | "vision" | "tools" | "formats">,
  models: readonly ModelDefinition[],
): ModelDefinition[] {
  return models.map((model) => ({ ...model, ...facts }));
}

/** Models of sound, each of which either writes down what it hears or speaks. */
export function audio(
  services: readonly Extract<ServiceKind, "transcription" | "speech">[],
  models: readonly ModelDefinition[],
): ModelDefinition[] {
  return models.map((model) => ({ ...model, type: "audio", services }));
}
