import type { Loss } from "../../core/format.ts";
import { FREE_TEXT_FIELD } from "../../core/free-text.ts";
import type { Part } from "../../core/reply.ts";
import type { ChatRequest, Message } from "../../core/request.ts";
import type { ToolNames } from "../../core/tool-names.ts";
import { isObject, tryParseJson } from "../../lib/json.ts";
import type { WireImage, WireToolResult, WireToolUse } from "./wire.ts";

/** One side's turn: everything it says in a row. */
export type Turn =
  | { role: "user"; text: string; images: WireImage[]; results: WireToolResult[] }
  | { role: "assistant"; text: string; uses: WireToolUse[] };

/**
 * The conversation as turns that alternate, beginning and ending with the user. There is no system role: its text
 * goes to the front of the first user turn.
 */
export function turnsOf(request: ChatRequest, names: ToolNames, losses: Loss[]): Turn[] {
  const system: string[] = [];
  const turns: Turn[] = [];
  for (const message of request.messages) {
    if (message.role === "system") system.push(textOf(message.parts));
    else merge(turns, turnOf(message, names, losses));
  }
  if (turns[0]?.role !== "user") turns.unshift({ role: "user", text: "", images: [], results: [] });
  const [first] = turns;
  const instructions = system.filter((text) => text !== "").join("\n\n");
  if (first && instructions !== "") first.text = joined(instructions, first.text);
  if (turns.at(-1)?.role === "assistant") turns.push({ role: "user", text: "", images: [], results: [] });
  return turns;
}

function turnOf(message: Message, names: ToolNames, losses: Loss[]): Turn {
  const text = textOf(message.parts);
  if (message.role === "assistant") {
    return { role: "assistant", text, uses: message.parts.flatMap((part) => useOf(part, names)) };
  }
  return {
    role: "user",
    text,
    images: message.parts.flatMap((part) => imageOf(part, losses)),
    results: message.parts.flatMap(resultOf),
  };
}

function merge(turns: Turn[], next: Turn): void {
  const last = turns.at(-1);
  if (last?.role === "user" && next.role === "user") {
    last.text = joined(last.text, next.text);
    last.images.push(...next.images);
    last.results.push(...next.results);
  } else if (last?.role === "assistant" && next.role === "assistant") {
    last.text = joined(last.text, next.text);
    last.uses.push(...next.uses);
  } else turns.push(next);
}

const joined = (first: string, second: string): string =>
  first === "" || second === "" ? first + second : `${first}\n\n${second}`;

/** Text and refusals; reasoning is the model's own and has no place in a history here. */
const textOf = (parts: readonly Part[]): string =>
  parts.flatMap((part) => (part.type === "text" || part.type === "refusal" ? [part.text] : [])).join("\n");

function useOf(part: Part, names: ToolNames): WireToolUse[] {
  if (part.type !== "tool-call") return [];
  const parsed = part.freeText ? undefined : tryParseJson(part.input === "" ? "{}" : part.input);
  const input = isObject(parsed) ? parsed : { [FREE_TEXT_FIELD]: part.input };
  return [{ toolUseId: part.id, name: names.toWire(part.name, part.namespace), input }];
}

function resultOf(part: Part): WireToolResult[] {
  if (part.type !== "tool-result") return [];
  const text = textOf(part.output);
  return [
    {
      toolUseId: part.id,
      status: part.failed ? "error" : "success",
      // An empty text is refused.
      content: [{ text: text === "" ? "(no output)" : text }],
    },
  ];
}

const FORMATS: Readonly<{ [mediaType: string]: string }> = {
  "image/png": "png",
  "image/jpeg": "jpeg",
  "image/gif": "gif",
  "image/webp": "webp",
};

function imageOf(part: Part, losses: Loss[]): WireImage[] {
  const inside = part.type === "tool-result" ? part.output : [part];
  return inside.flatMap((piece) => {
    if (piece.type !== "media") return [];
    const format = FORMATS[piece.mediaType];
    if (piece.data !== undefined && !piece.plain && format !== undefined)
      return [{ format, source: { bytes: piece.data } }];
    losses.push({ what: `${piece.kind} input`, why: "Kiro takes pictures given as data only" });
    return [];
  });
}
