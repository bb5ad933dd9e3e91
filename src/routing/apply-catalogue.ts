import type { CatalogueFile, ModelFacts, ProviderFacts } from "../core/catalogue-file.ts";
import type { ModelDefinition, Price, ProviderDefinition, Status } from "../core/provider.ts";

/**
 * The built-in providers with newer facts laid over them. Providers that are not built in are left out, since a
 * catalogue says nothing of how to call them; `unknown` names them.
 */
export function applyCatalogue(
  providers: readonly ProviderDefinition[],
  file: CatalogueFile,
): { providers: ProviderDefinition[]; unknown: string[] } {
  const facts = new Map(file.providers.map((entry) => [entry.id, entry]));
  const known = new Set(providers.map(({ id }) => id));
  return {
    providers: providers.map((provider) => withFacts(provider, facts.get(provider.id))),
    unknown: [...facts.keys()].filter((id) => !known.has(id)),
  };
}

function withFacts(provider: ProviderDefinition, facts: ProviderFacts | undefined): ProviderDefinition {
  if (!facts) return provider;
  const { status: built, ...rest } = provider;
  const status = statusOf(provider, facts.status, built);
  return {
    ...rest,
    ...(status && { status }),
    models: withModels(provider, facts),
    renames: { ...provider.renames, ...facts.renames },
  };
}

/** What has no adapter in this program cannot be made to work by saying so. */
function statusOf(
  { chat, services }: ProviderDefinition,
  told: ProviderFacts["status"],
  built: Status | undefined,
): Status | undefined {
  if (told === undefined) return built;
  const canWork = chat.length > 0 || services !== undefined;
  if (!canWork && told?.state !== "shut-down" && told?.state !== "not-offered") return built;
  return told === null ? undefined : withoutEmpty(told);
}

function withModels(provider: ProviderDefinition, facts: ProviderFacts): ModelDefinition[] {
  const removed = new Set(facts.removed);
  const told = new Map(facts.models.map((model) => [model.id, model]));
  const kept = provider.models
    .filter(({ id }) => !removed.has(id))
    .map((model) => withModelFacts(provider, model, told.get(model.id)));
  const listed = new Set(provider.models.map(({ id }) => id));
  const added = facts.models
    .filter(({ id }) => !listed.has(id))
    .map((model) => withModelFacts(provider, { id: model.id }, model));
  return [...kept, ...added];
}

function withModelFacts(
  provider: ProviderDefinition,
  model: ModelDefinition,
  facts: ModelFacts | undefined,
): ModelDefinition {
  if (!facts) return model;
  const { formats, price, status, ...plain } = facts;
  const merged: { [field: string]: unknown } = { ...model };
  for (const [field, value] of Object.entries({ ...plain, price: price && withoutEmpty(price), status })) {
    if (value === null) delete merged[field];
    else if (value !== undefined) merged[field] = value;
  }
  if (formats === null) delete merged["formats"];
  else if (formats) {
    const spoken = provider.chat
      .map((service) => service.format)
      .filter((format) => formats.includes(format));
    if (spoken.length > 0) merged["formats"] = spoken;
  }
  return merged as ModelDefinition;
}

/** Fields without a value are fields that are not there. */
function withoutEmpty<T extends Status | Partial<Price>>(fields: { [F in keyof T]?: T[F] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
