import { badRequest } from "../core/errors.ts";
import type { ServiceKind } from "../core/services.ts";
import type { Engine } from "../engine.ts";
import { CLIENT_FORMATS } from "../formats/index.ts";
import type { PublicBindings } from "../http/bindings.ts";
import { readBody } from "../http/body.ts";
import { type JsonObject, isObject } from "../lib/json.ts";
import { scanObject } from "../lib/json-scan.ts";
import type { Served, ServiceInbound } from "../relay/index.ts";
import { IncomingForm } from "./incoming-form.ts";
import { type InferenceCall, onlyOnce, serveAdmitted } from "./inference.ts";
import {
  embeddings,
  geminiEmbedding,
  imageEdits,
  images,
  moderation,
  rerank,
  type ServiceCallParts,
  speech,
  transcription,
} from "./service-calls.ts";

type FromBody = (body: JsonObject, now: () => number) => ServiceCallParts<never> | AnyParts;
type FromForm = (form: IncomingForm, now: () => number) => Promise<AnyParts>;
type AnyParts = { [Kind in ServiceKind]: ServiceCallParts<Kind> }[ServiceKind];

/** Where each service is called, behind `/v1/` and behind `/v1/providers/{provider}/`. */
const SERVICES: Readonly<{ [path: string]: { body: FromBody } | { form: FromForm } }> = {
  embeddings: { body: embeddings },
  "images/generations": { body: images },
  "images/edits": { form: imageEdits },
  "audio/transcriptions": { form: transcription },
  "audio/speech": { body: speech },
  moderations: { body: moderation },
  rerank: { body: rerank },
};

export const SERVICE_PATHS: readonly string[] = Object.keys(SERVICES);

export type ServicePath = { path: string; providerRoute?: string };

/** Answers a call to one of the `SERVICE_PATHS`; any failure comes back in OpenAI's shape. */
export function serveServicePath(
  engine: Engine,
  request: Request,
  bindings: PublicBindings,
  { path, providerRoute }: ServicePath,
): Promise<Response> {
  const service = SERVICES[path];
  if (!service) throw new Error(`There is no service at ${path}.`);
  const call: InferenceCall = {
    format: CLIENT_FORMATS["openai-chat"],
    ...(providerRoute !== undefined && { providerRoute }),
  };
  return "body" in service
    ? serveBody(engine, request, bindings, call, (body) => service.body(body, engine.clock.now) as AnyParts)
    : serveForm(engine, request, bindings, call, service.form);
}

/** `:embedContent` and `:batchEmbedContents`; failures come back in Google's shape. */
export function serveGeminiEmbedding(
  engine: Engine,
  request: Request,
  bindings: PublicBindings,
  model: string,
  isBatch: boolean,
): Promise<Response> {
  const call: InferenceCall = { format: CLIENT_FORMATS.gemini, isGemini: true };
  return serveBody(engine, request, bindings, call, (body) => geminiEmbedding(body, model, isBatch));
}

function serveBody(
  engine: Engine,
  request: Request,
  bindings: PublicBindings,
  call: InferenceCall,
  read: (body: JsonObject) => AnyParts,
): Promise<Response> {
  return serveAdmitted(engine, request, bindings, call, async (caller, bodyIsIn) => {
    const bytes = await readBody(request, engine.config.maxBodyBytes);
    bodyIsIn();
    const parts = read(jsonObjectOf(bytes));
    const asked = { body: bytes, headers: request.headers, caller, format: { id: parts.kind } };
    return onlyOnce(engine, asked, bindings, () =>
      serveParts(engine, parts, { request, bindings, call, caller }),
    );
  });
}

function serveForm(
  engine: Engine,
  request: Request,
  bindings: PublicBindings,
  call: InferenceCall,
  read: FromForm,
): Promise<Response> {
  return serveAdmitted(engine, request, bindings, call, async (caller, bodyIsIn) => {
    const form = new IncomingForm(request, {
      limit: engine.config.maxBodyBytes,
      directory: engine.config.dataDir,
      onReceived: bodyIsIn,
    });
    try {
      const parts = await read(form, engine.clock.now);
      const served = await serveParts(engine, parts, { request, bindings, call, caller });
      if (served.ended) void served.ended.then(() => form.close());
      else await form.close();
      return served;
    } catch (error) {
      await form.close();
      throw error;
    }
  });
}

type Origin = {
  request: Request;
  bindings: PublicBindings;
  call: InferenceCall;
  caller: ServiceInbound["caller"];
};

function serveParts(engine: Engine, parts: AnyParts, origin: Origin): Promise<Served> {
  const { request, bindings, call, caller } = origin;
  const inbound = {
    ...parts,
    requestId: bindings.requestId,
    path: bindings.url.pathname,
    headers: request.headers,
    caller,
    signal: request.signal,
    ...(call.providerRoute !== undefined && { providerRoute: call.providerRoute }),
  };
  return engine.relay.serve(inbound as ServiceInbound);
}

/** Parses a body whatever its content type says. Throws `bad_request`. */
function jsonObjectOf(bytes: Uint8Array): JsonObject {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length === 0) throw badRequest("The request body is empty: send a JSON object.");
  if (!scanObject(buffer))
    throw badRequest("The request body is not a valid JSON object (or nested deeper than 512 levels).");
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(buffer));
  } catch {
    throw badRequest("The request body is not valid JSON in UTF-8.");
  }
  if (!isObject(parsed)) throw badRequest("The request body must be a JSON object.");
  return parsed;
}
