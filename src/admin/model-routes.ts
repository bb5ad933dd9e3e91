import type { Hono } from "hono";
import { z } from "zod";
import type { CustomModel } from "../core/custom-model.ts";
import { badRequest } from "../core/errors.ts";
import { MODEL_TYPES, type ModelType } from "../core/provider.ts";
import type { Engine } from "../engine.ts";
import { parseInput } from "../manage/index.ts";
import { findProvider, isConnected, labelOf } from "../routing/index.ts";
import { type AdminEnv, ignoredFields, jsonBody } from "./http.ts";
import { shownStatus } from "./status.ts";

const modelInput = z.object({
  provider: z.string().min(1).max(100),
  modelId: z.string().trim().min(1).max(256),
  modelName: z.string().trim().min(1).max(200),
  type: z.enum(MODEL_TYPES).optional(),
  contextLength: z.coerce.number().int().min(1).max(100_000_000).optional(),
});

/** Models of one's own, and the lists of all that there are. */
export function modelRoutes(app: Hono<AdminEnv>, engine: Engine): void {
  const { models } = engine.manage;

  app.get("/api/provider-models", (c) => {
    const provider = c.req.query("provider");
    if (!provider) {
      const byProvider = Map.groupBy(models.list(), (model) => model.provider);
      const shown = [...byProvider].map(([id, list]) => [id, list.map(shownModel)]);
      return c.json({ models: Object.fromEntries(shown), modelCompatOverrides: [] });
    }
    const id = findProvider(engine.catalogue, provider)?.provider.id ?? provider;
    return c.json({ models: models.list(id).map(shownModel), modelCompatOverrides: [] });
  });

  app.post("/api/provider-models", async (c) => {
    const body = await jsonBody(c);
    const { provider, modelId, modelName, type, contextLength } = parseInput(modelInput, body);
    const [added] = models.add(
      [
        {
          provider,
          id: modelId,
          name: modelName,
          ...(type && { type }),
          ...(contextLength && { context: contextLength }),
        },
      ],
      c.get("actor"),
    );
    return c.json(
      { model: added && shownModel(added) },
      200,
      ignoredFields(body, Object.keys(modelInput.shape)),
    );
  });

  app.delete("/api/provider-models", (c) => {
    const { provider, model } = c.req.query();
    if (!provider) throw badRequest("Name the provider: `?provider=…&model=…`.", "provider");
    if (!model) throw badRequest("Name the model: `?provider=…&model=…`.", "model");
    return c.json({ removed: models.remove(provider, model, c.get("actor")) });
  });

  app.post("/api/provider-models/import", async (c) => {
    c.env.unlimited();
    const { listed, added, known } = await models.import(await jsonBody(c), c.get("actor"));
    return c.json({ listed, added: added.map(shownModel), known });
  });

  app.get("/api/models/catalog", (c) => {
    const custom = new Set(models.list().map(({ provider, id }) => `${provider}\u0000${id}`));
    const catalog = engine.catalogue.entries.map((entry) => {
      const { provider, prefix } = entry;
      const listed = [...entry.models.values()].map((model) => ({
        id: model.id,
        name: model.name ?? model.id,
        type: model.type ?? "chat",
        custom: custom.has(`${provider.id}\u0000${model.id}`),
        contextLength: model.context ?? null,
        maxOutput: model.maxOutput ?? null,
        ...shownStatus(model.status),
      }));
      return [prefix, { provider: provider.id, active: isConnected(entry), models: listed }];
    });
    const { version, source } = engine.manage.catalogue.view();
    return c.json({
      catalog: Object.fromEntries(catalog),
      catalogVersion: version ?? `${source} ${engine.config.version}`,
    });
  });

  app.get("/api/models", (c) => {
    const all = c.req.query("all") === "true";
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
    return c.json({ models: rows });
  });
}

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
  source: "manual",
  apiFormat: "chat-completions",
  supportedEndpoints: [ENDPOINTS[type]],
  type,
  contextLength: context ?? null,
});
