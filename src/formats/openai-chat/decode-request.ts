import { badRequest } from "../../core/errors.ts";
import {
  EFFORTS,
  type ChatRequest,
  type Effort,
  type OutputShape,
  type Reasoning,
} from "../../core/request.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { decodeMessages } from "./decode-messages.ts";
import { Fields, present } from "./fields.ts";
import { readToolChoice, readTools } from "./tools.ts";
import { numberOf, otherFields } from "./wire.ts";

/** Fields that are read into a place of their own. */
const READ_FIELDS = new Set(
  (
    "model messages stream stream_options tools tool_choice functions function_call parallel_tool_calls " +
    "response_format reasoning_effort reasoning thinking max_tokens max_completion_tokens temperature top_p " +
    "frequency_penalty presence_penalty seed stop"
  ).split(" "),
);

/**
 * Reads a chat request. Fields that only some providers know (`top_k`, `verbosity`, `n`, …) are read too, but stay in
 * the vendor bag as well, from where they go to chat providers as they came. Throws `GatewayError` naming the field.
 */
export function decodeRequest(body: { [field: string]: unknown }): ChatRequest {
  const read = new Fields(body);
  const model = read.text("model");
  if (model === undefined || model === "") throw badRequest("The field `model` is missing.", "model");
  const options = read.object("stream_options");
  const reasoning = readReasoning(read);
  const tools = readTools(body);
  const toolChoice = readToolChoice(body);
  const output = readOutput(read.object("response_format"));
  return {
    model,
    stream: read.flag("stream") ?? false,
    ...(options?.["include_usage"] === true && { includeUsage: true }),
    messages: decodeMessages(body["messages"]),
    ...(tools && { tools }),
    ...(toolChoice && { toolChoice }),
    ...(reasoning && { reasoning }),
    ...(output && { output }),
    ...present({
      parallelToolCalls: read.flag("parallel_tool_calls"),
      verbosity: read.text("verbosity"),
      maxOutputTokens: read.number("max_completion_tokens") ?? read.number("max_tokens"),
      temperature: read.number("temperature"),
      topP: read.number("top_p"),
      topK: read.number("top_k"),
      frequencyPenalty: read.number("frequency_penalty"),
      presencePenalty: read.number("presence_penalty"),
      seed: read.number("seed"),
      stop: read.stop(),
      choices: read.number("n"),
      logprobs: read.flag("logprobs"),
      topLogprobs: read.number("top_logprobs"),
      serviceTier: read.text("service_tier"),
      user: read.text("user"),
      metadata: read.object("metadata"),
      promptCacheKey: read.text("prompt_cache_key"),
    }),
    ...otherFields(body, READ_FIELDS),
  };
}

/** Reads the effort, OpenRouter's `reasoning` object, and the `thinking` switch of GLM, Kimi and DeepSeek. */
function readReasoning(read: Fields): Reasoning | undefined {
  const effort = readEffort(read.text("reasoning_effort"));
  if (effort) return { effort };
  const reasoning = read.object("reasoning");
  if (reasoning) return readReasoningObject(reasoning);
  const thinking = read.object("thinking");
  if (!thinking) return undefined;
  const budget = numberOf(thinking["budget_tokens"]);
  if (thinking["type"] === "disabled") return { effort: "none" };
  return budget === undefined ? { adaptive: true } : { budget };
}

function readReasoningObject(reasoning: JsonObject): Reasoning {
  const effort = reasoning["enabled"] === false ? "none" : readEffort(reasoning["effort"]);
  const budget = numberOf(reasoning["max_tokens"]);
  return {
    ...(effort && { effort }),
    ...(budget !== undefined && { budget }),
    ...(!effort && budget === undefined && { adaptive: true }),
    ...(reasoning["exclude"] === true && { visible: false }),
  };
}

/** An unknown word is left out: the model's default is nearer to what was meant than an error. */
const readEffort = (word: unknown): Effort | undefined => EFFORTS.find((effort) => effort === word);

function readOutput(format: JsonObject | undefined): OutputShape | undefined {
  switch (format?.["type"]) {
    case undefined:
      return undefined;
    case "text":
      return { type: "text" };
    case "json_object":
      return { type: "json" };
    case "json_schema": {
      const inner = format["json_schema"];
      if (!isObject(inner))
        throw badRequest("`response_format.json_schema` must be an object.", "response_format.json_schema");
      const { schema, name, strict, description } = inner;
      return {
        type: "schema",
        schema: isObject(schema) ? schema : {},
        ...(typeof name === "string" && { name }),
        ...(typeof strict === "boolean" && { strict }),
        ...(typeof description === "string" && { description }),
      };
    }
    default:
      throw badRequest(
        "`response_format.type` must be text, json_object or json_schema.",
        "response_format.type",
      );
  }
}
