import { TargetFailure } from "../../core/errors.ts";
import type { DecodeContext, EncodeContext } from "../../core/format.ts";
import type { Part, Reply } from "../../core/reply.ts";
import { isObject, tryParseJson } from "../../lib/json.ts";
import { wrapFreeText } from "../../core/free-text.ts";
import { readAnswerBlock } from "./answer-blocks.ts";
import { failureOf } from "./failures.ts";
import { foundPages } from "./found-pages.ts";
import { proofBlock, thoughtBlock } from "./proof-blocks.ts";
import { readUsage, writeUsage } from "./usage.ts";
import { otherFields, ownFields, readStopReason, wholeObject, writeStopReason, type Fields } from "./wire.ts";

/** Reads a provider's whole answer. Throws `TargetFailure` for an error object and for what is no answer. */
export function decodeReply(body: unknown, context: DecodeContext): Reply {
  if (isObject(body) && (body["type"] === "error" || isObject(body["error"]))) throw failureOf(body);
  if (!isObject(body) || !Array.isArray(body["content"]))
    throw new TargetFailure("malformed", "The provider's answer is no Anthropic message.");
  const parts = body["content"].filter(isObject).map((block) => readAnswerBlock(block, context));
  const usage = isObject(body["usage"]) ? readUsage(body["usage"]) : undefined;
  const said = typeof body["stop_reason"] === "string" ? readStopReason(body["stop_reason"]) : "stop";
  const hasCalls = parts.some((part) => part.type === "tool-call");
  const vendor = otherFields(body, MESSAGE);
  return {
    id: typeof body["id"] === "string" ? body["id"] : "",
    model: typeof body["model"] === "string" ? body["model"] : "",
    parts,
    finish: hasCalls && (said === "stop" || said === "pause") ? "tool-calls" : said,
    ...(typeof body["stop_sequence"] === "string" && { stopSequence: body["stop_sequence"] }),
    ...(usage && { usage }),
    ...(Object.keys(vendor).length > 0 && { vendor: { anthropic: vendor } }),
  };
}

/** Fields with a place in `Reply`. The stop reason and the usage also stay as they were said. */
const MESSAGE = new Set(["id", "type", "role", "model", "content", "stop_sequence"]);

/** Writes a client's whole answer. */
export function encodeReply(reply: Reply, context: EncodeContext): Fields {
  const own = ownFields(reply);
  const pieces = reply.parts.map((part) => writeAnswerPart(part, reply, context));
  // As in streams, a proof behind the last thing said is left out.
  const last = pieces.findLastIndex(({ blocks }) => blocks.length > 0);
  const content = pieces.flatMap(({ before, blocks, after }, index) => [
    ...before,
    ...blocks,
    ...(index < last ? after : []),
  ]);
  const stopSequence = reply.stopSequence;
  return {
    id: messageId(reply.id, context),
    type: "message",
    role: "assistant",
    model: context.model,
    content,
    stop_reason: stopReason(reply, content, own["stop_reason"]),
    stop_sequence: stopSequence ?? null,
    ...otherFields(own, WRITTEN_APART),
    usage: writeUsage(reply.usage ?? { input: context.estimatedInput ?? 0, output: 0 }, own["usage"]),
  };
}

const WRITTEN_APART = new Set([...MESSAGE, "stop_reason", "usage"]);

/** Ids of this protocol begin with `msg_`. */
export function messageId(id: string, context: EncodeContext): string {
  if (id.startsWith("msg_")) return id;
  return context.id.startsWith("msg_") ? context.id : `msg_${context.id.replace(/[^A-Za-z0-9]/g, "")}`;
}

function stopReason(reply: Reply, content: readonly Fields[], own: unknown): string {
  const refused = reply.parts.some((part) => part.type === "refusal");
  const calls = content.some((block) => block["type"] === "tool_use");
  return finalStopReason(reply, { refused, calls }, own);
}

/**
 * The stop reason of an answer. Agents stop working when a turn with calls does not end with `tool_use`, and run
 * nothing when there is no call.
 */
export function finalStopReason(
  end: Pick<Reply, "finish" | "stopSequence">,
  { refused, calls }: { refused: boolean; calls: boolean },
  own: unknown,
): string {
  if (calls && end.finish !== "length" && end.finish !== "content-filter") return "tool_use";
  if (refused) return "refusal";
  if (!calls && end.finish === "tool-calls") return "end_turn";
  return writeStopReason(end.finish, own, end.stopSequence);
}

/** A part's blocks, and what carries its proof around them. */
function writeAnswerPart(part: Part, reply: Reply, context: EncodeContext) {
  const carrier = part.type === "reasoning" ? undefined : proofBlock(part, context);
  const isCall = part.type === "tool-call";
  return {
    before: carrier && isCall ? [carrier.before] : [],
    blocks: [...writeContent(part, reply, context), ...foundPages(part, context, reply.parts.indexOf(part))],
    after: carrier && !isCall ? [carrier.after] : [],
  };
}

function writeContent(part: Part, reply: Reply, context: EncodeContext): Fields[] {
  const whole = wholeObject(part);
  if (whole) return [whole];
  switch (part.type) {
    case "text":
    case "refusal":
      return part.text === "" ? [] : [{ type: "text", text: part.text, ...ownFields(part) }];
    case "reasoning": {
      const block = thoughtBlock(part, context);
      return block ? [block] : [];
    }
    case "tool-call": {
      const input = tryParseJson(part.freeText ? wrapFreeText(part.input) : part.input || "{}");
      // Arguments that the output limit cut off are no call that anybody could run.
      if (!isObject(input) && reply.finish === "length") return [];
      return [
        {
          type: "tool_use",
          id: part.id,
          name: part.name,
          input: isObject(input) ? input : { _raw: part.input },
          ...ownFields(part),
        },
      ];
    }
    case "media":
      return [{ type: "text", text: mediaNote(part) }];
    case "tool-result":
    case "other":
      return [];
  }
}

/** This protocol has no place for pictures in answers; base64 as text would be ruinous. */
export function mediaNote(part: Extract<Part, { type: "media" }>): string {
  if (part.url !== undefined) return `[${part.kind}](${part.url})`;
  return `[The model produced ${part.mediaType || "data"} (${part.kind}), which this protocol cannot carry.]`;
}
