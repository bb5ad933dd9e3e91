import { TargetFailure } from "../../core/errors.ts";
import type { DecodeContext, EncodeContext } from "../../core/format.ts";
import { type FinishReason, type Part, replay, type Reply } from "../../core/reply.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { CallIds } from "./call-ids.ts";
import { asksClient } from "./client-calls.ts";
import { asCompaction, asksForSummary } from "./compaction.ts";
import { failureOf } from "./failure.ts";
import { FROM_PROVIDER, objectsOf } from "./fields.ts";
import { readItem } from "./items.ts";
import { isPending, readFacts } from "./response.ts";
import { ResponsesStreamEncoder } from "./stream-encoder.ts";
import { readUsage } from "./usage.ts";
import { bagOf } from "./wire.ts";

/** Reads a provider's whole answer. Throws `TargetFailure` for an error, and for what is no answer. */
export function decodeReply(body: unknown, context: DecodeContext): Reply {
  if (!isObject(body)) throw new TargetFailure("malformed", "The provider's answer is not an object.");
  refuseFailed(body);
  const { output } = body;
  if (!Array.isArray(output)) throw new TargetFailure("malformed", "The provider's answer has no output.");
  const parts = objectsOf(output, FROM_PROVIDER).flatMap((item) => readItem(item, context));
  const ids = new CallIds();
  for (const part of parts) if (part.type === "tool-call") part.id = ids.distinct(part.id);
  const usage = readUsage(body["usage"], context.quirks);
  return {
    ...readFacts(body),
    parts,
    finish: readFinish(body, parts.some(isForClient)),
    ...(usage && { usage }),
  };
}

/** Throws when a response object says that it failed. */
export function refuseFailed(response: JsonObject): void {
  const { status, error } = response;
  if (isObject(error) || typeof error === "string") throw failureOf(error);
  if (status === "failed") throw failureOf(undefined);
  if (status === "cancelled") throw new TargetFailure("overloaded", "The provider cancelled the answer.");
}

/** Why the answer ended. An answer in the provider's queue has not ended; it is told as a pause. */
export function readFinish(response: JsonObject, callsClient: boolean): FinishReason {
  const { status, incomplete_details: details } = response;
  if (isPending(response)) return "pause";
  if (status === "incomplete")
    return isObject(details) && details["reason"] === "content_filter" ? "content-filter" : "length";
  return callsClient ? "tool-calls" : "stop";
}

/** Is it for the client to carry out? */
export function isForClient(part: Part): boolean {
  if (part.type === "tool-call") return true;
  const item = part.type === "other" ? bagOf(part)?.item : undefined;
  return item !== undefined && asksClient(item);
}

/** Writes a client's whole answer: the items of the stream, without the stream. */
export function encodeReply(reply: Reply, context: EncodeContext): JsonObject {
  const encoder = new ResponsesStreamEncoder(context);
  const parts = asksForSummary(context.request) ? asCompaction(reply.parts, context) : reply.parts;
  for (const event of replay({ ...reply, parts })) encoder.push(event);
  return encoder.response();
}
