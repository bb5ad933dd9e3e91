import { badRequest } from "../../core/errors.ts";
import type { Part, Proof } from "../../core/reply.ts";
import type { Message } from "../../core/request.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { readMedia } from "./media.ts";
import { entryEnd, extraContentProof, readEntries, TEXT_OWNER, thoughtsInOrder } from "./proofs.ts";
import { objectsOf, otherFields, textOf } from "./wire.ts";

/** Reads the conversation. Throws `GatewayError` naming the field that cannot be read. */
export function decodeMessages(value: unknown): Message[] {
  if (!Array.isArray(value) || value.length === 0)
    throw badRequest("`messages` must be a list with at least one message.", "messages");
  const messages: Message[] = [];
  let legacyCall: string | undefined;
  for (const [index, message] of (value as unknown[]).entries()) {
    const at = `messages[${index}]`;
    if (!isObject(message)) throw badRequest(`\`${at}\` must be an object.`, at);
    switch (message["role"]) {
      case "system":
      case "developer":
        messages.push(readSystem(message, at));
        break;
      case "user":
        addUser(messages, readUser(message, at));
        break;
      case "assistant": {
        legacyCall = isObject(message["function_call"]) ? `call_function_${index}` : undefined;
        messages.push(readAssistant(message, at, legacyCall));
        break;
      }
      case "tool":
        addResult(messages, readResult(message, textOf(message["tool_call_id"]), at));
        break;
      case "function":
        addResult(messages, readResult(message, legacyCall ?? "", at));
        break;
      default:
        throw badRequest(
          `\`${at}.role\` must be system, developer, user, assistant, tool or function.`,
          `${at}.role`,
        );
    }
  }
  return messages;
}

const COMMON_FIELDS = new Set(["role", "content", "name"]);

function readSystem(message: JsonObject, at: string): Message {
  return {
    role: "system",
    parts: readContent(message["content"], `${at}.content`),
    ...(message["role"] === "developer" && { developer: true }),
    ...speaker(message),
    ...otherFields(message, COMMON_FIELDS),
  };
}

function readUser(message: JsonObject, at: string): Message {
  return {
    role: "user",
    parts: readContent(message["content"], `${at}.content`),
    ...speaker(message),
    ...otherFields(message, COMMON_FIELDS),
  };
}

/** Tool results open the turn of the user whose words follow them. */
function addUser(messages: Message[], user: Message): void {
  const results = openResults(messages);
  if (results) messages[messages.length - 1] = { ...user, parts: [...results.parts, ...user.parts] };
  else messages.push(user);
}

function addResult(messages: Message[], result: Part): void {
  const results = openResults(messages);
  if (results) results.parts.push(result);
  else messages.push({ role: "user", parts: [result] });
}

/** The turn that so far holds nothing but tool results. */
function openResults(messages: readonly Message[]): Message | undefined {
  const last = messages.at(-1);
  const isOpen =
    last?.role === "user" && last.parts.length > 0 && !last.parts.some((part) => part.type !== "tool-result");
  return isOpen ? last : undefined;
}

const RESULT_FIELDS = new Set(["role", "content", "tool_call_id"]);

function readResult(message: JsonObject, id: string, at: string): Part {
  if (message["role"] === "tool" && id === "")
    throw badRequest(`\`${at}.tool_call_id\` is missing.`, `${at}.tool_call_id`);
  const name = textOf(message["name"]);
  return {
    type: "tool-result",
    id,
    ...(name !== "" && { name }),
    output: readContent(message["content"], `${at}.content`),
    // The name is LangChain's addition; it goes back only to where such additions go.
    ...otherFields(message, RESULT_FIELDS),
  };
}

const ASSISTANT_FIELDS = new Set([
  ...COMMON_FIELDS,
  ..."reasoning_content reasoning reasoning_text reasoning_details refusal tool_calls function_call images".split(
    " ",
  ),
  // Our own additions and OpenAI's answers come back with these; no provider reads them.
  ..."annotations finish_reason".split(" "),
]);

function readAssistant(message: JsonObject, at: string, legacyCall: string | undefined): Message {
  const proofs = new Map<string, Proof>();
  const parts: Part[] = readThoughts(message, proofs);
  const content = readContent(message["content"], `${at}.content`);
  const textProof = proofs.get(TEXT_OWNER);
  const lastText = content.findLast((part) => part.type === "text");
  if (textProof && lastText) lastText.proof = textProof;
  parts.push(...content);
  const refusal = textOf(message["refusal"]);
  if (refusal !== "") parts.push({ type: "refusal", text: refusal });
  for (const image of objectsOf(message["images"])) {
    const media = readMedia({ ...image, type: "image_url" });
    if (media) parts.push(media);
  }
  parts.push(...readCalls(message["tool_calls"], `${at}.tool_calls`, proofs));
  if (legacyCall !== undefined && isObject(message["function_call"])) {
    const { name, arguments: input } = message["function_call"];
    parts.push({ type: "tool-call", id: legacyCall, name: textOf(name), input: textOf(input) });
  }
  return { role: "assistant", parts, ...speaker(message), ...otherFields(message, ASSISTANT_FIELDS) };
}

/** The reasoning that a client gives back, with the proofs that we or OpenRouter put beside it. */
function readThoughts(message: JsonObject, proofs: Map<string, Proof>): Part[] {
  const plain =
    textOf(message["reasoning_content"]) || textOf(message["reasoning"]) || textOf(message["reasoning_text"]);
  const entries = readEntries(message["reasoning_details"]);
  return thoughtsInOrder(plain, entries).flatMap((thought): Part[] => {
    if (typeof thought === "string") return [{ type: "reasoning", text: thought }];
    const { text, summary, encrypted, owner, rest } = thought;
    const end = entryEnd(rest, "");
    if (end.proof && owner !== undefined) {
      proofs.set(owner, end.proof);
      return [];
    }
    if (text === "" && !end.proof) return [];
    // What we sealed remembers whether the reasoning was withheld; at OpenRouter such entries are.
    const redacted = encrypted && (end.proof?.redacted ?? end.proof?.format === "openai-chat");
    return [{ type: "reasoning", text, ...(summary && { summary }), ...(redacted && { redacted }), ...end }];
  });
}

function readCalls(value: unknown, at: string, proofs: ReadonlyMap<string, Proof>): Part[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw badRequest(`\`${at}\` must be a list.`, at);
  return value.map((entry: unknown, index): Part => {
    const call = isObject(entry) ? (entry["function"] ?? entry["custom"]) : undefined;
    if (!isObject(entry) || !isObject(call) || typeof call["name"] !== "string")
      throw badRequest(`\`${at}[${index}]\` must name the function that was called.`, `${at}[${index}]`);
    const custom = isObject(entry["custom"]) && entry["function"] === undefined;
    const input = call["arguments"] ?? call["input"];
    const proof = proofs.get(textOf(entry["id"])) ?? extraContentProof(entry["extra_content"], "");
    return {
      type: "tool-call",
      id: textOf(entry["id"]),
      name: call["name"],
      input: isObject(input) ? JSON.stringify(input) : textOf(input),
      ...(custom && { freeText: true }),
      ...(proof && { proof }),
      ...otherFields(entry, CALL_FIELDS),
    };
  });
}

const CALL_FIELDS = new Set(["id", "type", "index", "function", "custom", "extra_content"]);

/** Content is a string, null, or a list of parts. */
function readContent(content: unknown, at: string): Part[] {
  if (content === undefined || content === null || content === "") return [];
  if (typeof content === "string") return [{ type: "text", text: content }];
  if (!Array.isArray(content)) throw badRequest(`\`${at}\` must be a string or a list of parts.`, at);
  return content.map((part: unknown, index) => readPart(part, `${at}[${index}]`));
}

function readPart(part: unknown, at: string): Part {
  if (typeof part === "string") return { type: "text", text: part };
  if (!isObject(part) || typeof part["type"] !== "string")
    throw badRequest(`\`${at}.type\` is missing.`, `${at}.type`);
  switch (part["type"]) {
    case "text":
      if (typeof part["text"] !== "string")
        throw badRequest(`\`${at}.text\` must be a string.`, `${at}.text`);
      return { type: "text", text: part["text"], ...otherFields(part, new Set(["type", "text"])) };
    case "refusal":
      return { type: "refusal", text: textOf(part["refusal"]) };
    case "thinking": {
      const text =
        typeof part["thinking"] === "string"
          ? [part["thinking"]]
          : objectsOf(part["thinking"]).map((inner) => textOf(inner["text"]));
      return { type: "reasoning", text: text.join("") };
    }
    case "image_url":
    case "video_url":
    case "input_audio":
    case "file": {
      const media = readMedia(part);
      if (!media)
        throw badRequest(`\`${at}.${part["type"]}\` holds no data and no address.`, `${at}.${part["type"]}`);
      return media;
    }
    default:
      return { type: "other", ...otherFields(part, new Set()) };
  }
}

const speaker = (message: JsonObject): { name?: string } => {
  const name = textOf(message["name"]);
  return name === "" ? {} : { name };
};
