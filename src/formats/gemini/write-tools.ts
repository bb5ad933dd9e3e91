import { GatewayError } from "../../core/errors.ts";
import type { Loss } from "../../core/format.ts";
import { freeTextParameters } from "../../core/free-text.ts";
import type { Quirks } from "../../core/quirks.ts";
import type { ChatRequest, Tool, ToolChoice } from "../../core/request.ts";
import type { ToolNames } from "../../core/tool-names.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { HOSTED_KINDS } from "./read-settings.ts";
import { writeParameters } from "./schema.ts";

/** What Gemini allows as a function's name. https://ai.google.dev/api/caching#FunctionDeclaration */
export const NAME_RULE = { pattern: /^[a-zA-Z_][a-zA-Z0-9_.:-]*$/, maxLength: 64 };

type HostedTool = Extract<Tool, { type: "hosted" }>;
type WrittenTools = { tools: JsonObject[]; dropped: HostedTool[] };

/**
 * Writes `tools`: one entry with all functions, then one for each hosted tool. Gemini refuses functions and hosted
 * tools side by side unless the client knows how to give the hosted ones' parts back, so those of other formats
 * yield to functions.
 */
export function writeTools(
  tools: readonly Tool[],
  toolNames: ToolNames,
  quirks: Quirks,
  losses: Loss[],
): WrittenTools {
  const written: WrittenTools = { tools: [], dropped: [] };
  const functions = tools.filter((tool) => tool.type !== "hosted");
  if (functions.length > 0)
    written.tools.push({
      functionDeclarations: functions.map((tool) => writeFunction(tool, toolNames, quirks)),
    });
  for (const tool of tools) {
    if (tool.type !== "hosted") continue;
    const entry = writeHosted(tool);
    const why = !entry
      ? "Gemini has no such tool"
      : functions.length > 0 && !tool.vendor?.gemini
        ? "Gemini runs its own tools only in requests without functions"
        : undefined;
    if (entry && !why) written.tools.push(entry);
    if (!why) continue;
    written.dropped.push(tool);
    losses.push({ what: `tool ${tool.name}`, why });
  }
  return written;
}

function writeFunction(
  tool: Exclude<Tool, { type: "hosted" }>,
  toolNames: ToolNames,
  quirks: Quirks,
): JsonObject {
  const schema = tool.type === "custom" ? freeTextParameters(tool.grammar) : tool.parameters;
  return {
    name: toolNames.toWire(tool.name, tool.namespace),
    ...(tool.description !== undefined && { description: tool.description }),
    ...(schema &&
      (quirks.jsonSchemaParameters
        ? { parametersJsonSchema: schema }
        : { parameters: writeParameters(schema) })),
    ...tool.vendor?.gemini,
  };
}

function writeHosted(tool: HostedTool): JsonObject | undefined {
  if (tool.vendor?.gemini) return tool.vendor.gemini;
  const name = Object.keys(HOSTED_KINDS).find((wire) => HOSTED_KINDS[wire] === tool.kind);
  return name === undefined ? undefined : { [name]: {} };
}

/**
 * Writes `toolConfig`; undefined when there is nothing to say. Throws `unsupported` when the client insists on a
 * tool that had to be left out.
 */
export function writeToolConfig(
  request: ChatRequest,
  toolNames: ToolNames,
  dropped: readonly HostedTool[],
): JsonObject | undefined {
  const vendor = request.vendor?.gemini?.["toolConfig"];
  const { functionCallingConfig, ...rest } = isObject(vendor) ? vendor : {};
  const kept = isObject(functionCallingConfig) ? functionCallingConfig : {};
  const hasFunctions = request.tools?.some((tool) => tool.type !== "hosted") ?? false;
  const choice = request.toolChoice;
  if (choice) refuseDropped(choice, dropped, hasFunctions);
  const calling = { ...(hasFunctions && choice && writeChoice(choice, request, toolNames)), ...kept };
  const config = { ...rest, ...(Object.keys(calling).length > 0 && { functionCallingConfig: calling }) };
  return Object.keys(config).length > 0 ? config : undefined;
}

function writeChoice(choice: ToolChoice, request: ChatRequest, toolNames: ToolNames): JsonObject {
  const wireName = (name: string) => {
    const tool = request.tools?.find((declared) => declared.type !== "hosted" && declared.name === name);
    return toolNames.toWire(name, tool?.namespace);
  };
  switch (choice.type) {
    case "auto":
      return { mode: "AUTO" };
    case "none":
      return { mode: "NONE" };
    case "required":
      return { mode: "ANY" };
    case "tool":
      return {
        mode: "ANY",
        allowedFunctionNames: [
          choice.namespace === undefined
            ? wireName(choice.name)
            : toolNames.toWire(choice.name, choice.namespace),
        ],
      };
    case "allowed":
      return {
        mode: choice.required ? "ANY" : "VALIDATED",
        allowedFunctionNames: choice.names.map(wireName),
      };
  }
}

/** A tool the client insists on must not vanish in silence. */
function refuseDropped(choice: ToolChoice, dropped: readonly HostedTool[], hasFunctions: boolean): void {
  const isDropped = (name: string) => dropped.some((tool) => tool.name === name || tool.kind === name);
  const refused =
    (choice.type === "tool" && isDropped(choice.name)) ||
    (choice.type === "allowed" && choice.required && choice.names.every(isDropped)) ||
    (choice.type === "required" && dropped.length > 0 && !hasFunctions);
  if (!refused) return;
  const names = dropped.map((tool) => tool.name).join(", ");
  throw new GatewayError(
    "unsupported",
    `The request insists on a tool that this Gemini model cannot run here (${names}). Leave the choice to the model, or use a provider that has the tool.`,
    { param: "tool_choice" },
  );
}
