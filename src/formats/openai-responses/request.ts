import { badRequest } from "../../core/errors.ts";
import {
  type ChatRequest,
  EFFORTS,
  type Effort,
  type Message,
  type OutputShape,
} from "../../core/request.ts";
import type { Part } from "../../core/reply.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { asksForSummary } from "./compaction.ts";
import { Fields } from "./fields.ts";
import { readInput } from "./input.ts";
import { readToolChoice, readTools } from "./tools.ts";
import { bagOf, ID, withBag } from "./wire.ts";

/** Reads a client's body. Throws `bad_request`, naming the field, for what is missing or of a wrong type. */
export function decodeRequest(body: JsonObject): ChatRequest {
  const fields = new Fields(body, "");
  const model = fields.required("model");
  const input = readWhole(fields);
  const tools = readTools(fields.objects("tools"));
  const declared = tools.length + input.tools.length > 0 || fields.list("tools") !== undefined;
  const { choice, raw } = readToolChoice(fields.any("tool_choice"));
  const safetyIdentifier = fields.text("safety_identifier");
  const user = fields.text("user") ?? safetyIdentifier;
  const keptElsewhere = namesKept(fields, input);
  const request: ChatRequest = {
    model,
    stream: fields.flag("stream") ?? false,
    messages: input.messages,
    ...(declared && { tools: [...tools, ...input.tools] }),
    ...(choice && { toolChoice: choice }),
    ...(declared && asksForSummary(input) && { toolChoice: { type: "none" } }),
    ...(keptElsewhere !== undefined && { keptElsewhere }),
    ...present({
      parallelToolCalls: fields.flag("parallel_tool_calls"),
      maxOutputTokens: fields.number("max_output_tokens"),
      temperature: fields.number("temperature"),
      topP: fields.number("top_p"),
      topLogprobs: fields.number("top_logprobs"),
      frequencyPenalty: fields.number("frequency_penalty"),
      presencePenalty: fields.number("presence_penalty"),
      serviceTier: fields.text("service_tier"),
      user,
      metadata: fields.object("metadata"),
      promptCacheKey: fields.text("prompt_cache_key"),
      previousResponseId: fields.text("previous_response_id"),
    }),
  };
  const reasoning = readReasoning(request, fields.nested("reasoning"));
  const text = readText(request, fields.nested("text"));
  const vendor = present({
    ...fields.rest(),
    reasoning,
    text,
    tool_choice: raw,
    safety_identifier: safetyIdentifier,
  });
  return { ...request, vendor: { [ID]: vendor } };
}

/** Items whose content their vendor alone has, or can read. */
const KEPT_ITEMS = ["item_reference", "compaction"];

/** The field that names something of the conversation which lies at OpenAI alone. */
function namesKept(fields: Fields, { messages }: ReturnType<typeof readInput>): string | undefined {
  const isKept = (part: Part) => KEPT_ITEMS.includes(String(bagOf(part)?.item?.["type"]));
  return (
    ["conversation", "prompt"].find((name) => fields.source[name] != null) ??
    (messages.some(({ parts }) => parts.some(isKept)) ? "input" : undefined)
  );
}

function readWhole(fields: Fields): ReturnType<typeof readInput> {
  const instructions = fields.text("instructions");
  const given = fields.any("input");
  const kept = ["previous_response_id", "conversation", "prompt"].some((name) => fields.source[name] != null);
  if (given === undefined && !kept) throw badRequest("input is required.", "input");
  const input = given === undefined ? { messages: [], tools: [] } : readInput(given);
  if (!instructions) return input;
  const system: Message = {
    role: "system",
    parts: [{ type: "text", text: instructions }],
    ...withBag({ instructions: true }),
  };
  return { ...input, messages: [system, ...input.messages] };
}

/** Gives what only this format can say about reasoning. */
function readReasoning(request: ChatRequest, fields: Fields | undefined): JsonObject | undefined {
  if (!fields) return undefined;
  const word = fields.source["effort"];
  const effort = EFFORTS.includes(word as Effort) ? (fields.text("effort") as Effort) : undefined;
  const summary = fields.text("summary");
  request.reasoning = present({ effort, summary });
  return fields.rest();
}

function readText(request: ChatRequest, fields: Fields | undefined): JsonObject | undefined {
  if (!fields) return undefined;
  const verbosity = fields.text("verbosity");
  if (verbosity !== undefined) request.verbosity = verbosity;
  const output = readShape(fields);
  if (output) request.output = output;
  return fields.rest();
}

/** A shape nobody knows stays among what only this format can say. */
function readShape(text: Fields): OutputShape | undefined {
  const format = isObject(text.source["format"])
    ? new Fields(text.source["format"], "text.format")
    : text.nested("format");
  switch (format?.required("type")) {
    case "text":
      text.any("format");
      return { type: "text" };
    case "json_object":
      text.any("format");
      return { type: "json" };
    case "json_schema":
      text.any("format");
      return format && readSchema(format);
    default:
      return undefined;
  }
}

function readSchema(format: Fields): OutputShape {
  const schema = format.object("schema");
  if (!schema) throw badRequest("text.format.schema is required.", "text.format.schema");
  return {
    type: "schema",
    schema,
    ...present({
      name: format.text("name"),
      strict: format.flag("strict"),
      description: format.text("description"),
    }),
  };
}

/** The fields that hold something. */
function present<T extends { [field: string]: unknown }>(
  fields: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
