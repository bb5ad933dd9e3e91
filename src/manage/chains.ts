import { z } from "zod";
import { chainInput, type FallbackChain, type ModelChain, modelChainInput } from "../core/chain.ts";
import { badRequest } from "../core/errors.ts";
import { isObject } from "../lib/json.ts";
import { findProvider } from "../routing/index.ts";
import {
  listChains,
  listModelChains,
  removeChain,
  removeModelChain,
  saveChain,
  saveModelChain,
} from "../store/index.ts";
import { type Actor, audit } from "./actor.ts";
import type { ManageDeps } from "./deps.ts";
import { parseInput } from "../core/parse-input.ts";

/** All chains, and those of single models. */
export function allChains(deps: ManageDeps): { chains: FallbackChain[]; byModel: ModelChain[] } {
  return { chains: listChains(deps.store), byModel: listModelChains(deps.store) };
}

/** Saves a chain in either form: `{name, models, …}`, or `{model, chain: [{provider, …}]}`. */
export function setChain(deps: ManageDeps, input: unknown, actor: Actor): FallbackChain | ModelChain {
  return isObject(input) && "chain" in input
    ? setModelChain(deps, input, actor)
    : setNamed(deps, input, actor);
}

function setNamed(deps: ManageDeps, input: unknown, actor: Actor): FallbackChain {
  const fields = parseInput(chainInput, input);
  const now = deps.clock.now();
  const before = listChains(deps.store).find(({ name }) => name === fields.name);
  const chain = { ...fields, createdAt: before?.createdAt ?? now, updatedAt: now };
  saveChain(deps.store, chain);
  audit(deps.store, actor, "chain.save", chain.name, { models: chain.models, match: chain.match });
  return chain;
}

function setModelChain(deps: ManageDeps, input: unknown, actor: Actor): ModelChain {
  const fields = parseInput(modelChainInput, input);
  const chain = {
    model: fields.model,
    chain: fields.chain.map((entry) => ({ ...entry, provider: providerId(deps, entry.provider) })),
  };
  saveModelChain(deps.store, chain);
  audit(deps.store, actor, "chain.save", chain.model, {
    providers: chain.chain.map(({ provider }) => provider),
  });
  return chain;
}

/** A chain by its name, or one of a single model by the model. */
export const chainToDrop = z.object({ name: z.string().max(256), model: z.string().max(256) }).partial();

/** Removes a chain by its name, or a model's by the model. True when there was one. */
export function dropChain(deps: ManageDeps, input: unknown, actor: Actor): boolean {
  const { name, model } = parseInput(chainToDrop, input);
  if (name === undefined && model === undefined) throw badRequest("Name the chain, or its model.", "name");
  const removed =
    (name !== undefined && removeChain(deps.store, name)) ||
    (model !== undefined && removeModelChain(deps.store, model));
  if (removed) audit(deps.store, actor, "chain.delete", name ?? model ?? "");
  return removed;
}

function providerId(deps: ManageDeps, name: string): string {
  const entry = findProvider(deps.catalogue(), name);
  if (!entry) throw badRequest(`There is no provider \`${name}\`.`, "chain");
  return entry.provider.id;
}
