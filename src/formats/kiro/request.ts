import { randomUUID } from "node:crypto";
import { GatewayError } from "../../core/errors.ts";
import type { EncodedRequest, Loss, TargetModel } from "../../core/format.ts";
import { freeTextParameters } from "../../core/free-text.ts";
import { refuseKeptElsewhere } from "../../core/kept-elsewhere.ts";
import { type ChatRequest, type Tool, type ToolChoice, wantsLogprobs } from "../../core/request.ts";
import { ToolNames } from "../../core/tool-names.ts";
import type { JsonObject } from "../../lib/json.ts";
import { writeSchema } from "./schema.ts";
import { type Turn, turnsOf } from "./turns.ts";
import {
  type HistoryEntry,
  MAX_DESCRIPTION,
  MAX_OUTPUT_TOKENS,
  TOOL_NAMES,
  type UserMessage,
  type WireTool,
} from "./wire.ts";

/**
 * Writes the body of `GenerateAssistantResponse`: the last user turn, and what was said before it. Throws
 * `unsupported` for a tool that must be called, since Kiro leaves that to the model, and for a conversation that another
 * provider keeps.
 */
export function encodeRequest(request: ChatRequest, target: TargetModel): EncodedRequest {
  refuseKeptElsewhere(request);
  const losses: Loss[] = [];
  const names = new ToolNames(request.tools, TOOL_NAMES);
  const tools = toolsOf(request, names, losses);
  const turns = turnsOf(request, names, losses);
  const [current, ...before] = [turns.at(-1) as Extract<Turn, { role: "user" }>, ...turns.slice(0, -1)];
  const profileArn = target.account?.profileArn;
  tellLosses(request, losses);
  return {
    body: {
      conversationState: {
        chatTriggerType: "MANUAL",
        conversationId: randomUUID(),
        currentMessage: { userInputMessage: userMessage(current, target.id, tools) },
        ...(before.length > 0 && { history: before.map((turn) => historyEntry(turn, target.id)) }),
      },
      ...(typeof profileArn === "string" && { profileArn }),
      inferenceConfig: inferenceOf(request, target),
    },
    toolNames: names,
    losses,
  };
}

/** Tools on offer, and those that the history calls: a history whose tools are not declared is refused. */
function toolsOf(request: ChatRequest, names: ToolNames, losses: Loss[]): WireTool[] {
  const { toolChoice } = request;
  if (insists(toolChoice)) {
    throw new GatewayError("unsupported", "Kiro leaves it to the model whether a tool is called.", {
      param: "tool_choice",
    });
  }
  const tools = new Map<string, WireTool>();
  for (const tool of request.tools ?? []) {
    if (!isOffered(tool, toolChoice)) continue;
    if (tool.type === "hosted") losses.push({ what: `tool ${tool.name}`, why: "Kiro runs no tools itself" });
    else declare(names.toWire(tool.name, tool.namespace), tool.description, parametersOf(tool));
  }
  for (const { parts } of request.messages)
    for (const part of parts)
      if (part.type === "tool-call")
        declare(names.toWire(part.name, part.namespace), "Not on offer now.", {});
  return [...tools.values()];

  function declare(name: string, description: string | undefined, parameters: JsonObject | undefined): void {
    if (tools.has(name)) return;
    const toolSpecification = {
      name,
      // An empty description is refused.
      description: (description || name).slice(0, MAX_DESCRIPTION),
      inputSchema: { json: writeSchema(parameters) },
    };
    tools.set(name, { toolSpecification });
  }
}

const insists = (choice?: ToolChoice): boolean =>
  choice?.type === "required" || choice?.type === "tool" || (choice?.type === "allowed" && choice.required);

const isOffered = ({ name }: Tool, choice?: ToolChoice): boolean =>
  choice?.type === "allowed" ? choice.names.includes(name) : choice?.type !== "none";

const parametersOf = (tool: Exclude<Tool, { type: "hosted" }>): JsonObject | undefined =>
  tool.type === "custom" ? freeTextParameters(tool.grammar) : tool.parameters;

function historyEntry(turn: Turn, modelId: string): HistoryEntry {
  if (turn.role === "user") return { userInputMessage: userMessage(turn, modelId, []) };
  const { text, uses } = turn;
  return {
    assistantResponseMessage: {
      content: text === "" ? "(calls)" : text,
      ...(uses.length > 0 && { toolUses: uses }),
    },
  };
}

function userMessage(
  { text, images, results }: Extract<Turn, { role: "user" }>,
  modelId: string,
  tools: WireTool[],
): UserMessage {
  const context = {
    ...(tools.length > 0 && { tools }),
    ...(results.length > 0 && { toolResults: results }),
  };
  return {
    // An empty text is refused, also beside results.
    content: text === "" ? (results.length > 0 ? "(results)" : "Continue.") : text,
    modelId,
    origin: "AI_EDITOR",
    ...(images.length > 0 && { images }),
    ...(Object.keys(context).length > 0 && { userInputMessageContext: context }),
  };
}

function inferenceOf(request: ChatRequest, target: TargetModel): JsonObject {
  const most = Math.min(target.maxOutputTokens ?? MAX_OUTPUT_TOKENS, MAX_OUTPUT_TOKENS);
  return {
    maxTokens: Math.min(request.maxOutputTokens ?? most, most),
    ...(request.temperature !== undefined && { temperature: request.temperature }),
    ...(request.topP !== undefined && { topP: request.topP }),
  };
}

function tellLosses(request: ChatRequest, losses: Loss[]): void {
  const why = "Kiro has no such setting";
  if ((request.stop?.length ?? 0) > 0) losses.push({ what: "stop", why });
  if (request.output && request.output.type !== "text") losses.push({ what: "response_format", why });
  if ((request.choices ?? 1) > 1) losses.push({ what: "n", why: "one answer is given per request" });
  if (wantsLogprobs(request)) losses.push({ what: "logprobs", why });
  for (const field of SILENTLY_LOST)
    if (request[field] !== undefined) losses.push({ what: field, why, silent: true });
}

const SILENTLY_LOST = [
  "reasoning",
  "topK",
  "seed",
  "frequencyPenalty",
  "presencePenalty",
  "parallelToolCalls",
  "verbosity",
  "serviceTier",
  "user",
  "metadata",
  "promptCacheKey",
] as const;
