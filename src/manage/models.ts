import { type CustomModel, type CustomModelInput, customModelInput } from "../core/domain.ts";
import { badRequest } from "../core/errors.ts";
import { findProvider } from "../routing/index.ts";
import { listCustomModels, removeCustomModel, saveCustomModel } from "../store/index.ts";
import { type Actor, audit } from "./actor.ts";
import type { ManageDeps } from "./index.ts";
import { parseInput } from "./parse.ts";

/** The models people added to a provider, or to all of them. */
export function listAddedModels(deps: ManageDeps, provider?: string): CustomModel[] {
  return listCustomModels(deps.store).filter(
    (model) => provider === undefined || model.provider === provider,
  );
}

/** Adds models to a provider or node, so that they are listed; known ones are replaced. Throws `bad_request`. */
export function addModels(
  deps: ManageDeps,
  inputs: readonly CustomModelInput[],
  actor: Actor,
): CustomModel[] {
  const now = deps.clock.now();
  const models = inputs.map((input): CustomModel => {
    const { provider, id, name, type, context } = parseInput(customModelInput, input);
    const entry = findProvider(deps.catalogue(), provider);
    if (!entry) throw badRequest(`There is no provider \`${provider}\`.`, "provider");
    return {
      provider: entry.provider.id,
      id,
      name: name || id,
      type,
      ...(context && { context }),
      createdAt: now,
    };
  });
  for (const model of models) saveCustomModel(deps.store, model);
  const [first] = models;
  if (first)
    audit(deps.store, actor, "model.add", first.provider, {
      models: models.map(({ id }) => id).slice(0, 50),
    });
  return models;
}

/** Takes an added model away again. True when there was one. */
export function removeModel(deps: ManageDeps, provider: string, id: string, actor: Actor): boolean {
  const removed = removeCustomModel(deps.store, provider, id);
  if (removed) audit(deps.store, actor, "model.remove", provider, { model: id });
  return removed;
}
