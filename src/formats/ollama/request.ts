import { badRequest } from "../../core/errors.ts";
import type { Part } from "../../core/reply.ts";
import {
  EFFORTS,
  type ChatRequest,
  type Message,
  type OutputShape,
  type Reasoning,
} from "../../core/request.ts";
import { sha256 } from "../../lib/ids.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { Fields, present } from "../openai-chat/fields.ts";
import { readTools } from "../openai-chat/tools.ts";
import { objectsOf, textOf } from "../openai-chat/wire.ts";

/** Reads an Ollama chat request; without `stream` it is a stream. Throws `GatewayError` naming the field. */
export function decodeRequest(body: { [field: string]: unknown }): ChatRequest {
  const read = new Fields(body);
  const model = read.text("model");
  if (model === undefined || model === "") throw badRequest("The field `model` is missing.", "model");
  const options = new Fields(read.object("options") ?? {}, "options.");
  const tools = readTools({ tools: body["tools"] });
  const reasoning = readThink(body["think"]);
  const output = readFormat(body["format"]);
  const limit = options.number("num_predict");
  return {
    model,
    stream: read.flag("stream") ?? true,
    messages: new Conversation().read(body["messages"]),
    ...(tools && { tools }),
    ...(reasoning && { reasoning }),
    ...(output && { output }),
    ...present({
      // -1 and -2 mean "as much as fits".
      maxOutputTokens: limit !== undefined && limit > 0 ? limit : undefined,
      temperature: options.number("temperature"),
      topP: options.number("top_p"),
      topK: options.number("top_k"),
      frequencyPenalty: options.number("frequency_penalty"),
      presencePenalty: options.number("presence_penalty"),
      seed: options.number("seed"),
      stop: options.stop(),
    }),
  };
}

function readThink(think: unknown): Reasoning | undefined {
  if (think === true) return { adaptive: true };
  if (think === false) return { effort: "none" };
  const effort = EFFORTS.find((word) => word === think);
  return effort && { effort };
}

function readFormat(format: unknown): OutputShape | undefined {
  if (format === "json") return { type: "json" };
  return isObject(format) ? { type: "schema", schema: format } : undefined;
}

/**
 * Reads messages in order. Calls often have no ids, and results name only their tool: a call then gets an id made
 * from its place and content, and the first open call of that name is the one that is answered.
 */
class Conversation {
  readonly #messages: Message[] = [];
  #open: { id: string; name: string }[] = [];

  read(value: unknown): Message[] {
    if (!Array.isArray(value) || value.length === 0)
      throw badRequest("`messages` must be a list with at least one message.", "messages");
    for (const [index, message] of (value as unknown[]).entries()) {
      const at = `messages[${index}]`;
      if (!isObject(message)) throw badRequest(`\`${at}\` must be an object.`, at);
      const { content } = message;
      if (content !== undefined && content !== null && typeof content !== "string")
        throw badRequest(`\`${at}.content\` must be a string.`, `${at}.content`);
      this.#add(message, index, at);
    }
    return this.#messages;
  }

  #add(message: JsonObject, index: number, at: string): void {
    const text = textOf(message["content"]);
    const said: Part[] = text === "" ? [] : [{ type: "text", text }];
    switch (message["role"]) {
      case "system":
        this.#messages.push({ role: "system", parts: said });
        return;
      case "user":
        this.#addUser([...said, ...readImages(message["images"])]);
        return;
      case "assistant": {
        const thinking = textOf(message["thinking"]);
        const thought: Part[] = thinking === "" ? [] : [{ type: "reasoning", text: thinking }];
        this.#messages.push({
          role: "assistant",
          parts: [...thought, ...said, ...this.#calls(message, index)],
        });
        return;
      }
      case "tool":
        this.#addUser([this.#result(message, [...said, ...readImages(message["images"])])]);
        return;
      default:
        throw badRequest(`\`${at}.role\` must be system, user, assistant or tool.`, `${at}.role`);
    }
  }

  /** Results in a row, and what the user says behind them, are one turn. */
  #addUser(parts: Part[]): void {
    const last = this.#messages.at(-1);
    const isOpen = last?.role === "user" && !last.parts.some((part) => part.type !== "tool-result");
    if (isOpen) last.parts.push(...parts);
    else this.#messages.push({ role: "user", parts });
  }

  #calls(message: JsonObject, index: number): Part[] {
    this.#open = [];
    return objectsOf(message["tool_calls"]).map((call, position): Part => {
      const called = isObject(call["function"]) ? call["function"] : {};
      const name = textOf(called["name"]);
      const input = isObject(called["arguments"])
        ? JSON.stringify(called["arguments"])
        : textOf(called["arguments"]);
      const made = `call_${sha256([index, position, name, input].join("\u0000")).slice(0, 24)}`;
      const id = textOf(call["id"]) || made;
      this.#open.push({ id, name });
      return { type: "tool-call", id, name, input: input || "{}" };
    });
  }

  #result(message: JsonObject, output: Part[]): Part {
    const name = textOf(message["tool_name"]) || textOf(message["name"]);
    const told = textOf(message["tool_call_id"]);
    const found = this.#open.findIndex((call) =>
      told === "" ? name === "" || call.name === name : call.id === told,
    );
    const [answered] = found < 0 ? [] : this.#open.splice(found, 1);
    return { type: "tool-result", id: told || (answered?.id ?? ""), ...(name !== "" && { name }), output };
  }
}

/** Pictures are bare base64; their type shows in the first bytes. */
function readImages(images: unknown): Part[] {
  if (!Array.isArray(images)) return [];
  return images.flatMap((image: unknown): Part[] => {
    if (typeof image !== "string" || image === "") return [];
    const data = image.replace(/^data:[^,]*,/, "");
    return [{ type: "media", kind: "image", mediaType: imageType(data), data }];
  });
}

function imageType(base64: string): string {
  if (base64.startsWith("/9j/")) return "image/jpeg";
  if (base64.startsWith("R0lGOD")) return "image/gif";
  return base64.startsWith("UklGR") ? "image/webp" : "image/png";
}
