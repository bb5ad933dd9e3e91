import { type ModelChain, modelChainInput } from "../core/chain.ts";
import type { Store } from "./store.ts";
import { readValues, saveValues } from "./values.ts";

const NAMESPACE = "model-chains";

/** All chains of single models, by model name. */
export function listModelChains(store: Store): ModelChain[] {
  return Object.values(readValues(store, NAMESPACE)).flatMap((value) => {
    const checked = modelChainInput.safeParse(value);
    return checked.success ? [checked.data] : [];
  });
}

/** Adds a model's chain, or replaces the one it has. */
export function saveModelChain(store: Store, chain: ModelChain): ModelChain {
  saveValues(store, NAMESPACE, { [chain.model]: chain }, "chains");
  return chain;
}

/** True when there was one. */
export function removeModelChain(store: Store, model: string): boolean {
  if (!listModelChains(store).some((chain) => chain.model === model)) return false;
  saveValues(store, NAMESPACE, { [model]: undefined }, "chains");
  return true;
}
