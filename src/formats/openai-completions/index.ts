import { badRequest, GatewayError } from "../../core/errors.ts";
import type { ClientFormat, EncodeContext, StreamEncoder } from "../../core/format.ts";
import type { FinishReason, Reply, ReplyEvent, Usage } from "../../core/reply.ts";
import type { ChatRequest } from "../../core/request.ts";
import { encodeError } from "../openai-chat/errors.ts";
import { Fields, present } from "../openai-chat/fields.ts";
import { writeUsage } from "../openai-chat/usage.ts";

/**
 * The legacy completions of OpenAI: a prompt in, its continuation out. Providers are asked as for a chat with one
 * message. https://platform.openai.com/docs/api-reference/completions
 */
export const openaiCompletions: ClientFormat = {
  id: "openai-completions",
  streamType: "text/event-stream",
  decodeRequest,
  encodeReply,
  streamEncoder: (context) => new CompletionsEncoder(context),
  encodeError,
};

/** Throws `GatewayError`: `bad_request` naming the field, `unsupported` for what no chat model can do. */
function decodeRequest(body: { [field: string]: unknown }): ChatRequest {
  const read = new Fields(body);
  const model = read.text("model");
  if (model === undefined || model === "") throw badRequest("The field `model` is missing.", "model");
  refuseWhatChatCannotDo(read);
  return {
    model,
    stream: read.flag("stream") ?? false,
    ...(read.object("stream_options")?.["include_usage"] === true && { includeUsage: true }),
    messages: [{ role: "user", parts: [{ type: "text", text: readPrompt(body["prompt"]) }] }],
    ...present({
      maxOutputTokens: read.number("max_tokens"),
      temperature: read.number("temperature"),
      topP: read.number("top_p"),
      frequencyPenalty: read.number("frequency_penalty"),
      presencePenalty: read.number("presence_penalty"),
      seed: read.number("seed"),
      stop: read.stop(),
      choices: read.number("n"),
      user: read.text("user"),
    }),
    ...(typeof body["logprobs"] === "number" && { logprobs: true }),
  };
}

function readPrompt(prompt: unknown): string {
  const only: unknown = Array.isArray(prompt) && prompt.length === 1 ? prompt[0] : prompt;
  if (typeof only !== "string" || only === "")
    throw badRequest(
      "`prompt` must be one text; lists of prompts and token numbers are not taken.",
      "prompt",
    );
  return only;
}

function refuseWhatChatCannotDo(read: Fields): void {
  const refuse = (field: string, what: string) => {
    throw new GatewayError("unsupported", `\`${field}\`: ${what}`, { param: field });
  };
  if (read.text("suffix")) refuse("suffix", "chat models cannot fill in text before a given ending.");
  if (read.flag("echo")) refuse("echo", "the prompt is not given back; put it before the answer yourself.");
  if ((read.number("best_of") ?? 1) > 1) refuse("best_of", "only one answer is made.");
}

function encodeReply(reply: Reply, context: EncodeContext): { [field: string]: unknown } {
  const text = reply.parts
    .map((part) => (part.type === "text" || part.type === "refusal" ? part.text : ""))
    .join("");
  return {
    ...head(context),
    choices: [{ text, index: 0, logprobs: null, finish_reason: finishWord(reply.finish) }],
    usage: writeUsage(reply.usage),
  };
}

const head = (context: EncodeContext) => ({
  id: context.id.startsWith("cmpl-") ? context.id : `cmpl-${context.id.replace(/^chatcmpl-/, "")}`,
  object: "text_completion",
  created: context.created,
  model: context.model,
});

/** Completions know no calls and no pause. */
function finishWord(finish: FinishReason): string {
  if (finish === "length") return "length";
  return finish === "content-filter" ? "content_filter" : "stop";
}

class CompletionsEncoder implements StreamEncoder {
  readonly #head: string;
  readonly #said = new Set<number>();
  #usage: Usage | undefined;
  #trailer = "";

  constructor(readonly context: EncodeContext) {
    this.#head = `data: ${JSON.stringify(head(context)).slice(0, -1)},"choices":[`;
  }

  push(event: ReplyEvent): string {
    switch (event.type) {
      case "part-start": {
        const { part } = event;
        if (part.type !== "text" && part.type !== "refusal") return "";
        this.#said.add(event.index);
        return part.text === "" ? "" : this.#choice(part.text, null);
      }
      case "part-delta":
        return this.#said.has(event.index) ? this.#choice(event.delta, null) : "";
      case "usage":
        this.#usage = event.usage;
        return "";
      case "reply-end":
        return `${this.#choice("", finishWord(event.finish))}${this.#usageChunk()}${this.#trailer}data: [DONE]\n\n`;
      case "reply-start":
      case "part-end":
        return "";
    }
  }

  trailer(comments: string[]): void {
    this.#trailer = comments.map((comment) => `: ${comment}\n`).join("");
  }

  heartbeat(): string {
    return ": ping\n\n";
  }

  fail(error: GatewayError): string {
    return `data: ${JSON.stringify(encodeError(error))}\n\n`;
  }

  #choice(text: string, finish: string | null): string {
    const choice = JSON.stringify({ text, index: 0, logprobs: null, finish_reason: finish });
    return `${this.#head}${choice}]${this.context.request.includeUsage ? ',"usage":null' : ""}}\n\n`;
  }

  #usageChunk(): string {
    if (!this.context.request.includeUsage) return "";
    return `${this.#head}],"usage":${JSON.stringify(writeUsage(this.#usage))}}\n\n`;
  }
}
