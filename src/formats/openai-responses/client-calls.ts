import { NO_RESULT } from "../../core/lost-calls.ts";
import type { Part } from "../../core/reply.ts";
import type { Tool } from "../../core/request.ts";
import { isObject, type JsonObject, tryParseJson } from "../../lib/json.ts";
import type { Fields } from "./fields.ts";
import { withoutMadeId } from "./items.ts";
import { bagOf, withBag } from "./wire.ts";

type ToolCall = Extract<Part, { type: "tool-call" }>;
type ToolResult = Extract<Part, { type: "tool-result" }>;

/**
 * Tools with a wire shape of their own that the client runs. Other formats are offered them as functions under the
 * tool's type word; `field` is where the call item keeps its arguments.
 */
const CLIENT_TOOLS: Readonly<{
  [tool: string]: { call: string; output: string; field: string; describe: string; parameters: JsonObject };
}> = {
  local_shell: {
    call: "local_shell_call",
    output: "local_shell_call_output",
    field: "action",
    describe: "Runs a command on the user's machine and gives its output.",
    parameters: {
      type: "object",
      properties: {
        type: { type: "string", enum: ["exec"] },
        command: { type: "array", items: { type: "string" }, description: "The program and its arguments." },
        env: { type: "object", additionalProperties: { type: "string" } },
        working_directory: { type: "string" },
        timeout_ms: { type: "integer" },
      },
      required: ["type", "command", "env"],
    },
  },
  shell: {
    call: "shell_call",
    output: "shell_call_output",
    field: "action",
    describe: "Runs shell commands on the user's machine and gives their output.",
    parameters: {
      type: "object",
      properties: {
        commands: { type: "array", items: { type: "string" } },
        timeout_ms: { type: "integer" },
        max_output_length: { type: "integer" },
      },
      required: ["commands"],
    },
  },
  apply_patch: {
    call: "apply_patch_call",
    output: "apply_patch_call_output",
    field: "operation",
    describe: "Creates, updates or deletes one file. `diff` is a V4A diff of the file's lines.",
    parameters: {
      type: "object",
      properties: {
        type: { type: "string", enum: ["create_file", "update_file", "delete_file"] },
        path: { type: "string" },
        diff: { type: "string" },
      },
      required: ["type", "path"],
    },
  },
  tool_search: {
    call: "tool_search_call",
    output: "tool_search_output",
    field: "arguments",
    describe: "Finds further tools that fit what is to be done.",
    parameters: { type: "object", properties: { query: { type: "string" } }, required: ["query"] },
  },
};

/** A declared tool of this kind as a function; undefined for tools the provider runs itself. */
export function clientTool(raw: JsonObject): Tool | undefined {
  const type = String(raw["type"]);
  const tool = Object.hasOwn(CLIENT_TOOLS, type) ? CLIENT_TOOLS[type] : undefined;
  if (!tool || runsAtProvider(raw)) return undefined;
  const { description, parameters } = raw;
  return {
    type: "function",
    name: type,
    description: typeof description === "string" ? description : tool.describe,
    parameters: isObject(parameters) ? parameters : tool.parameters,
    ...withBag({ raw }),
  };
}

function runsAtProvider(thing: JsonObject): boolean {
  const { environment, execution, type } = thing;
  if (type === "tool_search" || type === "tool_search_call" || type === "tool_search_output")
    return execution !== "client";
  return isObject(environment) && environment["type"] !== "local";
}

/** Reads a call item of this kind in a client's input; undefined for any other item. */
export function readClientCall(item: Fields): ToolCall | undefined {
  const found = Object.entries(CLIENT_TOOLS).find(([, tool]) => tool.call === item.text("type"));
  const id = item.text("call_id");
  if (!found || id === undefined || runsAtProvider(item.source)) return undefined;
  const [name, { field }] = found;
  const input = item.any(field);
  return {
    type: "tool-call",
    id,
    name,
    input: typeof input === "string" ? input : JSON.stringify(input ?? {}),
    ...withBag({ item: withoutMadeId(item.source) }),
  };
}

/** Reads an output item of this kind in a client's input; undefined for any other item. */
export function readClientOutput(item: Fields): ToolResult | undefined {
  const known = Object.values(CLIENT_TOOLS).some((tool) => tool.output === item.text("type"));
  const id =
    item.text("call_id") ?? (item.text("type") === "local_shell_call_output" ? item.text("id") : undefined);
  if (!known || id === undefined || runsAtProvider(item.source)) return undefined;
  return {
    type: "tool-result",
    id,
    output: [{ type: "text", text: outputText(item.source) }],
    ...(item.source["status"] === "failed" && { failed: true }),
    ...withBag({ item: item.source }),
  };
}

function outputText({ type, status, output, tools }: JsonObject): string {
  if (type === "tool_search_output") return `Found: ${toolNames(tools).join(", ") || "nothing"}.`;
  if (Array.isArray(output)) return output.map(commandText).join("\n");
  if (typeof output === "string" && output !== "") return output;
  return typeof status === "string" ? status : "";
}

function toolNames(tools: unknown): string[] {
  if (!Array.isArray(tools)) return [];
  return tools.filter(isObject).flatMap((tool) => [String(tool["name"]), ...toolNames(tool["tools"])]);
}

function commandText(output: unknown): string {
  if (!isObject(output)) return "";
  const { stdout, stderr, outcome } = output;
  const end = isObject(outcome) ? (outcome["exit_code"] ?? outcome["type"]) : undefined;
  const ended = typeof end === "number" || typeof end === "string" ? `[exit: ${end}]` : "";
  return [stdout, stderr, ended].filter((text) => typeof text === "string" && text !== "").join("\n");
}

/** The item for a call of a tool that the client declared in this format's own shape; undefined for other tools. */
export function writeClientCall(tool: Tool | undefined, call: ToolCall): JsonObject | undefined {
  const type = tool && bagOf(tool)?.raw?.["type"];
  const known =
    typeof type === "string" && Object.hasOwn(CLIENT_TOOLS, type) ? CLIENT_TOOLS[type] : undefined;
  if (!known) return undefined;
  const input = tryParseJson(call.input);
  return {
    type: known.call,
    call_id: call.id,
    ...(type === "tool_search" && { execution: "client" }),
    [known.field]: isObject(input) ? input : {},
  };
}

/** The output item for a call item of this kind that was never answered. */
export function interruptedOutput(call: JsonObject, call_id: string): JsonObject {
  switch (call["type"]) {
    case "local_shell_call":
      return { type: "local_shell_call_output", id: call_id, output: NO_RESULT };
    case "shell_call":
      return {
        type: "shell_call_output",
        call_id,
        output: [{ stdout: "", stderr: NO_RESULT, outcome: { type: "timeout" } }],
      };
    case "apply_patch_call":
      return { type: "apply_patch_call_output", call_id, status: "failed", output: NO_RESULT };
    default:
      return { type: "tool_search_output", call_id, execution: "client", tools: [] };
  }
}

/** Must the client run what this raw item of an answer asks for? */
export function asksClient(item: JsonObject): boolean {
  const { type } = item;
  if (type === "computer_call") return true;
  const known = Object.values(CLIENT_TOOLS).some((tool) => tool.call === type);
  // A search for tools goes on in the client's next request, and the vendor does not count it as a call.
  return known && type !== "tool_search_call" && !runsAtProvider(item);
}
