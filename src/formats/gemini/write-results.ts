import { NO_RESULT } from "../../core/lost-calls.ts";
import type { Part } from "../../core/reply.ts";
import type { Message } from "../../core/request.ts";
import { isObject, type JsonObject, tryParseJson } from "../../lib/json.ts";
import { writeMedia } from "./parts.ts";
import { generationOf, isMadeId, type WirePart } from "./wire.ts";
import type { HistoryContext } from "./write-contents.ts";

type ToolCall = Extract<Part, { type: "tool-call" }>;
export type Result = Extract<Part, { type: "tool-result" }>;

/** Which result belongs to which call, wherever in the conversation it stands; an id used twice pairs in order. */
export function matchResults(messages: readonly Message[]): {
  resultOf: ReadonlyMap<Part, Result>;
  claimed: ReadonlySet<Part>;
} {
  const waiting = new Map<string, Result[]>();
  for (const message of messages)
    for (const part of message.parts)
      if (part.type === "tool-result") {
        const queue = waiting.get(part.id);
        if (queue) queue.push(part);
        else waiting.set(part.id, [part]);
      }
  const resultOf = new Map<Part, Result>();
  for (const message of messages)
    for (const part of message.parts) {
      const result = part.type === "tool-call" ? waiting.get(part.id)?.shift() : undefined;
      if (result) resultOf.set(part, result);
    }
  return { resultOf, claimed: new Set<Part>(resultOf.values()) };
}

/** The results of a turn's calls in their order; a call that was interrupted gets an error as its result. */
export function writeResults(
  calls: readonly ToolCall[],
  resultOf: ReadonlyMap<Part, Result>,
  context: HistoryContext,
): WirePart[] {
  const beside: WirePart[] = [];
  const responses = calls.map((call): WirePart => {
    const result = resultOf.get(call);
    const { response, files } = result ? writeOutput(result, context) : INTERRUPTED;
    const nested = files.length > 0 && takesFiles(context);
    if (!nested) beside.push(...files);
    return {
      functionResponse: {
        ...(!isMadeId(call.id) && { id: call.id }),
        name: context.toolNames.toWire(call.name, call.namespace),
        response,
        ...(nested && { parts: files }),
      },
    };
  });
  return [...responses, ...beside];
}

const INTERRUPTED: { response: JsonObject; files: WirePart[] } = {
  response: { error: NO_RESULT },
  files: [],
};

/**
 * Files stand inside a function response since Gemini 3; earlier models want them beside it.
 * https://ai.google.dev/gemini-api/docs/function-calling#multimodal
 */
const takesFiles = (context: HistoryContext): boolean => (generationOf(context.target.id) ?? 3) >= 3;

function writeOutput(result: Result, context: HistoryContext): { response: JsonObject; files: WirePart[] } {
  const texts: string[] = [];
  const files: WirePart[] = [];
  for (const piece of result.output) {
    if (piece.type === "text" || piece.type === "refusal") texts.push(piece.text);
    if (piece.type !== "media") continue;
    const file = writeMedia(piece);
    if (file) files.push(file);
    else
      context.losses.push({
        what: `${piece.kind} in a tool result`,
        why: "the file is kept at another vendor",
      });
  }
  const text = texts.join("\n");
  if (result.failed) return { response: { error: text === "" ? "The call failed." : text }, files };
  return { response: writeResponse(text), files };
}

const RESERVED = ["output", "error", "result"];

/** A JSON object goes as it is, anything else under the documented field. */
function writeResponse(text: string): JsonObject {
  const value = structured(text);
  if (!isObject(value)) return { output: value };
  const keys = Object.keys(value);
  return keys.length === 1 && RESERVED.includes(keys[0] ?? "") ? { output: value } : value;
}

/** Objects and lists in a text, parsed. Gemini takes a `$ref` in a response for a pointer to a file: text is safe. */
function structured(text: string): unknown {
  if (!/^\s*[{[]/.test(text) || text.includes("$ref")) return text;
  return tryParseJson(text) ?? text;
}
