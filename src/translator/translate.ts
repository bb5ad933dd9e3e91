import { z } from "zod";
import { badRequest, GatewayError, TargetFailure } from "../core/errors.ts";
import type { EncodedRequest, Loss, TargetModel } from "../core/format.ts";
import { NO_QUIRKS, type Quirks } from "../core/quirks.ts";
import type { ChatRequest } from "../core/request.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { parseInput } from "../core/parse-input.ts";
import { targetModel } from "../relay/index.ts";
import type { Catalogue } from "../routing/index.ts";
import { decodeBody } from "./client-call.ts";
import { detect, type Kind } from "./detect.ts";
import { type AnyFormatId, clientFormat, formatOf, providerFormat, shownName } from "./format-names.ts";
import { providerRequest } from "./provider-request.ts";
import { translateReply, translateStream } from "./translate-reply.ts";
import { type Destination, destinationOf } from "./target.ts";

export const translationInput = z.object({
  /**
   * Which stage is wanted: 1 what the body is, 2 its canonical form, 3 the target's body, 4 the whole call to the
   * provider. `direct`: the translated body.
   */
  step: z.union([z.literal("direct"), z.coerce.number().int().min(1).max(4)]).default("direct"),
  /** Documented or own name; left out or `auto`: found out from the body. */
  sourceFormat: z.string().max(100).nullish(),
  targetFormat: z.string().max(100).nullish(),
  /** Provider id or prefix, alone or as `prefix/model`: its departures from the format are followed. */
  provider: z.string().max(400).nullish(),
  /** Left out: found out from the body. */
  kind: z.enum(["request", "response", "stream"]).nullish(),
  /** A JSON object; a stream as text. */
  body: z.unknown(),
});

/** A translation and what it could not say. */
export type Translation = {
  kind: Kind;
  /** Documented names. `targetFormat` is missing where the stage has none. */
  sourceFormat: string;
  targetFormat?: string;
  result: unknown;
  losses: Loss[];
};

/**
 * Translates one body, or gives one stage of its translation; nothing is sent. Throws `GatewayError`: `bad_request`
 * for what cannot be read, `unsupported` for what must not be dropped silently, `not_found` for an unknown provider.
 */
export function translate(catalogue: Catalogue, input: unknown): Translation {
  const wish = parseInput(translationInput, input);
  const { body } = wish;
  if (body === undefined || body === null || body === "") throw badRequest("`body` is missing.", "body");
  const found = detect(body);
  const source = sourceOf(wish.sourceFormat, found?.format);
  const kind = wish.kind ?? found?.kind ?? "request";
  const told = { kind, sourceFormat: shownName(source) };
  if (wish.step === 1) return { ...told, result: { format: told.sourceFormat, kind }, losses: [] };
  try {
    return { ...told, ...stage(catalogue, { ...wish, body, source, kind }) };
  } catch (error) {
    if (error instanceof TargetFailure)
      throw new GatewayError("bad_request", error.message, { cause: error });
    throw error;
  }
}

type Wish = z.output<typeof translationInput> & { source: AnyFormatId; kind: Kind };
type Staged = Pick<Translation, "targetFormat" | "result" | "losses">;

function stage(catalogue: Catalogue, wish: Wish): Staged {
  if (wish.kind === "request") return translateRequest(catalogue, wish);
  const destination = wish.provider
    ? destinationOf(catalogue, wish.provider, undefined, wish.source)
    : undefined;
  const from = {
    format: providerFormat(wish.source, "sourceFormat"),
    quirks: destination?.service.quirks ?? NO_QUIRKS,
  };
  const read = wish.kind === "stream" ? translateStream : translateReply;
  if (wish.step === 2) return { result: read(from, undefined, wish.body), losses: [] };
  const target = formatOf(required(wish.targetFormat, "targetFormat"), "targetFormat");
  const result = read(from, clientFormat(target, "targetFormat"), wish.body);
  return { targetFormat: shownName(target), result, losses: [] };
}

function translateRequest(catalogue: Catalogue, wish: Wish): Staged {
  const body = objectOf(wish.body);
  const request = decodeBody(body, wish.source);
  if (wish.step === 2) return { result: request, losses: [] };
  const destination = wish.provider
    ? destinationOf(catalogue, wish.provider, request.model, wish.source)
    : undefined;
  if (wish.step === 4) {
    if (!destination) throw badRequest("`provider` is missing: name whom the call would go to.", "provider");
    const { losses, ...call } = providerRequest(body, wish.source, destination);
    return { targetFormat: shownName(destination.service.format), result: call, losses };
  }
  const target = wish.targetFormat
    ? formatOf(wish.targetFormat, "targetFormat")
    : (destination?.service.format ?? formatOf(required(undefined, "targetFormat"), "targetFormat"));
  const { body: result, losses } = encodeFor(request, target, destination);
  return { targetFormat: shownName(target), result, losses };
}

/** Writes a canonical request in a provider format, for a provider's model or for nobody in particular. */
export function encodeFor(
  request: ChatRequest,
  target: AnyFormatId,
  destination?: Destination,
): EncodedRequest {
  const model: TargetModel = destination
    ? targetModel(destination.target)
    : { id: bareModel(request.model), maker: `${target}/${bareModel(request.model)}` };
  const quirks = quirksFor(target, destination);
  const format = providerFormat(target, "targetFormat");
  return format.encodeRequest({ ...request, model: model.id }, model, quirks);
}

function quirksFor(target: AnyFormatId, destination: Destination | undefined): Quirks {
  return destination?.service.format === target ? (destination.service.quirks ?? NO_QUIRKS) : NO_QUIRKS;
}

function sourceOf(named: string | null | undefined, found: AnyFormatId | undefined): AnyFormatId {
  if (named && named !== "auto") return formatOf(named, "sourceFormat");
  if (found) return found;
  throw badRequest("The body looks like no format we know; name it in `sourceFormat`.", "sourceFormat");
}

function objectOf(body: unknown): JsonObject {
  if (isObject(body)) return body;
  throw badRequest("`body` must be a JSON object.", "body");
}

function required(value: string | null | undefined, field: string): string {
  if (value) return value;
  throw badRequest(`\`${field}\` is missing.`, field);
}

const bareModel = (model: string): string => model.slice(model.indexOf("/") + 1) || model;
