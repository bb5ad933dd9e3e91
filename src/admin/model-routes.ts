import { z } from "zod";
import type { CustomModel } from "../core/custom-model.ts";
import { badRequest } from "../core/errors.ts";
import { MODEL_TYPES, type ModelType } from "../core/provider.ts";
import type { Engine } from "../engine.ts";
import { modelsToImport } from "../manage/index.ts";
import { findProvider, isConnected, labelOf, type ProviderEntry } from "../routing/index.ts";
import type { RouteTable } from "./route-table.ts";
import { flag, queryText } from "./shapes.ts";
import { shownStatus, statusShape } from "./status.ts";

/** Models of one's own, and the lists of all that there are. */
export function modelRoutes(table: RouteTable, engine: Engine): void {
  const { models } = engine.manage;

  table.add(
    {
      method: "GET",
      path: "/api/provider-models",
      role: "reader",
      summary: "The models people added: of one provider, or of all by provider.",
      query: () => z.object({ provider: queryText() }),
      answer: () =>
        z.object({
          models: z.union([z.array(modelShape()), z.record(z.string(), z.array(modelShape()))]),
          modelCompatOverrides: z.array(z.never()),
        }),
    },
    (_c, { query: { provider } }) => {
      if (!provider) {
        const byProvider = Map.groupBy(models.list(), (model) => model.provider);
        const shown = [...byProvider].map(([id, list]) => [id, list.map(shownModel)] as const);
        return { models: Object.fromEntries(shown), modelCompatOverrides: [] };
      }
      const id = findProvider(engine.catalogue, provider)?.provider.id ?? provider;
      return { models: models.list(id).map(shownModel), modelCompatOverrides: [] };
    },
  );

  table.add(
    {
      method: "POST",
      path: "/api/provider-models",
      role: "admin",
      summary: "Adds a model to a provider.",
      body: () =>
        z.object({
          provider: z.string().min(1).max(100),
          modelId: z.string().trim().min(1).max(256),
          modelName: z.string().trim().min(1).max(200),
          type: z.enum(MODEL_TYPES).optional(),
          contextLength: z.coerce.number().int().min(1).max(100_000_000).optional(),
        }),
      answer: () => z.object({ model: modelShape() }),
    },
    (c, { body: { provider, modelId, modelName, type, contextLength } }) => {
      const model = {
        provider,
        id: modelId,
        name: modelName,
        ...(type && { type }),
        ...(contextLength && { context: contextLength }),
      };
      const [added] = models.add([model], c.get("actor"));
      return { model: shownModel(added!) };
    },
  );

  table.add(
    {
      method: "DELETE",
      path: "/api/provider-models",
      role: "admin",
      summary: "Takes an added model away.",
      query: () => z.object({ provider: queryText(), model: queryText() }),
      answer: () => z.object({ removed: z.boolean() }),
    },
    (c, { query: { provider, model } }) => {
      if (!provider) throw badRequest("Name the provider: `?provider=…&model=…`.", "provider");
      if (!model) throw badRequest("Name the model: `?provider=…&model=…`.", "model");
      return { removed: models.remove(provider, model, c.get("actor")) };
    },
  );

  table.add(
    {
      method: "POST",
      path: "/api/provider-models/import",
      role: "admin",
      summary: "Adds the models that a connection's provider lists and nobody knows yet.",
      body: () => modelsToImport,
      answer: () =>
        z.object({ listed: z.number(), added: z.array(modelShape()), known: z.array(z.string()) }),
    },
    async (c, { raw }) => {
      c.env.unlimited();
      const { listed, added, known } = await models.import(raw, c.get("actor"));
      return { listed, added: added.map(shownModel), known };
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/models/catalog",
      role: "reader",
      summary: "Every model of every provider, connected or not.",
      answer: () =>
        z.object({ catalog: z.record(z.string(), catalogEntryShape()), catalogVersion: z.string() }),
    },
    () => {
      const custom = new Set(models.list().map(({ provider, id }) => `${provider}\u0000${id}`));
      const catalog = engine.catalogue.entries.map(
        (entry) =>
          [entry.prefix, shownEntry(entry, (id) => custom.has(`${entry.provider.id}\u0000${id}`))] as const,
      );
      const { version, source } = engine.manage.catalogue.view();
      return {
        catalog: Object.fromEntries(catalog),
        catalogVersion: version ?? `${source} ${engine.config.version}`,
      };
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/models",
      role: "reader",
      summary: "The models of connected providers, or with `all=true` of all.",
      query: () => z.object({ all: flag() }),
      answer: () =>
        z.object({
          models: z.array(
            z.object({
              provider: z.string(),
              model: z.string(),
              fullModel: z.string(),
              alias: z.string(),
              available: z.boolean(),
            }),
          ),
        }),
    },
    (_c, { query: { all } }) => {
      const aliases = new Map(engine.catalogue.aliases.map(({ pattern, target }) => [target, pattern]));
      const rows = engine.catalogue.entries
        .filter((entry) => all || isConnected(entry))
        .flatMap((entry) =>
          [...entry.models.values()].map((model) => {
            const fullModel = labelOf(entry, model.id);
            const gone = [entry.provider.status?.state, model.status?.state].includes("shut-down");
            return {
              provider: entry.provider.id,
              model: model.id,
              fullModel,
              alias: aliases.get(fullModel) ?? model.id,
              available: isConnected(entry) && !gone,
            };
          }),
        );
      return { models: rows };
    },
  );
}

const modelShape = () =>
  z.object({
    id: z.string(),
    name: z.string(),
    source: z.literal("manual"),
    apiFormat: z.string(),
    supportedEndpoints: z.array(z.string()),
    type: z.enum(MODEL_TYPES),
    contextLength: z.number().nullable(),
  });

const catalogEntryShape = () =>
  z.object({
    provider: z.string(),
    active: z.boolean(),
    models: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        type: z.enum(MODEL_TYPES),
        custom: z.boolean(),
        contextLength: z.number().nullable(),
        maxOutput: z.number().nullable(),
        ...statusShape(),
      }),
    ),
  });

const shownEntry = (entry: ProviderEntry, isCustom: (id: string) => boolean) => ({
  provider: entry.provider.id,
  active: isConnected(entry),
  models: [...entry.models.values()].map((model) => ({
    id: model.id,
    name: model.name ?? model.id,
    type: model.type ?? ("chat" as const),
    custom: isCustom(model.id),
    contextLength: model.context ?? null,
    maxOutput: model.maxOutput ?? null,
    ...shownStatus(model.status),
  })),
});

const ENDPOINTS: Readonly<Record<ModelType, string>> = {
  chat: "chat",
  embedding: "embeddings",
  image: "images",
  audio: "audio",
  rerank: "rerank",
  moderation: "moderations",
};

/** A model of one's own, under its documented names. */
const shownModel = ({ id, name, type, context }: CustomModel) => ({
  id,
  name,
  source: "manual" as const,
  apiFormat: "chat-completions",
  supportedEndpoints: [ENDPOINTS[type]],
  type,
  contextLength: context ?? null,
});
