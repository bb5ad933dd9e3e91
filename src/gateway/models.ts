import type { Engine, ListedModel } from "../engine.ts";

/** When our own lists were made; models carry no date of their own. */
const CREATED = 1_735_689_600;

/** `GET /v1/models` for OpenAI clients. */
export function openaiList(models: readonly ListedModel[]) {
  return { object: "list", data: models.map(openaiModel) };
}

/** A model as OpenAI's list shows it, with what we know beyond that. */
export function openaiModel(model: ListedModel) {
  return {
    id: model.id,
    object: "model",
    created: CREATED,
    owned_by: model.ownedBy,
    permission: [],
    root: model.id,
    parent: null,
    capabilities: {
      tool_calling: model.tools ?? null,
      reasoning: model.reasoning ?? null,
      vision: model.vision ?? null,
    },
    context_length: model.context ?? null,
    max_output_tokens: model.maxOutput ?? null,
  };
}

/** `GET /v1/embeddings`: the models that embed, and how long their vectors are. */
export function embeddingList(models: readonly ListedModel[]) {
  const data = models
    .filter((model) => model.type === "embedding")
    .map((model) => ({ ...openaiModel(model), type: "embedding", dimensions: model.dimensions ?? null }));
  return { object: "list", data };
}

/** `GET /v1/images/generations`: the models that draw, and the sizes they are known to draw in. */
export function imageList(models: readonly ListedModel[]) {
  const data = models
    .filter((model) => model.type === "image")
    .map((model) => ({ ...openaiModel(model), type: "image", supported_sizes: model.sizes ?? [] }));
  return { object: "list", data };
}

/** The same for Anthropic clients, which page with `limit` and `after_id`. */
export function anthropicList(models: readonly ListedModel[], query: URLSearchParams) {
  const limit = Math.min(1000, Math.max(1, Number(query.get("limit") ?? 20) || 20));
  const after = query.get("after_id");
  const start = after === null ? 0 : models.findIndex((model) => model.id === after) + 1;
  const page = models.slice(start, start + limit).map(anthropicModel);
  return {
    data: page,
    has_more: start + limit < models.length,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
  };
}

/** A model as Anthropic's list shows it. */
export function anthropicModel(model: ListedModel) {
  return {
    type: "model",
    id: model.id,
    display_name: model.name,
    created_at: new Date(CREATED * 1000).toISOString(),
    ...(model.context !== undefined && { max_input_tokens: model.context }),
    ...(model.maxOutput !== undefined && { max_tokens: model.maxOutput }),
  };
}

/** The same for Gemini clients. */
export function geminiList(models: readonly ListedModel[]) {
  return { models: models.map(geminiModel) };
}

/** What Google's own clients may ask of a model; the other services have no such call. */
const METHODS: { readonly [type: string]: readonly string[] | undefined } = {
  chat: ["generateContent", "streamGenerateContent", "countTokens"],
  embedding: ["embedContent", "batchEmbedContents"],
};

/** A model as Gemini's list shows it. */
export function geminiModel(model: ListedModel) {
  return {
    name: `models/${model.id}`,
    version: "1",
    displayName: model.name,
    description: model.ownedBy,
    ...(model.context !== undefined && { inputTokenLimit: model.context }),
    ...(model.maxOutput !== undefined && { outputTokenLimit: model.maxOutput }),
    supportedGenerationMethods: METHODS[model.type] ?? [],
    ...(model.reasoning !== undefined && { thinking: model.reasoning }),
  };
}

/** `GET /api/tags` for Ollama clients. */
export function ollamaList(engine: Engine, models: readonly ListedModel[]) {
  const modified = new Date(engine.startedAt).toISOString();
  return {
    models: models
      .filter((model) => model.type === "chat" || model.type === "combo")
      .map((model) => ({
        name: model.id,
        model: model.id,
        modified_at: modified,
        size: 0,
        digest: "",
        details: {
          format: "api",
          family: model.ownedBy,
          families: [model.ownedBy],
          parameter_size: "",
          quantization_level: "",
        },
      })),
  };
}
