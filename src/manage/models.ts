import { type CustomModel, type CustomModelInput, customModelInput } from "../core/custom-model.ts";
import { z } from "zod";
import { badRequest, GatewayError, TargetFailure } from "../core/errors.ts";
import { findProvider } from "../routing/index.ts";
import { listCustomModels, removeCustomModel, saveCustomModel } from "../store/index.ts";
import { type Actor, audit } from "./actor.ts";
import type { ManageDeps } from "./deps.ts";
import { parseInput } from "../core/parse-input.ts";

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

export const modelsToImport = z.object({
  /** Whose list is asked for. */
  connectionId: z.string().min(1).max(100),
  /** Which of its models; all when left out. */
  models: z.array(z.string().min(1).max(256)).max(5000).optional(),
});

/** What an import found and did. */
export type ImportedModels = { listed: number; added: CustomModel[]; known: string[] };

/**
 * Asks a connection's provider for its models and adds those that are not listed yet. Throws `bad_request` when the
 * provider gives no list, saying why.
 */
export async function importModels(deps: ManageDeps, input: unknown, actor: Actor): Promise<ImportedModels> {
  const { connectionId, models: wanted } = parseInput(modelsToImport, input);
  const connection = deps.connections().find(({ id }) => id === connectionId);
  const entry = connection && deps.catalogue().byId.get(connection.provider);
  if (!connection || !entry) throw new GatewayError("not_found", "There is no such connection.");
  const listed = await deps.modelsOf(connection, true).catch((error: unknown) => {
    throw error instanceof TargetFailure ? badRequest(error.message, "connectionId") : error;
  });
  const chosen = wanted === undefined ? listed : listed.filter(({ id }) => wanted.includes(id));
  const [known, fresh] = [chosen.filter(isListed), chosen.filter((model) => !isListed(model))];
  const provider = entry.provider.id;
  const added = addModels(
    deps,
    fresh.map(({ id, name, type, context }) => ({ provider, id, name: name.slice(0, 200), type, context })),
    actor,
  );
  return { listed: listed.length, added, known: known.map(({ id }) => id) };

  function isListed({ id }: { id: string }): boolean {
    return entry?.models.has(id) ?? false;
  }
}

/** Takes an added model away again. True when there was one. */
export function removeModel(deps: ManageDeps, provider: string, id: string, actor: Actor): boolean {
  const owner = findProvider(deps.catalogue(), provider)?.provider.id ?? provider;
  const removed = removeCustomModel(deps.store, owner, id);
  if (removed) audit(deps.store, actor, "model.remove", owner, { model: id });
  return removed;
}
