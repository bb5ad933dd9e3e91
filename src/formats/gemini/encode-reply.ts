import type { EncodeContext } from "../../core/format.ts";
import type { Reply, Vendor } from "../../core/reply.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { writeFinish } from "./finish.ts";
import { writeUsage } from "./usage.ts";
import { isRunnable, ReplyParts } from "./write-reply-parts.ts";

/** Writes a whole answer as `generateContent` gives it. */
export function encodeReply(reply: Reply, context: EncodeContext): { [field: string]: unknown } {
  const writer = new ReplyParts(context);
  const said = reply.parts.filter(
    (part) => part.type !== "tool-call" || reply.finish !== "length" || isRunnable(part),
  );
  const parts = [...said.flatMap((part) => writer.whole(part)), ...writer.rest()];
  return {
    ...(isRefusedPrompt(reply.vendor) && parts.length === 0
      ? {}
      : { candidates: [writeCandidate(parts, reply.finish, reply.vendor)] }),
    ...promptFeedback(reply.vendor),
    ...(reply.usage && { usageMetadata: writeUsage(reply.usage) }),
    modelVersion: context.model,
    responseId: reply.id || context.id,
  };
}

/** The candidate that ends an answer, with what Gemini said beside its content. */
export function writeCandidate(
  parts: unknown[],
  finish: Reply["finish"],
  vendor: Vendor | undefined,
): JsonObject {
  const { promptFeedback: _promptFeedback, finishReason: _finishReason, ...said } = vendor?.gemini ?? {};
  return {
    // A content without parts makes Google's SDK forget the turn.
    content: { role: "model", parts: parts.length > 0 ? parts : [{ text: "" }] },
    finishReason: writeFinish(finish, vendor),
    index: 0,
    ...said,
  };
}

/** Gemini's word on a prompt, where it gave one. */
export function promptFeedback(vendor: Vendor | undefined): { promptFeedback?: unknown } {
  const feedback = vendor?.gemini?.["promptFeedback"];
  return feedback === undefined ? {} : { promptFeedback: feedback };
}

/** A refused prompt has no candidate at all. */
export function isRefusedPrompt(vendor: Vendor | undefined): boolean {
  const { promptFeedback: feedback } = promptFeedback(vendor);
  return isObject(feedback) && feedback["blockReason"] !== undefined;
}
