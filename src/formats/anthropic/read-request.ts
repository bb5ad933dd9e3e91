import { badRequest, GatewayError } from "../../core/errors.ts";
import type { ChatRequest, Message, OutputShape, ToolChoice } from "../../core/request.ts";
import type { Part } from "../../core/reply.ts";
import { isObject } from "../../lib/json.ts";
import { readContent } from "./read-blocks.ts";
import { readTools } from "./read-tools.ts";
import { readReasoning } from "./thinking.ts";
import {
  at,
  optionalBoolean,
  optionalList,
  optionalNumber,
  optionalObject,
  otherFields,
  requiredObject,
  requiredString,
  wrongField,
  type Fields,
} from "./wire.ts";

/** Reads a client's Messages body. Throws `bad_request` naming the field. */
export function decodeRequest(body: Fields): ChatRequest {
  const maxOutputTokens = optionalNumber(body, "max_tokens");
  if (maxOutputTokens === undefined) throw wrongField(undefined, "max_tokens", "a number");
  if (!Number.isInteger(maxOutputTokens) || maxOutputTokens < 0)
    throw badRequest("max_tokens: Input should be a whole number, 0 or more", "max_tokens");
  return { ...decodeCountRequest(body), maxOutputTokens };
}

/** Reads the body of `count_tokens`: a request without a limit for its answer. */
export function decodeCountRequest(body: Fields): ChatRequest {
  const model = requiredString(body, "model", "");
  const tools = readTools(optionalList(body, "tools"));
  const choice = optionalObject(body, "tool_choice");
  const system = readSystem(body["system"]);
  const reasoning = readReasoning(optionalObject(body, "thinking"), optionalObject(body, "output_config"));
  const output = readOutputShape(body);
  const stop = readStopSequences(optionalList(body, "stop_sequences"));
  return {
    model,
    stream: optionalBoolean(body, "stream") ?? false,
    includeUsage: true,
    messages: [...system.messages, ...readMessages(body["messages"])],
    ...(tools && { tools }),
    ...(choice && readToolChoice(choice)),
    ...(reasoning && { reasoning }),
    ...(output && { output }),
    ...(stop && { stop }),
    ...present("temperature", optionalNumber(body, "temperature")),
    ...present("topP", optionalNumber(body, "top_p")),
    ...present("topK", optionalNumber(body, "top_k")),
    ...present("serviceTier", readText(body["service_tier"])),
    ...present("user", readText(optionalObject(body, "metadata")?.["user_id"])),
    vendor: {
      anthropic: {
        ...otherFields(body, SAID),
        ...(system.billing.length > 0 && { [BILLING]: system.billing }),
      },
    },
  };
}

/**
 * Refuses a conversation that the server should continue from its own memory: only the connection that holds it
 * could. The SDK understands this answer and sends whole histories from then on. To be asked before a request is
 * translated, or sent anywhere else than unchanged to its connection.
 */
export function refuseThread(request: ChatRequest): void {
  if (request.vendor?.anthropic?.["thread"] === undefined) return;
  throw new GatewayError("bad_request", "thread: not supported here. Send the whole conversation instead.", {
    param: "thread",
    extra: { details: { error_code: "thread_unsupported_request", unsupported: ["thread"] } },
  });
}

/** Where the billing lines of Claude Code lie in a request's vendor bag; no field of the wire. */
export const BILLING = "system:billing";

/** Fields that have a place in `ChatRequest`. `thinking` and `output_config` also stay as they were said. */
const SAID = new Set([
  "model",
  "max_tokens",
  "messages",
  "system",
  "tools",
  "tool_choice",
  "stream",
  "stop_sequences",
  "temperature",
  "top_p",
  "top_k",
  "service_tier",
]);

const present = <K extends keyof ChatRequest>(
  field: K,
  value: ChatRequest[K] | undefined,
): Partial<ChatRequest> => (value === undefined ? {} : { [field]: value });

const readText = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/**
 * Claude Code begins its system prompt with a line about itself that changes with every conversation. Other vendors'
 * prompt caches would never hit because of it, so it is kept apart.
 */
function readSystem(value: unknown): { messages: Message[]; billing: unknown[] } {
  if (value === undefined || value === null) return { messages: [], billing: [] };
  const blocks = Array.isArray(value) ? value : [];
  const billing = blocks.filter(isBillingBlock);
  const parts = readContent(
    Array.isArray(value) ? blocks.filter((block) => !isBillingBlock(block)) : value,
    "system",
  );
  return { messages: parts.length > 0 ? [{ role: "system", parts }] : [], billing };
}

const isBillingBlock = (block: unknown): boolean =>
  isObject(block) &&
  typeof block["text"] === "string" &&
  block["text"].startsWith("x-anthropic-billing-header:");

function readMessages(value: unknown): Message[] {
  if (!Array.isArray(value)) throw wrongField(value, "messages", "a list of messages");
  if (value.length === 0) throw badRequest("messages: at least one message is required", "messages");
  return value.map((message, index) => readMessage(message, `messages[${index}]`));
}

const MESSAGE = new Set(["role", "content"]);

function readMessage(value: unknown, path: string): Message {
  const message = requiredObject(value, path);
  const role = requiredString(message, "role", path);
  const parts: Part[] = readContent(message["content"], at(path, "content"));
  const extras = otherFields(message, MESSAGE);
  switch (role) {
    case "user":
    case "assistant":
      return { role, parts, ...(Object.keys(extras).length > 0 && { vendor: { anthropic: extras } }) };
    case "system":
      return { role, parts, vendor: { anthropic: extras } };
    default:
      throw badRequest(`${path}.role: Input should be 'user', 'assistant' or 'system'`, `${path}.role`);
  }
}

function readToolChoice(choice: Fields): Pick<ChatRequest, "toolChoice" | "parallelToolCalls"> {
  const apart = choice["disable_parallel_tool_use"] === true ? { parallelToolCalls: false } : {};
  return { toolChoice: readChoice(choice), ...apart };
}

function readChoice(choice: Fields): ToolChoice {
  const type = requiredString(choice, "type", "tool_choice");
  switch (type) {
    case "auto":
    case "none":
      return { type };
    case "any":
      return { type: "required" };
    case "tool":
      return { type: "tool", name: requiredString(choice, "name", "tool_choice") };
    default:
      throw badRequest(
        "tool_choice.type: Input should be 'auto', 'any', 'tool' or 'none'",
        "tool_choice.type",
      );
  }
}

/** `output_config.format`, or `output_format` as it was called while in beta. */
export function readOutputShape(body: Fields): OutputShape | undefined {
  const config = body["output_config"];
  const format = (isObject(config) ? config["format"] : undefined) ?? body["output_format"];
  if (!isObject(format) || !isObject(format["schema"])) return undefined;
  return { type: "schema", schema: format["schema"] };
}

function readStopSequences(list: unknown[] | undefined): string[] | undefined {
  return list?.map((stop, index) => {
    if (typeof stop !== "string") throw wrongField(stop, `stop_sequences[${index}]`, "a string");
    return stop;
  });
}
