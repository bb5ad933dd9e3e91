import { badRequest, GatewayError } from "../../core/errors.ts";
import type { Loss } from "../../core/format.ts";
import { freeTextParameters } from "../../core/free-text.ts";
import type { Quirks } from "../../core/quirks.ts";
import type { ChatRequest, Tool, ToolChoice } from "../../core/request.ts";
import type { ToolNames } from "../../core/tool-names.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { objectsOf, otherFields, ownFields, textOf } from "./wire.ts";
import { LEGACY_MARK } from "./write-message.ts";

type ChatBody = { [field: string]: unknown };

/** Reads `tools`, or the `functions` of 2023. Throws `GatewayError` naming the field. */
export function readTools(body: ChatBody): Tool[] | undefined {
  const { tools } = body;
  if (Array.isArray(tools))
    return tools.length === 0 ? undefined : tools.map((tool, index) => readTool(tool, `tools[${index}]`));
  if (tools !== undefined && tools !== null) throw badRequest("`tools` must be a list.", "tools");
  if (!Array.isArray(body["functions"])) return undefined;
  return body["functions"].map((tool, index) => ({
    ...readFunction(tool, `functions[${index}]`),
    vendor: { "openai-chat": { [LEGACY_MARK]: true } },
  }));
}

function readTool(tool: unknown, at: string): Tool {
  if (!isObject(tool) || typeof tool["type"] !== "string")
    throw badRequest(`\`${at}.type\` is missing.`, `${at}.type`);
  switch (tool["type"]) {
    case "function":
      // Some clients write the Responses shape, without the inner object.
      if (tool["function"] === undefined) return readFunction(tool, at);
      return { ...readFunction(tool["function"], `${at}.function`), ...otherFields(tool, FUNCTION_FIELDS) };
    case "custom": {
      const custom = isObject(tool["custom"]) ? tool["custom"] : tool;
      return { ...readCustom(custom, `${at}.custom`), ...otherFields(tool, CUSTOM_FIELDS) };
    }
    default: {
      const type = tool["type"];
      const vendor = { "openai-chat": { ...tool } };
      return { type: "hosted", kind: HOSTED_KINDS[type] ?? type, name: textOf(tool["name"]) || type, vendor };
    }
  }
}

const FUNCTION_FIELDS = new Set(["type", "function"]);
const CUSTOM_FIELDS = new Set(["type", "custom", "name", "description", "format"]);

/** Hosted tools that other formats have too, by the words chat providers use. */
const HOSTED_KINDS: { [type: string]: string } = {
  web_search: "web-search",
  web_search_preview: "web-search",
  "openrouter:web_search": "web-search",
  code_interpreter: "code-execution",
};

function readFunction(value: unknown, at: string): Extract<Tool, { type: "function" }> {
  if (!isObject(value) || typeof value["name"] !== "string" || value["name"] === "")
    throw badRequest(`\`${at}.name\` is missing.`, `${at}.name`);
  const { name, description, parameters, strict } = value;
  if (parameters !== undefined && parameters !== null && !isObject(parameters))
    throw badRequest(`\`${at}.parameters\` must be a JSON Schema object.`, `${at}.parameters`);
  return {
    type: "function",
    name,
    ...(typeof description === "string" && { description }),
    ...(isObject(parameters) && { parameters }),
    ...(typeof strict === "boolean" && { strict }),
  };
}

function readCustom(custom: JsonObject, at: string): Extract<Tool, { type: "custom" }> {
  const { name, description, format } = custom;
  if (typeof name !== "string" || name === "") throw badRequest(`\`${at}.name\` is missing.`, `${at}.name`);
  const grammar = isObject(format) && isObject(format["grammar"]) ? format["grammar"] : format;
  const syntax = isObject(grammar) ? textOf(grammar["syntax"]) : "";
  return {
    type: "custom",
    name,
    ...(typeof description === "string" && { description }),
    ...(isObject(grammar) &&
      syntax !== "" && { grammar: { syntax, definition: textOf(grammar["definition"]) } }),
  };
}

/** Reads `tool_choice` in all its forms, or the `function_call` of 2023. */
export function readToolChoice(body: ChatBody): ToolChoice | undefined {
  const choice = body["tool_choice"] ?? body["function_call"];
  if (choice === undefined || choice === null) return undefined;
  const word = isObject(choice) ? choice["type"] : choice;
  if (word === "auto" || word === "none" || word === "required") return { type: word };
  // Mistral's word.
  if (word === "any") return { type: "required" };
  if (!isObject(choice)) throw unknownChoice();
  if (word === "allowed_tools")
    return readAllowed(isObject(choice["allowed_tools"]) ? choice["allowed_tools"] : choice);
  const name = chosenName(choice);
  if (name === "") throw unknownChoice();
  return { type: "tool", name };
}

function readAllowed(allowed: JsonObject): ToolChoice {
  const names = objectsOf(allowed["tools"]).map(chosenName);
  return { type: "allowed", names, required: allowed["mode"] === "required" };
}

function chosenName(choice: JsonObject): string {
  const inner = choice["function"] ?? choice["custom"];
  return textOf(isObject(inner) ? inner["name"] : choice["name"]);
}

const unknownChoice = () =>
  badRequest("`tool_choice` must be none, auto, required, or name a function.", "tool_choice");

/** What a request offers its model to call, as the wire says it. */
export type OfferedTools = { tools?: JsonObject[]; tool_choice?: unknown; parallel_tool_calls?: boolean };

/**
 * Writes the tools and the choice among them. Hosted tools of other formats are left out with a note. Throws
 * `GatewayError` (`unsupported`) when the client insists on one that had to be left out.
 */
export function writeTools(
  request: ChatRequest,
  quirks: Quirks,
  names: ToolNames,
  losses: Loss[],
): OfferedTools {
  const choice = request.toolChoice;
  const narrowed = choice?.type === "allowed" && !quirks.developerRole ? choice.names : undefined;
  const offered = new Map<string, JsonObject>();
  const offeredNames = new Set<string>();
  for (const tool of request.tools ?? []) {
    if (narrowed && !narrowed.includes(tool.name)) continue;
    const written = writeTool(tool, quirks, names);
    if (!written) {
      losses.push({ what: `tool ${tool.name}`, why: "the provider's chat endpoint cannot run it" });
      continue;
    }
    const key = tool.type === "hosted" ? JSON.stringify(written) : names.toWire(tool.name, tool.namespace);
    if (!offered.has(key)) offered.set(key, written);
    offeredNames.add(tool.name);
  }
  refuseMissing(choice, offeredNames, request.tools?.length ?? 0);
  if (offered.size === 0) return {};
  return {
    tools: [...offered.values()],
    ...(choice && { tool_choice: writeChoice(choice, request, quirks, names) }),
    ...(request.parallelToolCalls !== undefined && { parallel_tool_calls: request.parallelToolCalls }),
  };
}

function writeTool(tool: Tool, quirks: Quirks, names: ToolNames): JsonObject | undefined {
  const { [LEGACY_MARK]: _mark, ...own } = ownFields(tool);
  if (!quirks.cacheMarks) delete own["cache_control"];
  if (tool.type === "hosted") return Object.keys(own).length === 0 ? undefined : own;
  const name = names.toWire(tool.name, tool.namespace);
  const described = { name, ...(tool.description !== undefined && { description: tool.description }) };
  switch (tool.type) {
    case "function":
      return {
        type: "function",
        function: {
          ...described,
          ...(tool.parameters && { parameters: tool.parameters }),
          ...(tool.strict !== undefined && { strict: tool.strict }),
        },
        ...own,
      };
    case "custom":
      if (isNativeCustom(quirks))
        return {
          type: "custom",
          custom: {
            ...described,
            ...(tool.grammar && { format: { type: "grammar", grammar: tool.grammar } }),
          },
          ...own,
        };
      return { type: "function", function: { ...described, parameters: freeTextParameters(tool.grammar) } };
  }
}

/** OpenAI alone has tools that take free text in chat, and OpenAI alone has the developer role. */
export const isNativeCustom = (quirks: Quirks): boolean => quirks.developerRole === true;

function refuseMissing(choice: ToolChoice | undefined, offered: ReadonlySet<string>, declared: number): void {
  const isMissing =
    (choice?.type === "tool" && !offered.has(choice.name)) ||
    ((choice?.type === "required" || (choice?.type === "allowed" && choice.required)) && offered.size === 0);
  if (!isMissing) return;
  const which = choice?.type === "tool" ? `The tool ${choice.name}` : "A tool";
  const why = declared === 0 ? "none is declared" : "the provider's chat endpoint cannot run it";
  throw new GatewayError(
    "unsupported",
    `${which} must be called, but ${why}. Choose another model or drop tool_choice.`,
    {
      param: "tool_choice",
    },
  );
}

function writeChoice(choice: ToolChoice, request: ChatRequest, quirks: Quirks, names: ToolNames): unknown {
  switch (choice.type) {
    case "auto":
    case "none":
    case "required":
      return choice.type;
    case "tool":
      return writeNamed(choice.name, choice.namespace, request, quirks, names);
    case "allowed":
      if (!quirks.developerRole) return choice.required ? "required" : "auto";
      return {
        type: "allowed_tools",
        allowed_tools: {
          mode: choice.required ? "required" : "auto",
          tools: choice.names.map((name) => writeNamed(name, undefined, request, quirks, names)),
        },
      };
  }
}

function writeNamed(
  name: string,
  namespace: string | undefined,
  request: ChatRequest,
  quirks: Quirks,
  names: ToolNames,
) {
  const tool = request.tools?.find((declared) => declared.name === name);
  const family = tool?.type === "custom" && isNativeCustom(quirks) ? "custom" : "function";
  return { type: family, [family]: { name: names.toWire(name, namespace ?? tool?.namespace) } };
}
