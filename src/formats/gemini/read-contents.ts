import { badRequest } from "../../core/errors.ts";
import type { Part } from "../../core/reply.ts";
import type { Message } from "../../core/request.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { CallBook } from "./call-book.ts";
import { readOtherPart } from "./parts.ts";
import { camelKeys, isCarried, listOf, lookUp, objectAt, readSignature } from "./wire.ts";

/** Reads a system instruction: a content, or plain text. */
export function readSystem(value: unknown): Message[] {
  if (typeof value === "string") return value === "" ? [] : [systemMessage([{ type: "text", text: value }])];
  const content = objectAt(value, "systemInstruction");
  if (!content) return [];
  const parts = listOf(content["parts"]).flatMap((part, index): Part[] => {
    const text = objectAt(part, `systemInstruction.parts[${index}]`)?.["text"];
    return typeof text === "string" && text !== "" ? [{ type: "text", text }] : [];
  });
  return parts.length > 0 ? [systemMessage(parts)] : [];
}

const systemMessage = (parts: Part[]): Message => ({ role: "system", parts });

/**
 * Reads the conversation. Contents of one speaker that follow each other are one turn: SDKs keep every chunk of a
 * stream as a content of its own. Throws `bad_request` naming the content or part at fault.
 */
export function readContents(value: unknown): Message[] {
  const contents = listOf(value);
  if (contents.length === 0) throw badRequest("contents is missing: give at least one content.", "contents");
  const messages: Message[] = [];
  const book = new CallBook();
  for (const [index, content] of contents.entries()) {
    const field = `contents[${index}]`;
    const { role, parts } = objectAt(content, field) ?? {};
    const speaker = readRole(role, `${field}.role`);
    if (speaker === "assistant" && messages.at(-1)?.role !== "assistant") book.nextTurn();
    const turn = turnOf(messages, speaker);
    const before = turn.parts.length;
    const wire = listOf(parts).map((part, at) => checkedPart(part, `${field}.parts[${at}]`));
    for (const [at, part] of wire.entries()) addPart(turn, part, book, `${field}.parts[${at}]`);
    joinChunks(turn, before);
    if (turn.parts.length === 0) leaveEmpty(messages, turn, wire);
  }
  return messages;
}

const ROLES: { [role: string]: "user" | "assistant" } = {
  user: "user",
  function: "user",
  tool: "user",
  model: "assistant",
};

function readRole(role: unknown, field: string): "user" | "assistant" {
  const word = role === undefined || role === "" ? "user" : role;
  const speaker = typeof word === "string" ? lookUp(ROLES, word) : undefined;
  if (!speaker) throw badRequest(`${field} must be "user" or "model".`, field);
  return speaker;
}

function turnOf(messages: Message[], role: "user" | "assistant"): Message {
  const last = messages.at(-1);
  if (last?.role === role) return last;
  const turn: Message = { role, parts: [] };
  messages.push(turn);
  return turn;
}

/** An empty user turn stays, since the request may consist of nothing else; an empty model turn says nothing. */
function leaveEmpty(messages: Message[], turn: Message, wire: JsonObject[]): void {
  if (turn.role === "user" && wire.length > 0) turn.parts.push({ type: "text", text: "" });
  else messages.pop();
}

/** A model's text or thought that goes on in the next content was cut by streaming. */
function joinChunks(turn: Message, seam: number): void {
  const before = turn.parts[seam - 1];
  const after = turn.parts[seam];
  if (turn.role !== "assistant" || before?.type !== after?.type || before?.proof) return;
  if ((before?.type !== "text" && before?.type !== "reasoning") || !after || !("text" in after)) return;
  turn.parts.splice(seam - 1, 2, { ...after, text: before.text + after.text });
}

function checkedPart(part: unknown, field: string): JsonObject {
  if (!isObject(part)) throw badRequest(`${field} must be an object.`, field);
  return camelKeys(part);
}

function addPart(turn: Message, part: JsonObject, book: CallBook, field: string): void {
  const { thoughtSignature, ...rest } = part;
  if (rest["functionResponse"] !== undefined) return addResult(turn, rest["functionResponse"], book, field);
  const proof = readSignature(thoughtSignature);
  if (isThought(rest)) {
    addReasoning(turn, typeof rest["text"] === "string" ? rest["text"] : "", proof);
  } else if (proof && isCarried(proof)) {
    addReasoning(turn, "", proof);
    addContent(turn, rest, undefined, book, field);
  } else {
    addContent(turn, rest, proof, book, field);
  }
}

/** Thoughts are text; a thought that holds something else (a draft of a picture) is that something. */
const isThought = (part: JsonObject): boolean =>
  part["thought"] === true && Object.keys(part).every((key) => key === "thought" || key === "text");

function addContent(
  turn: Message,
  part: JsonObject,
  proof: Part["proof"],
  book: CallBook,
  field: string,
): void {
  const { text, functionCall, ...rest } = part;
  const extra = Object.keys(rest).length > 0 ? { vendor: { gemini: rest } } : {};
  if (functionCall !== undefined) {
    const call = readCall(functionCall, book, `${field}.functionCall`);
    turn.parts.push({ ...call, ...extra, ...(proof && { proof }) });
  } else if (text === undefined) {
    if (proof && Object.keys(part).length === 0) addReasoning(turn, "", proof);
    else if (Object.keys(part).length > 0)
      turn.parts.push({ ...readOtherPart(part), ...(proof && { proof }) });
  } else if (typeof text !== "string") {
    throw badRequest(`${field}.text must be a string.`, `${field}.text`);
  } else if (text !== "") {
    turn.parts.push({ type: "text", text, ...extra, ...(proof && { proof }) });
  } else if (proof && !signLast(turn, "text", proof)) {
    addReasoning(turn, "", proof);
  }
}

function addReasoning(turn: Message, text: string, proof: Part["proof"]): void {
  if (text === "" && (!proof || signLast(turn, "reasoning", proof))) return;
  turn.parts.push({
    type: "reasoning",
    text,
    ...(text !== "" && { summary: true }),
    ...(text === "" && (proof?.redacted || proof?.format === "gemini") && { redacted: true }),
    ...(proof && { proof }),
  });
}

/** Puts a signature that came alone on the part it follows. */
function signLast(turn: Message, type: "text" | "reasoning", proof: NonNullable<Part["proof"]>): boolean {
  const last = turn.parts.at(-1);
  if (last?.type !== type || last.proof || (last.type === "reasoning" && proof.redacted)) return false;
  last.proof = proof;
  return true;
}

function readCall(value: unknown, book: CallBook, field: string): Part {
  const call = objectAt(value, field) ?? {};
  const name = call["name"];
  if (typeof name !== "string" || name === "") throw badRequest(`${field}.name is missing.`, `${field}.name`);
  const args = objectField(call["args"], `${field}.args`);
  const input = JSON.stringify(args);
  return { type: "tool-call", id: book.enter(name, input, idOf(call)), name, input };
}

function objectField(value: unknown, field: string): JsonObject {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw badRequest(`${field} must be an object.`, field);
  return value;
}

const idOf = (call: JsonObject): string | undefined =>
  typeof call["id"] === "string" && call["id"] !== "" ? call["id"] : undefined;

/** Results stand before anything else in a turn, whatever order the client gave them. */
function addResult(turn: Message, value: unknown, book: CallBook, field: string): void {
  const place = `${field}.functionResponse`;
  const response = objectAt(value, place) ?? {};
  const name = typeof response["name"] === "string" && response["name"] !== "" ? response["name"] : undefined;
  const call = book.settle(name, idOf(response));
  if (call.name === undefined) throw badRequest(`${place}.name is missing.`, `${place}.name`);
  const { text, failed } = readOutput(response["response"]);
  const files = listOf(response["parts"]).map((part, at) =>
    readOtherPart(checkedPart(part, `${place}.parts[${at}]`)),
  );
  const results = turn.parts.findIndex((part) => part.type !== "tool-result");
  turn.parts.splice(results < 0 ? turn.parts.length : results, 0, {
    type: "tool-result",
    id: call.id,
    name: call.name,
    output: [...(text === "" ? [] : [{ type: "text" as const, text }]), ...files],
    ...(failed && { failed }),
  });
}

/**
 * What a function said. `output` and `error` are the documented fields of a response, `result` is what Google's
 * SDKs write; an object without them is the output itself.
 */
function readOutput(response: unknown): { text: string; failed?: boolean } {
  if (response === undefined || response === null) return { text: "" };
  if (!isObject(response)) return { text: textOf(response) };
  const keys = Object.keys(response);
  const only = keys.length === 1 ? keys[0] : undefined;
  if (only === "error") return { text: textOf(response["error"]), failed: true };
  if (only === "output" || only === "result") return { text: textOf(response[only]) };
  return { text: JSON.stringify(response) };
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
