import { type Context, Hono } from "hono";
import { GatewayError } from "../core/errors.ts";
import type { ClientFormat } from "../core/format.ts";
import type { Engine } from "../engine.ts";
import { CLIENT_FORMATS, geminiArray } from "../formats/index.ts";
import type { PublicBindings } from "../http/bindings.ts";
import { errorResponse } from "../http/error-response.ts";
import { percentDecoded } from "../lib/percent-decoded.ts";
import { asGatewayError, countAnswer, isServicePath, SERVICE_PATHS } from "../relay/index.ts";
import { identify, presentedKey } from "./caller.ts";
import { type InferenceCall, serveInference } from "./inference.ts";
import {
  anthropicList,
  anthropicModel,
  embeddingList,
  geminiList,
  geminiModel,
  imageList,
  ollamaList,
  openaiList,
  openaiModel,
} from "./models.ts";
import { geminiPath } from "./paths.ts";
import { serveService } from "./services.ts";

type Env = { Bindings: PublicBindings };

const NOT_OFFERED = [
  "batches",
  "files",
  "assistants",
  "threads",
  "realtime",
  "vector_stores",
  "fine_tuning",
  "uploads",
];
const PROVIDER_ROUTES: Readonly<{ [path: string]: ClientFormat }> = {
  "chat/completions": CLIENT_FORMATS["openai-chat"],
  messages: CLIENT_FORMATS.anthropic,
  responses: CLIENT_FORMATS["openai-responses"],
};

/** Where chat clients call. Matched without the router, for nearly all calls go here. */
const CHAT_PATHS: ReadonlyMap<string, InferenceCall> = new Map([
  ["/v1/chat/completions", { format: CLIENT_FORMATS["openai-chat"] }],
  ["/v1/messages", { format: CLIENT_FORMATS.anthropic }],
  ["/v1/responses", { format: CLIENT_FORMATS["openai-responses"] }],
  ["/v1/completions", { format: CLIENT_FORMATS["openai-completions"] }],
  ["/v1/api/chat", { format: CLIENT_FORMATS.ollama }],
]);

/** Answers one call of the public API. */
export type Gateway = (request: Request, bindings: PublicBindings) => Response | Promise<Response>;

/** The public API: everything under `/v1`, `/v1beta` and their aliases. */
export function createGateway(engine: Engine): Gateway {
  const others = createRouter(engine);
  return (request, bindings) => {
    const call = request.method === "POST" ? CHAT_PATHS.get(bindings.path) : undefined;
    return call ? serveChat(engine, request, bindings, call) : others.fetch(request, bindings);
  };
}

function createRouter(engine: Engine): Hono<Env> {
  const app = new Hono<Env>({ getPath: (_request, options) => (options?.env as PublicBindings).path });
  const chat = (call: InferenceCall) => (c: Context<Env>) => serveChat(engine, c.req.raw, c.env, call);

  app.post("/v1/providers/:provider/:route{.+}", (c) => {
    const path = c.req.param("route");
    const providerRoute = percentDecoded(c.req.param("provider"));
    if (isServicePath(path)) return serveService(engine, c.req.raw, c.env, { path }, providerRoute);
    const format = PROVIDER_ROUTES[path];
    if (!format) throw notFound(c.env.path);
    return chat({ format, providerRoute })(c);
  });

  for (const path of SERVICE_PATHS)
    app.post(`/v1/${path}`, (c) => serveService(engine, c.req.raw, c.env, { path }));
  app.get("/v1/embeddings", (c) => listed(c, embeddingList));
  app.get("/v1/images/generations", (c) => listed(c, imageList));

  app.post("/v1/messages/count_tokens", (c) => count(c, { format: CLIENT_FORMATS.anthropic }));
  app.post("/v1/responses/input_tokens", (c) => count(c, { format: CLIENT_FORMATS["openai-responses"] }));
  app.post("/v1/responses/compact", () => {
    throw new GatewayError(
      "unsupported",
      "Compaction on the server is not offered here; clients compact by themselves.",
    );
  });
  app.get("/v1/responses", (c) => {
    if (c.req.header("upgrade")?.toLowerCase() !== "websocket") throw wrongMethod("POST");
    throw new GatewayError("upgrade_required", "Responses over WebSocket are not offered; use HTTP.");
  });

  app.get("/v1/api/tags", (c) => listed(c, (models) => ollamaList(engine, models)));
  app.get("/v1", (c) => listed(c, (models) => modelList(c, models)));
  app.get("/v1/models", (c) => listed(c, (models) => modelList(c, models)));
  app.get("/v1beta/models", (c) => listed(c, geminiList));
  app.get("/v1alpha/models", (c) => listed(c, geminiList));
  app.get("/:version{v1|v1beta|v1alpha}/models/:id{.+}", (c) => listed(c, (models) => oneModel(c, models)));

  app.post("/:version{v1|v1beta|v1alpha}/:rest{.+}", (c) => {
    const path = geminiPath(c.env.path);
    if (!path) throw missing(c.env.path);
    return gemini(c, path.model, path.verb);
  });

  app.notFound((c) => failure(c, missing(c.env.path)));
  app.onError((error, c) => failure(c, error));
  return app;

  function gemini(c: Context<Env>, model: string, verb: string): Response | Promise<Response> {
    const call = { isGemini: true };
    switch (verb) {
      case "generateContent":
        return chat({ ...call, format: CLIENT_FORMATS.gemini, pathFacts: { model, stream: false } })(c);
      case "streamGenerateContent": {
        const format = c.env.url.searchParams.get("alt") === "sse" ? CLIENT_FORMATS.gemini : geminiArray;
        return chat({ ...call, format, pathFacts: { model, stream: true } })(c);
      }
      case "countTokens":
        return count(c, { ...call, format: CLIENT_FORMATS.gemini, pathFacts: { model, stream: false } });
      case "embedContent":
      case "batchEmbedContents":
        return serveService(engine, c.req.raw, c.env, { model, isBatch: verb === "batchEmbedContents" });
      default:
        throw notFound(c.env.path);
    }
  }

  function count(c: Context<Env>, call: InferenceCall): Promise<Response> {
    return serveInference(engine, c.req.raw, c.env, { ...call, isCounting: true }, async (relay, inbound) => {
      const counted = await relay.countTokens(inbound);
      return { response: c.json(countAnswer(call.format, counted), 200, ids(c.env)) };
    });
  }

  function listed(c: Context<Env>, shape: (models: ReturnType<Engine["models"]>) => object): Response {
    const { url } = c.env;
    const isGemini = c.env.path.startsWith("/v1beta") || c.env.path.startsWith("/v1alpha");
    if (
      engine.settings().requireAuthForModels &&
      presentedKey(c.req.raw.headers, url, isGemini) === undefined
    ) {
      throw new GatewayError("invalid_api_key", "An API key is required to list models.");
    }
    const caller = identify(engine, c.req.raw, url, isGemini);
    return c.json(shape(engine.models(caller)), 200, ids(c.env));
  }

  function modelList(c: Context<Env>, models: ReturnType<Engine["models"]>): object {
    if (c.req.header("anthropic-version")) return anthropicList(models, c.env.url.searchParams);
    if (isGeminiClient(c)) return geminiList(models);
    return openaiList(models);
  }

  function oneModel(c: Context<Env>, models: ReturnType<Engine["models"]>): object {
    const id = percentDecoded(c.req.param("id") ?? "").replace(/^models\//, "");
    const model = models.find((candidate) => candidate.id === id);
    if (!model)
      throw new GatewayError(
        "model_not_found",
        `There is no model \`${id.slice(0, 256)}\` here. GET /v1/models lists them.`,
      );
    if (c.req.header("anthropic-version")) return anthropicModel(model);
    return isGeminiClient(c) ? geminiModel(model) : openaiModel(model);
  }

  function ids(bindings: PublicBindings) {
    return {
      "x-request-id": bindings.requestId,
      "x-omniroute-request-id": bindings.requestId,
      "x-omniroute-version": engine.config.version,
    };
  }

  function failure(c: Context<Env>, error: unknown): Response {
    const told = asGatewayError(error, engine.clock.now());
    if (told.code === "internal_server_error")
      engine.log.error("gateway", told.message, { cause: told.cause });
    const headers = {
      // Nobody read the body of a refused POST: closing says that nobody will.
      ...(c.req.method !== "GET" && { connection: "close" }),
      ...(told.code === "method_not_allowed" && { allow: told.param ?? "POST" }),
    };
    return errorResponse(told, formatOfPath(c.env.path), c.env.requestId, headers);
  }
}

function serveChat(engine: Engine, request: Request, bindings: PublicBindings, call: InferenceCall) {
  return serveInference(engine, request, bindings, call, (relay, inbound) => relay.chat(inbound));
}

/** Which protocol's error shape a path's callers read. */
export function formatOfPath(path: string): ClientFormat {
  if (path.startsWith("/v1beta") || path.startsWith("/v1alpha") || geminiPath(path))
    return CLIENT_FORMATS.gemini;
  if (path.startsWith("/v1/messages")) return CLIENT_FORMATS.anthropic;
  if (path.startsWith("/v1/api/")) return CLIENT_FORMATS.ollama;
  return CLIENT_FORMATS["openai-chat"];
}

function isGeminiClient(c: Context<Env>): boolean {
  if (!c.env.path.startsWith("/v1/")) return true;
  return c.req.header("x-goog-api-key") !== undefined || c.req.header("x-goog-api-client") !== undefined;
}

const POST_ONLY = /^\/v1\/(?:chat\/completions|messages(?:\/count_tokens)?|completions|api\/chat)$/;

function missing(path: string): GatewayError {
  if (POST_ONLY.test(path) || isServicePath(path.slice("/v1/".length))) return wrongMethod("POST");
  const [, , first = ""] = path.split("/");
  if (NOT_OFFERED.includes(first))
    return new GatewayError("not_offered", `\`${path.slice(0, 200)}\` is not offered by OmniRoute.`);
  return notFound(path);
}

function notFound(path: string): GatewayError {
  return new GatewayError("not_found", `There is nothing at \`${path.slice(0, 200)}\`.`);
}

function wrongMethod(allowed: string): GatewayError {
  return new GatewayError("method_not_allowed", `This address takes ${allowed} only.`, { param: allowed });
}
