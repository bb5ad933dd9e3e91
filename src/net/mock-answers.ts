import { isObject, type JsonObject } from "../lib/json.ts";
import { mockArguments } from "./mock-arguments.ts";
import { numberOption } from "./mock-options.ts";
import type { MockPiece } from "./mock-wire.ts";

/** What a mock model says, piece by piece, and when. */
export type MockAnswer = {
  pieces: readonly MockPiece[];
  /** Silence in milliseconds before the piece of this index (the ending comes after the last piece). */
  waitBefore(index: number): number;
  /** Break off before the piece of this index. */
  cutAt?: number;
  /** Fail in the first event. */
  failsFirst?: boolean;
};

const NO_WAIT = () => 0;

/** A stream stays a demonstration: longer texts come in longer pieces. */
const MAX_PIECES = 200;

/** What the model `name` answers to a chat request. */
export function answerTo(name: string, options: URLSearchParams, request: JsonObject): MockAnswer {
  const pieces = said(request);
  switch (name) {
    case "think":
      return { pieces: [...thought(request), ...pieces], waitBefore: NO_WAIT };
    case "tools":
      return { pieces: toolPieces(request) ?? pieces, waitBefore: NO_WAIT };
    case "slow": {
      const first = numberOption(options, "first", 2000);
      const gap = numberOption(options, "gap", 200);
      return { pieces, waitBefore: (index) => (index === 0 ? first : index < pieces.length ? gap : 0) };
    }
    case "stall": {
      const silence = numberOption(options, "ms", 30_000);
      const at = Math.min(numberOption(options, "at", 1), pieces.length);
      return { pieces, waitBefore: (index) => (index === at ? silence : 0) };
    }
    case "cut":
      return { pieces, waitBefore: NO_WAIT, cutAt: Math.min(numberOption(options, "at", 1), pieces.length) };
    case "error-first":
      return { pieces, waitBefore: NO_WAIT, failsFirst: true };
    default:
      return { pieces, waitBefore: NO_WAIT };
  }
}

/** All text of the conversation, which is what the mock counts as input. */
export function inputText(request: JsonObject): string {
  return messagesOf(request).map(textOf).join("");
}

function said(request: JsonObject): MockPiece[] {
  const text = textOf(messagesOf(request).findLast((message) => message.role === "user") ?? {});
  return split(text === "" ? "(no text)" : text).map((piece) => ({ text: piece }));
}

function thought(request: JsonObject): MockPiece[] {
  const count = messagesOf(request).length;
  return split(
    `The conversation has ${count} ${count === 1 ? "message" : "messages"}. I will repeat the last one.`,
  ).map((reasoning) => ({ reasoning }));
}

/** A call of the first offered tool, or the answer to its result; undefined when there is neither. */
function toolPieces(request: JsonObject): MockPiece[] | undefined {
  const messages = messagesOf(request);
  const results: string[] = [];
  for (const message of messages.toReversed()) {
    if (message.role !== "tool") break;
    results.unshift(textOf(message));
  }
  if (results.length > 0) return split(`The tool answered: ${results.join("\n")}`).map((text) => ({ text }));
  const tool = request.tool_choice === "none" ? undefined : firstFunction(request);
  if (!tool) return undefined;
  const call = { id: `call_${crypto.randomUUID().replaceAll("-", "").slice(0, 24)}`, name: tool.name };
  const [head = "{}", ...rest] = chopped(JSON.stringify(mockArguments(tool.parameters)));
  return [{ call, input: head }, ...rest.map((input) => ({ input }))];
}

function firstFunction(request: JsonObject): { name: string; parameters: unknown } | undefined {
  const tools = Array.isArray(request.tools) ? (request.tools as unknown[]) : [];
  for (const tool of tools) {
    const definition = isObject(tool) && isObject(tool.function) ? tool.function : undefined;
    if (typeof definition?.name === "string")
      return { name: definition.name, parameters: definition.parameters };
  }
  return undefined;
}

function messagesOf(request: JsonObject): JsonObject[] {
  return Array.isArray(request.messages) ? (request.messages as unknown[]).filter(isObject) : [];
}

function textOf(message: JsonObject): string {
  const { content } = message;
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return (content as unknown[])
    .map((part) => (isObject(part) && typeof part.text === "string" ? part.text : ""))
    .join("");
}

/** Cuts text before its words; the pieces joined are the text. */
function split(text: string): string[] {
  const words = text.match(/\s*\S+\s*$|\s*\S+|\s+$/g) ?? [text];
  const size = Math.ceil(words.length / MAX_PIECES);
  const pieces: string[] = [];
  for (let start = 0; start < words.length; start += size)
    pieces.push(words.slice(start, start + size).join(""));
  return pieces;
}

/** Cuts text into pieces of a few characters, as models send arguments; characters stay whole. */
function chopped(text: string): string[] {
  const characters = Array.from(text);
  const size = Math.max(8, Math.ceil(characters.length / MAX_PIECES));
  const pieces: string[] = [];
  for (let start = 0; start < characters.length; start += size)
    pieces.push(characters.slice(start, start + size).join(""));
  return pieces;
}
