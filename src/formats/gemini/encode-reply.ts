import type { EncodeContext } from "../../core/format.ts";
import type { Reply, Source, Vendor } from "../../core/reply.ts";
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
      : { candidates: [writeCandidate(parts, reply.finish, reply.vendor, pagesOf(reply))] }),
    ...promptFeedback(reply.vendor),
    ...(reply.usage && { usageMetadata: writeUsage(reply.usage) }),
    modelVersion: context.model,
    responseId: reply.id || context.id,
  };
}

const pagesOf = (reply: Reply): Source[] =>
  reply.parts.flatMap((part) => (part.type === "text" ? (part.sources ?? []) : []));

/** The candidate that ends an answer, with what Gemini said beside its content, or the pages another vendor named. */
export function writeCandidate(
  parts: unknown[],
  finish: Reply["finish"],
  vendor: Vendor | undefined,
  pages: readonly Source[],
): JsonObject {
  const { promptFeedback: _promptFeedback, finishReason: _finishReason, ...said } = vendor?.gemini ?? {};
  return {
    // A content without parts makes Google's SDK forget the turn.
    content: { role: "model", parts: parts.length > 0 ? parts : [{ text: "" }] },
    finishReason: writeFinish(finish, vendor),
    index: 0,
    ...(pages.length > 0 && {
      groundingMetadata: {
        groundingChunks: pages.map(({ url, title }) => ({ web: { uri: url, title: title ?? url } })),
      },
    }),
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
