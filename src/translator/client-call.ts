import type { PathFacts } from "../core/format.ts";
import type { ChatRequest } from "../core/request.ts";
import type { JsonObject } from "../lib/json.ts";
import { type AnyFormatId, clientFormat } from "./format-names.ts";

/** A client's call: what stands in its body and what in its path. */
export type ClientCall = { body: JsonObject; pathFacts?: PathFacts };

/**
 * Gemini's clients name model and streaming in the path; here all formats write them into the body, and they are
 * taken out again.
 */
export function clientCall(body: JsonObject, source: AnyFormatId): ClientCall {
  if (source !== "gemini") return { body };
  const { model, stream, ...rest } = body;
  return {
    body: rest,
    pathFacts: { model: typeof model === "string" ? model : "", stream: stream === true },
  };
}

/** A body of a client's format in canonical form. Throws `bad_request`. */
export function decodeBody(body: JsonObject, source: AnyFormatId): ChatRequest {
  const call = clientCall(body, source);
  return clientFormat(source, "sourceFormat").decodeRequest(call.body, call.pathFacts);
}
