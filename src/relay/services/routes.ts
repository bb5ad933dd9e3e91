import { badRequest } from "../../core/errors.ts";
import type { ServiceKind } from "../../core/services.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { scanObject } from "../../lib/json-scan.ts";
import type { Relay, Served } from "../index.ts";
import type { ServiceInbound } from "./inbound.ts";
import { type FormOptions, type FormSource, IncomingForm } from "./incoming-form.ts";
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
} from "./read-call.ts";

type AnyParts = { [Kind in ServiceKind]: ServiceCallParts<Kind> }[ServiceKind];
type FromBody = (body: JsonObject, now: () => number) => AnyParts;
type FromForm = (form: IncomingForm, now: () => number) => Promise<AnyParts>;
type Reading = { kind: ServiceKind; body: FromBody } | { kind: ServiceKind; form: FromForm };

/** Where each service is called, behind `/v1/` and behind `/v1/providers/{provider}/`. */
const SERVICES = {
  embeddings: { kind: "embeddings", body: embeddings },
  "images/generations": { kind: "images", body: images },
  "images/edits": { kind: "imageEdits", form: imageEdits },
  "audio/transcriptions": { kind: "transcription", form: transcription },
  "audio/speech": { kind: "speech", body: speech },
  moderations: { kind: "moderation", body: moderation },
  rerank: { kind: "rerank", body: rerank },
} as const satisfies { [path: string]: Reading };

export type ServicePath = keyof typeof SERVICES;
export const SERVICE_PATHS = Object.keys(SERVICES) as readonly ServicePath[];
export const isServicePath = (path: string): path is ServicePath => Object.hasOwn(SERVICES, path);

/** Which service a call asks for: by its path, or one of Gemini's verbs, whose path names the model. */
export type ServiceRoute = { path: ServicePath } | { model: string; isBatch: boolean };

/** Who calls, and from where. */
export type Origin = Pick<
  ServiceInbound,
  "requestId" | "path" | "headers" | "caller" | "signal" | "providerRoute"
>;

export const kindOfRoute = (route: ServiceRoute): ServiceKind =>
  "path" in route ? SERVICES[route.path].kind : "embeddings";

/** Does the body come as a form? */
export const takesForm = (route: ServiceRoute): boolean => "path" in route && "form" in SERVICES[route.path];

/** Answers a call whose body is JSON. Throws `GatewayError`. `now`: milliseconds since 1970. */
export function serveBody(
  relay: Pick<Relay, "serve">,
  route: ServiceRoute,
  bytes: Uint8Array,
  origin: Origin,
  now: () => number,
): Promise<Served> {
  const parts = readBodyOf(route, jsonObjectOf(bytes), now);
  return relay.serve({ ...parts, ...origin } as ServiceInbound);
}

function readBodyOf(route: ServiceRoute, body: JsonObject, now: () => number): AnyParts {
  if (!("path" in route)) return geminiEmbedding(body, route.model, route.isBatch);
  const reading: Reading = SERVICES[route.path];
  if ("body" in reading) return reading.body(body, now);
  throw new Error(`${route.path} takes a form.`);
}

/** Answers a call whose body is a form, while it arrives. Throws `GatewayError`. */
export async function serveForm(
  relay: Pick<Relay, "serve">,
  route: ServiceRoute,
  source: FormSource,
  origin: Origin,
  { now, ...options }: FormOptions & { now: () => number },
): Promise<Served> {
  const reading: Reading | undefined = "path" in route ? SERVICES[route.path] : undefined;
  if (!reading || !("form" in reading)) throw new Error("This service takes no form.");
  const form = new IncomingForm(source, options);
  try {
    const parts = await reading.form(form, now);
    const served = await relay.serve({ ...parts, ...origin } as ServiceInbound);
    if (served.ended) void served.ended.then(() => form.close());
    else await form.close();
    return served;
  } catch (error) {
    await form.close();
    throw error;
  }
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
