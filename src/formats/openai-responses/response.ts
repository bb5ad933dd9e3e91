import type { EncodeContext } from "../../core/format.ts";
import type { FinishReason, Usage, Vendor } from "../../core/reply.ts";
import type { ChatRequest } from "../../core/request.ts";
import { ToolNames } from "../../core/tool-names.ts";
import type { JsonObject } from "../../lib/json.ts";
import { writeTools, writeToolChoice } from "./tools.ts";
import { writeUsage } from "./usage.ts";
import { bagOf, ID } from "./wire.ts";
import { writeShape } from "./write-request.ts";

/** How far an answer has come. */
export type ResponseState = {
  status: "queued" | "in_progress" | "completed" | "incomplete" | "failed";
  /** Why it is incomplete. */
  reason?: "max_output_tokens" | "content_filter";
  error?: JsonObject;
  usage?: Usage;
};

/**
 * The response object around an answer's items: what is known of the answer, and the request's fields echoed, all of
 * which SDKs and strict clients expect. The echo is spelled once, however often it is sent.
 */
export class ResponseShell {
  /** The state of an answer that was only taken in (`background`). */
  readonly pending: ResponseState | undefined;
  readonly #head: JsonObject;
  readonly #echo: JsonObject;
  #echoText: string | undefined;

  constructor(
    readonly context: EncodeContext,
    start: { id: string; created?: number; vendor?: Vendor },
  ) {
    const own = start.vendor?.[ID];
    this.pending = pendingState(start.vendor);
    this.#head = {
      // Ids of other formats are no use to this one's clients.
      id: (own && start.id) || responseId(context.id),
      object: "response",
      created_at: start.created ?? context.created,
    };
    this.#echo = echo(context, own?.["service_tier"]);
  }

  object(state: ResponseState, output: JsonObject[]): JsonObject {
    return { ...this.#head, ...progress(state), output, usage: usageOf(state), ...this.#echo };
  }

  /** The same as JSON text, from items that are spelled already. */
  text(state: ResponseState, output: readonly string[]): string {
    this.#echoText ??= JSON.stringify(this.#echo).slice(1);
    const head = JSON.stringify({ ...this.#head, ...progress(state) }).slice(0, -1);
    return `${head},"output":[${output.join(",")}],"usage":${JSON.stringify(usageOf(state))},${this.#echoText}`;
  }
}

const responseId = (id: string): string => (id.startsWith("resp_") ? id : `resp_${id}`);

function progress(state: ResponseState): JsonObject {
  return {
    status: state.status,
    error: state.error ?? null,
    incomplete_details: state.reason ? { reason: state.reason } : null,
  };
}

/** A finished answer always has usage: clients read it without asking whether it is there. */
function usageOf({ status, usage }: ResponseState): JsonObject | null {
  if (usage) return writeUsage(usage);
  return status === "completed" || status === "incomplete" ? writeUsage({ input: 0, output: 0 }) : null;
}

function echo({ model, request }: EncodeContext, serviceTier: unknown): JsonObject {
  const own = request.vendor?.[ID] ?? {};
  const names = new ToolNames([], { pattern: /^/, maxLength: Infinity });
  const tools = request.tools ?? [];
  return {
    background: own["background"] ?? false,
    completed_at: null,
    instructions: instructionsOf(request),
    max_output_tokens: request.maxOutputTokens ?? null,
    max_tool_calls: own["max_tool_calls"] ?? null,
    model,
    parallel_tool_calls: request.parallelToolCalls ?? true,
    previous_response_id: request.previousResponseId ?? null,
    prompt_cache_key: request.promptCacheKey ?? null,
    presence_penalty: request.presencePenalty ?? 0,
    frequency_penalty: request.frequencyPenalty ?? 0,
    reasoning: { effort: request.reasoning?.effort ?? null, summary: request.reasoning?.summary ?? null },
    safety_identifier: own["safety_identifier"] ?? null,
    service_tier: serviceTier ?? request.serviceTier ?? "default",
    // Answers are never kept here, whatever was asked.
    store: false,
    temperature: request.temperature ?? 1,
    text: {
      format: request.output ? writeShape(request.output) : { type: "text" },
      verbosity: request.verbosity ?? "medium",
    },
    tool_choice:
      own["tool_choice"] ?? (request.toolChoice ? writeToolChoice(request.toolChoice, tools, names) : "auto"),
    tools: writeTools(tools, names, []),
    top_logprobs: request.topLogprobs ?? 0,
    top_p: request.topP ?? 1,
    truncation: own["truncation"] ?? "disabled",
    user: request.user ?? null,
    metadata: request.metadata ?? {},
  };
}

function instructionsOf(request: ChatRequest): string | null {
  const found = request.messages.find((message) => bagOf(message)?.instructions);
  const part = found?.parts[0];
  return part?.type === "text" ? part.text : null;
}

/** The state of an answer that was only taken in, from what its provider said. */
export function pendingState(vendor: Vendor | undefined): ResponseState | undefined {
  const status = vendor?.[ID]?.["status"];
  return status === "queued" || status === "in_progress" ? { status } : undefined;
}

/** The state an answer ends in. */
export function finalState(finish: FinishReason, usage: Usage | undefined): ResponseState {
  switch (finish) {
    case "length":
      return { status: "incomplete", reason: "max_output_tokens", usage };
    case "content-filter":
      return { status: "incomplete", reason: "content_filter", usage };
    case "stop":
    case "tool-calls":
    case "pause":
      return { status: "completed", usage };
  }
}

/** What a provider's response object says of the answer as a whole. */
export type ResponseFacts = { id: string; model: string; created?: number; vendor: Vendor };

export function readFacts(response: JsonObject): ResponseFacts {
  const { id, model, created_at: created, service_tier: serviceTier, status } = response;
  return {
    id: typeof id === "string" ? id : "",
    model: typeof model === "string" ? model : "",
    ...(typeof created === "number" && { created: Math.floor(created) }),
    vendor: {
      [ID]: {
        ...(typeof serviceTier === "string" && { service_tier: serviceTier }),
        ...(isPending(response) && { status }),
      },
    },
  };
}

/** Was the answer only taken in, to be fetched later by its id? */
export function isPending({ status, background }: JsonObject): boolean {
  return status === "queued" || (status === "in_progress" && background === true);
}
