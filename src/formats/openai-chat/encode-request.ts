import { askedEffort, nearestEffort } from "../../core/effort.ts";
import { GatewayError } from "../../core/errors.ts";
import type { EncodedRequest, Loss, TargetModel } from "../../core/format.ts";
import { refuseKeptElsewhere } from "../../core/kept-elsewhere.ts";
import type { Quirks } from "../../core/quirks.ts";
import { type ChatRequest, type OutputShape, wantsLogprobs } from "../../core/request.ts";
import { ToolNames } from "../../core/tool-names.ts";
import type { JsonObject } from "../../lib/json.ts";
import { encodeMessages } from "./encode-messages.ts";
import { writeTools } from "./tools.ts";
import { ownFields, SERVICE_TIERS } from "./wire.ts";

/**
 * Writes a request for an OpenAI-compatible provider, bent by its quirks. Throws `GatewayError` (`unsupported`) for a
 * forced tool or a strict answer shape that the provider cannot do, and for what another provider keeps.
 */
export function encodeRequest(request: ChatRequest, target: TargetModel, quirks: Quirks): EncodedRequest {
  refuseKeptElsewhere(request);
  const losses: Loss[] = [];
  const names = new ToolNames(request.tools);
  const tools = writeTools(request, quirks, names, losses);
  const { response_format, instruction } = writeOutput(request.output, quirks);
  const body: { [field: string]: unknown } = {
    ...clientFields(request, quirks, losses),
    model: target.id,
    messages: encodeMessages(request, { quirks, target, names, losses, instruction }),
    ...tools,
    ...(response_format && { response_format }),
    ...writeReasoning(request, target, quirks),
    ...writeSampling(request, target, quirks, losses),
    ...writeStream(request, quirks),
    ...(quirks.developerRole && openaiFields(request)),
  };
  for (const [from, to] of Object.entries(quirks.rename ?? {})) rename(body, from, to);
  for (const field of quirks.drop ?? []) drop(body, field, losses);
  return { body, toolNames: names, losses: each(losses) };
}

/** Each loss once, however often it came up. */
const each = (losses: readonly Loss[]): Loss[] => [
  ...new Map(losses.map((loss) => [loss.what, loss])).values(),
];

/** What a chat client said in fields that only some providers know; the provider asked is one it chose. */
function clientFields(request: ChatRequest, quirks: Quirks, losses: Loss[]): JsonObject {
  const { store, ...own } = ownFields(request);
  const why = "the client's format has no place for them in answers";
  if ((request.choices ?? 1) > 1 && own["n"] === undefined) losses.push({ what: "n > 1", why });
  if (wantsLogprobs(request) && own["logprobs"] === undefined) losses.push({ what: "logprobs", why });
  // Only OpenAI keeps answers. Clients (pi) tell everybody not to, and strict services refuse the word.
  return store === undefined || (store === false && !quirks.developerRole) ? own : { ...own, store };
}

/** Fields of OpenAI's own that clients of other formats may have asked for in their words. */
function openaiFields({ serviceTier, user, metadata, promptCacheKey, verbosity }: ChatRequest): JsonObject {
  return {
    ...(serviceTier !== undefined && SERVICE_TIERS.has(serviceTier) && { service_tier: serviceTier }),
    // Longer ones are refused. Claude Code's is a JSON text of several hundred characters.
    ...(user !== undefined && user.length <= 64 && { user }),
    ...(metadata && { metadata }),
    ...(promptCacheKey !== undefined && { prompt_cache_key: promptCacheKey }),
    ...(verbosity !== undefined && { verbosity }),
  };
}

function writeOutput(
  output: OutputShape | undefined,
  quirks: Quirks,
): { response_format?: JsonObject; instruction?: string } {
  switch (output?.type) {
    case undefined:
      return {};
    case "text":
      return { response_format: { type: "text" } };
    case "json":
      return { response_format: { type: "json_object" } };
    case "schema": {
      if (!quirks.noJsonSchema)
        return { response_format: { type: "json_schema", json_schema: writeSchema(output) } };
      if (output.strict)
        throw new GatewayError(
          "unsupported",
          "This provider cannot hold an answer to a JSON Schema strictly. Choose another model or leave out `strict`.",
          {
            param: "response_format",
          },
        );
      const instruction = `Answer with one JSON object that matches this JSON Schema:\n${JSON.stringify(output.schema)}`;
      return { response_format: { type: "json_object" }, instruction };
    }
  }
}

function writeSchema({
  name,
  schema,
  strict,
  description,
}: Extract<OutputShape, { type: "schema" }>): JsonObject {
  return {
    name: (name ?? "answer").replace(/[^a-zA-Z0-9_-]/g, "_").slice(0, 64),
    ...(description !== undefined && { description }),
    schema,
    ...(strict !== undefined && { strict }),
  };
}

/** What most providers take; those with more or less say so in their quirks. */
const COMMON_EFFORTS = ["low", "medium", "high"] as const;

function writeReasoning(request: ChatRequest, target: TargetModel, quirks: Quirks): JsonObject {
  const { reasoning } = request;
  if (!reasoning || target.reasoning === false) return {};
  const effort = askedEffort(reasoning);
  switch (quirks.reasoningControl ?? "effort") {
    case "none":
      return {};
    case "effort": {
      const allowed = quirks.efforts ?? COMMON_EFFORTS;
      // "Do not think" has no nearest effort: where it cannot be said, the default is all there is.
      if (effort === undefined || (effort === "none" && !allowed.includes(effort))) return {};
      const nearest = nearestEffort(
        effort,
        effort === "none" ? allowed : allowed.filter((word) => word !== "none"),
      );
      return nearest ? { reasoning_effort: nearest } : {};
    }
    case "openrouter": {
      const { budget, adaptive, visible } = reasoning;
      const amount =
        reasoning.effort === undefined && budget !== undefined
          ? { max_tokens: budget }
          : {
              ...(effort && {
                effort: quirks.efforts ? (nearestEffort(effort, quirks.efforts) ?? effort) : effort,
              }),
            };
      return {
        reasoning: {
          ...amount,
          ...(adaptive && { enabled: true }),
          ...(visible === false && { exclude: true }),
        },
      };
    }
    case "thinking":
      return effort === undefined && !reasoning.adaptive
        ? {}
        : { thinking: { type: effort === "none" ? "disabled" : "enabled" } };
  }
}

function writeSampling(
  request: ChatRequest,
  target: TargetModel,
  quirks: Quirks,
  losses: Loss[],
): JsonObject {
  const { temperature, topP, frequencyPenalty, presencePenalty, seed, stop, maxOutputTokens } = request;
  if (stop && stop.length > MOST_STOPS)
    losses.push({
      what: `stop sequences beyond the first ${MOST_STOPS}`,
      why: "chat providers take no more",
    });
  if (request.topK !== undefined && ownFields(request)["top_k"] === undefined)
    losses.push({ what: "top_k", why: "chat has no such field", silent: true });
  return {
    ...(maxOutputTokens !== undefined && {
      [quirks.maxTokensField ?? "max_tokens"]: Math.min(maxOutputTokens, target.maxOutputTokens ?? Infinity),
    }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(frequencyPenalty !== undefined && { frequency_penalty: frequencyPenalty }),
    ...(presencePenalty !== undefined && { presence_penalty: presencePenalty }),
    ...(seed !== undefined && { seed }),
    ...(stop && stop.length > 0 && { stop: stop.slice(0, MOST_STOPS) }),
  };
}

const MOST_STOPS = 4;

/** Usage is always asked for: the meter needs it, whatever the client wants to see. */
function writeStream(request: ChatRequest, quirks: Quirks): JsonObject {
  const stream = quirks.streamOnly || (request.stream && !quirks.wholeOnly);
  if (!stream) return {};
  return { stream: true, ...(!quirks.noStreamOptions && { stream_options: { include_usage: true } }) };
}

function rename(body: { [field: string]: unknown }, from: string, to: string): void {
  if (body[from] === undefined) return;
  body[to] = body[from];
  delete body[from];
}

/** Some fields change what comes back; their loss is told. */
const TOLD_FIELDS = new Set([
  "n",
  "logprobs",
  "top_logprobs",
  "response_format",
  "tools",
  "tool_choice",
  "stop",
  "seed",
]);

function drop(body: { [field: string]: unknown }, field: string, losses: Loss[]): void {
  if (body[field] === undefined) return;
  delete body[field];
  losses.push({
    what: field,
    why: "the provider does not take it",
    ...(!TOLD_FIELDS.has(field) && { silent: true }),
  });
}
