import type { GatewayError } from "../../core/errors.ts";
import type { EncodeContext, StreamEncoder } from "../../core/format.ts";
import { wrapFreeText } from "../../core/free-text.ts";
import type { FinishReason, Part, Reply, ReplyEvent, Usage } from "../../core/reply.ts";
import { WholeParts } from "../../core/serial-parts.ts";
import { isObject, tryParseJson, type JsonObject } from "../../lib/json.ts";

/** Writes a whole answer. Durations are left out: they are Ollama's own measurements of its own machine. */
export function encodeReply(reply: Reply, context: EncodeContext): { [field: string]: unknown } {
  const thinking = joined(reply.parts, "reasoning");
  const calls = reply.parts.filter((part) => part.type === "tool-call").flatMap(writeCall);
  const message = {
    role: "assistant",
    content: joined(reply.parts, "text") + joined(reply.parts, "refusal"),
    ...(thinking !== "" && { thinking }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
  return { ...head(context), message, ...ending(reply.finish, reply.usage) };
}

/** Writes the stream: one JSON object per line, calls whole. */
export class OllamaEncoder implements StreamEncoder {
  readonly #fields = new Map<number, "content" | "thinking">();
  readonly #wholeCalls = new WholeParts();
  #usage: Usage | undefined;
  #calls = 0;

  constructor(readonly context: EncodeContext) {}

  push(event: ReplyEvent): string {
    switch (event.type) {
      case "reply-start":
        return "";
      case "part-start":
        return this.#start(event);
      case "part-delta": {
        const field = this.#fields.get(event.index);
        if (field) return this.#say(field, event.delta);
        this.#wholeCalls.push(event);
        return "";
      }
      case "part-end": {
        const part = this.#wholeCalls.push(event);
        const calls = part?.type === "tool-call" ? writeCall(part, this.#calls++) : [];
        return calls.length === 0
          ? ""
          : this.#line({ message: { role: "assistant", content: "", tool_calls: calls } });
      }
      case "usage":
        this.#usage = event.usage;
        return "";
      case "reply-end":
        return `${JSON.stringify({
          ...head(this.context),
          message: { role: "assistant", content: "" },
          ...ending(event.finish, this.#usage),
        })}\n`;
    }
  }

  heartbeat(): string {
    return "";
  }

  fail(error: GatewayError): string {
    return `${JSON.stringify({ error: error.message })}\n`;
  }

  #start(event: Extract<ReplyEvent, { type: "part-start" }>): string {
    const { part } = event;
    switch (part.type) {
      case "text":
      case "refusal":
      case "reasoning": {
        const field = part.type === "reasoning" ? "thinking" : "content";
        this.#fields.set(event.index, field);
        return part.text === "" ? "" : this.#say(field, part.text);
      }
      case "tool-call":
        this.#wholeCalls.push(event);
        return "";
      case "media":
      case "tool-result":
      case "other":
        return "";
    }
  }

  #say(field: "content" | "thinking", text: string): string {
    return this.#line({ message: { role: "assistant", content: "", [field]: text } });
  }

  #line(fields: JsonObject): string {
    return `${JSON.stringify({ ...head(this.context), ...fields, done: false })}\n`;
  }
}

const head = (context: EncodeContext) => ({
  model: context.model,
  created_at: new Date(context.created * 1000).toISOString(),
});

/** The last object's fields. Ollama says `stop` for answers with calls too. */
const ending = (finish: FinishReason, usage: Usage | undefined) => ({
  done: true,
  done_reason: finish === "length" ? "length" : "stop",
  ...(usage && {
    prompt_eval_count: usage.input + (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0),
    eval_count: usage.output,
  }),
});

/** Arguments are an object here; a call whose arguments were cut off is one that nobody should carry out. */
function writeCall(call: Extract<Part, { type: "tool-call" }>, index: number): JsonObject[] {
  const input = tryParseJson(call.freeText ? wrapFreeText(call.input) : call.input || "{}");
  return isObject(input) ? [{ id: call.id, function: { index, name: call.name, arguments: input } }] : [];
}

function joined(parts: readonly Part[], type: "text" | "reasoning" | "refusal"): string {
  let text = "";
  for (const part of parts) if (part.type === type) text += part.text;
  return text;
}
