import { GatewayError } from "../../core/errors.ts";
import type { Loss } from "../../core/format.ts";
import { freeTextParameters } from "../../core/free-text.ts";
import type { ChatRequest, Tool, ToolChoice } from "../../core/request.ts";
import type { ToolNames } from "../../core/tool-names.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import type { ModelFacts } from "./models.ts";
import { ownFields, wholeObject, type Fields } from "./wire.ts";

/** What tools are called on this wire. https://platform.claude.com/docs/en/agents-and-tools/tool-use */
export const TOOL_NAME_RULE = { pattern: /^[a-zA-Z0-9_-]{1,128}$/, maxLength: 128 };

export type ToolContext = { facts: ModelFacts; names: ToolNames; losses: Loss[] };

/**
 * The tools of a request, and which of them the model may or must call. Throws `unsupported` when the client forces
 * a tool that had to be left out.
 */
export function writeTools(
  request: ChatRequest,
  context: ToolContext,
): { tools?: Fields[]; tool_choice?: Fields } {
  const offered = allowedTools(request);
  const written = offered.flatMap((tool) => {
    const wire = writeTool(tool, context, request.vendor?.anthropic !== undefined);
    return wire ? [{ tool, wire }] : [];
  });
  refuseMissingForced(
    request.toolChoice,
    written.map(({ tool }) => tool),
  );
  const tools = written.map(({ wire }) => wire);
  if (tools.length === 0) return toolsOfHistory(request, context);
  const choice = writeChoice(request, context);
  return { tools, ...(choice && { tool_choice: choice }) };
}

/** Is the model made to call a tool? */
export function forcesTool(request: ChatRequest): boolean {
  const choice = request.toolChoice;
  if (choice?.type === "allowed") return choice.required;
  return choice?.type === "required" || choice?.type === "tool";
}

function allowedTools(request: ChatRequest): readonly Tool[] {
  const tools = request.tools ?? [];
  const choice = request.toolChoice;
  if (choice?.type !== "allowed") return tools;
  return tools.filter((tool) => choice.names.includes(tool.name));
}

function writeTool(tool: Tool, context: ToolContext, native: boolean): Fields | undefined {
  const { facts, names } = context;
  const whole = facts.claude ? wholeObject(tool) : undefined;
  if (whole) return whole;
  const extras = wholeObject(tool) ? {} : ownFields(tool);
  const described = tool.description === undefined ? {} : { description: tool.description };
  switch (tool.type) {
    case "function":
      return {
        name: names.toWire(tool.name, tool.namespace),
        ...described,
        input_schema: native ? (tool.parameters ?? EMPTY) : inputSchema(tool.parameters),
        ...(native && tool.strict !== undefined && { strict: tool.strict }),
        ...extras,
      };
    case "custom":
      return {
        name: names.toWire(tool.name, tool.namespace),
        ...described,
        input_schema: freeTextParameters(tool.grammar),
        ...extras,
      };
    case "hosted":
      return writeHosted(tool, context);
  }
}

const EMPTY: JsonObject = { type: "object", properties: {} };

/**
 * Tools that Anthropic runs itself, in their oldest versions, which every model takes.
 * https://platform.claude.com/docs/en/agents-and-tools/tool-use/server-tools
 */
function writeHosted(
  tool: Extract<Tool, { type: "hosted" }>,
  { facts, losses }: ToolContext,
): Fields | undefined {
  if (facts.claude)
    switch (tool.kind) {
      case "web-search":
        return { type: "web_search_20250305", name: "web_search", ...searchLimits(tool) };
      case "code-execution":
        return { type: "code_execution_20250825", name: "code_execution" };
      case "web-fetch":
        return { type: "web_fetch_20250910", name: "web_fetch" };
      default:
    }
  losses.push({ what: `tool ${tool.name}`, why: "no tool of this kind is run at this model's provider" });
  return undefined;
}

/** OpenAI's limits of a web search, which have their like here. */
function searchLimits(tool: Tool): Fields {
  const bag = tool.vendor?.["openai-responses"] ?? {};
  const theirs = isObject(bag["raw"]) ? bag["raw"] : bag;
  const place = theirs["user_location"];
  const filters = theirs["filters"];
  const domains = isObject(filters) ? filters["allowed_domains"] : undefined;
  return {
    ...(isObject(place) && place["type"] === "approximate" && { user_location: place }),
    ...(Array.isArray(domains) && domains.length > 0 && { allowed_domains: domains }),
  };
}

/** A tool's schema as Anthropic takes it: an object at the top, without alternatives there. */
export function inputSchema(parameters: JsonObject | undefined): JsonObject {
  if (!parameters) return EMPTY;
  const { anyOf, oneOf, allOf, ...plain } = parameters;
  const variants = [anyOf, oneOf, allOf].flatMap((list) =>
    Array.isArray(list) ? list.filter(isObject) : [],
  );
  const schema = { ...plain, type: "object" };
  if (variants.length === 0) return isObject(plain["properties"]) ? schema : { ...schema, properties: {} };
  const all = [plain, ...variants];
  const properties = Object.assign(
    {},
    ...all.map((variant) => variant["properties"]).filter(isObject),
  ) as JsonObject;
  const always = Array.isArray(allOf) ? [plain, ...allOf.filter(isObject)] : [plain];
  const required = always.flatMap((part) =>
    Array.isArray(part["required"]) ? (part["required"] as unknown[]) : [],
  );
  return { ...schema, properties, ...(required.length > 0 && { required: [...new Set(required)] }) };
}

function refuseMissingForced(choice: ToolChoice | undefined, tools: readonly Tool[]): void {
  const missing =
    choice?.type === "tool"
      ? !tools.some((tool) => tool.name === choice.name && tool.namespace === choice.namespace)
      : (choice?.type === "required" || (choice?.type === "allowed" && choice.required)) &&
        tools.length === 0;
  if (!missing) return;
  const name = choice?.type === "tool" ? `The tool ${choice.name}` : "A tool call";
  throw new GatewayError("unsupported", `${name} is demanded, but this model cannot be offered that tool.`, {
    param: "tool_choice",
  });
}

function writeChoice(request: ChatRequest, { facts, names, losses }: ToolContext): Fields | undefined {
  const apart = request.parallelToolCalls === false ? { disable_parallel_tool_use: true } : undefined;
  const choice = request.toolChoice;
  if (choice?.type === "none") return { type: "none" };
  if (!choice || choice.type === "auto" || (choice.type === "allowed" && !choice.required))
    return choice || apart ? { type: "auto", ...apart } : undefined;
  if (!facts.forcedTools) {
    losses.push({ what: "forced tool call", why: "this model decides itself whether to call a tool" });
    return { type: "auto", ...apart };
  }
  return choice.type === "tool"
    ? { type: "tool", name: names.toWire(choice.name, choice.namespace), ...apart }
    : { type: "any", ...apart };
}

/**
 * A history with calls needs the tools declared, also where the client offers none any more, as agents do when they
 * let a conversation be summed up.
 */
function toolsOfHistory(
  request: ChatRequest,
  { names }: ToolContext,
): { tools?: Fields[]; tool_choice?: Fields } {
  if (request.vendor?.anthropic) return {};
  const called = new Set<string>();
  for (const message of request.messages)
    for (const part of message.parts)
      if (part.type === "tool-call") called.add(names.toWire(part.name, part.namespace));
  if (called.size === 0) return {};
  return {
    tools: [...called].map((name) => ({ name, input_schema: EMPTY })),
    tool_choice: { type: "none" },
  };
}
