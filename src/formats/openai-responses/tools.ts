import { badRequest, GatewayError } from "../../core/errors.ts";
import type { Loss } from "../../core/format.ts";
import type { Tool, ToolChoice } from "../../core/request.ts";
import type { ToolNames } from "../../core/tool-names.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { clientTool } from "./client-calls.ts";
import { Fields } from "./fields.ts";
import { type Bag, bagOf, withBag } from "./wire.ts";

/** The words other formats have for the same hosted tools. */
const HOSTED_KINDS: Readonly<{ [type: string]: string }> = {
  web_search: "web-search",
  web_search_2025_08_26: "web-search",
  web_search_preview: "web-search",
  web_search_preview_2025_03_11: "web-search",
  code_interpreter: "code-execution",
};

/** Reads declared tools; a namespace gives each tool inside it. `extra` is noted on every one of them. */
export function readTools(list: readonly Fields[], extra: Bag = {}): Tool[] {
  return list.flatMap((tool) => readTool(tool, extra));
}

function readTool(tool: Fields, extra: Bag): Tool[] {
  const type = tool.required("type");
  switch (type) {
    case "function":
      return [readFunction(tool.nested("function") ?? tool, extra)];
    case "custom":
      return [readCustom(tool, extra)];
    case "namespace": {
      const name = tool.required("name");
      const inside = readTools(tool.objects("tools"), { ...extra, namespace: tool.rest() ?? {} });
      return inside.map((one) => ({ ...one, namespace: name }));
    }
    default: {
      const known = clientTool(tool.source);
      if (known) return [{ ...known, ...withBag({ ...bagOf(known), ...extra }) }];
      const kind = HOSTED_KINDS[type] ?? type;
      return [{ type: "hosted", kind, name: type, ...withBag({ raw: tool.source, ...extra }) }];
    }
  }
}

function readFunction(tool: Fields, extra: Bag): Tool {
  tool.any("type");
  const name = tool.required("name");
  const description = tool.text("description");
  const parameters = tool.object("parameters");
  const strict = tool.flag("strict");
  return {
    type: "function",
    name,
    ...(description !== undefined && { description }),
    ...(parameters && { parameters }),
    ...(strict !== undefined && { strict }),
    ...withBag({ tool: tool.rest() ?? {}, ...extra }),
  };
}

function readCustom(tool: Fields, extra: Bag): Tool {
  const name = tool.required("name");
  const description = tool.text("description");
  const format = tool.source["format"];
  const grammar = isObject(format) && format["type"] === "grammar" ? tool.nested("format") : undefined;
  return {
    type: "custom",
    name,
    ...(description !== undefined && { description }),
    ...(grammar && {
      grammar: { syntax: grammar.text("syntax") ?? "", definition: grammar.text("definition") ?? "" },
    }),
    ...withBag({ tool: tool.rest() ?? {}, ...extra }),
  };
}

/** Writes the tools of a request; hosted tools of other vendors are lost, with a note. */
export function writeTools(tools: readonly Tool[], names: ToolNames, losses: Loss[]): JsonObject[] {
  const written: JsonObject[] = [];
  let group: { name: string; tools: JsonObject[] } | undefined;
  for (const tool of tools) {
    if (bagOf(tool)?.declaredInInput) continue;
    const wire = writeTool(tool, names, losses);
    if (!wire) continue;
    if (tool.namespace === undefined) {
      group = undefined;
      written.push(wire);
      continue;
    }
    if (group?.name !== tool.namespace) {
      group = { name: tool.namespace, tools: [] };
      written.push({
        type: "namespace",
        name: tool.namespace,
        ...bagOf(tool)?.namespace,
        tools: group.tools,
      });
    }
    group.tools.push(wire);
  }
  return written;
}

function writeTool(tool: Tool, names: ToolNames, losses: Loss[]): JsonObject | undefined {
  const bag = bagOf(tool);
  if (bag?.raw) return bag.raw;
  const described = tool.description !== undefined && { description: tool.description };
  switch (tool.type) {
    case "function":
      return {
        type: "function",
        name: wireName(tool, names),
        ...described,
        ...writeParameters(tool, bag),
        ...bag?.tool,
      };
    case "custom":
      return {
        type: "custom",
        name: wireName(tool, names),
        ...described,
        ...(tool.grammar && { format: { type: "grammar", ...tool.grammar } }),
        ...bag?.tool,
      };
    case "hosted":
      return writeHosted(tool, losses);
  }
}

/**
 * Left out, `strict` means true to this API, which then refuses schemas that are not spelled for it; so tools of
 * other formats say false.
 */
function writeParameters(tool: Extract<Tool, { type: "function" }>, bag: Bag | undefined): JsonObject {
  if (bag)
    return {
      ...(tool.parameters && { parameters: tool.parameters }),
      ...(tool.strict !== undefined && { strict: tool.strict }),
    };
  return {
    parameters: tool.parameters ?? { type: "object", properties: {} },
    strict: tool.strict ?? false,
  };
}

function writeHosted(tool: Extract<Tool, { type: "hosted" }>, losses: Loss[]): JsonObject | undefined {
  switch (tool.kind) {
    case "web-search":
      return { type: "web_search" };
    case "code-execution":
      return { type: "code_interpreter", container: { type: "auto" } };
    default:
      losses.push({ what: `tool ${tool.name}`, why: "the Responses format has no such hosted tool" });
      return undefined;
  }
}

/** Namespaces are the wire's own here, so a name inside one needs no other spelling. */
export function wireName(tool: { name: string; namespace?: string }, names: ToolNames): string {
  return tool.namespace === undefined ? names.toWire(tool.name) : tool.name;
}

/** Reads `tool_choice`; `raw` where only this format can say it, to be written back as it was. */
export function readToolChoice(value: unknown): { choice?: ToolChoice; raw?: JsonObject } {
  if (value === undefined) return {};
  if (value === "auto" || value === "none" || value === "required") return { choice: { type: value } };
  if (!isObject(value))
    throw badRequest("tool_choice must be auto, none, required or an object.", "tool_choice");
  const choice = new Fields(value, "tool_choice");
  const type = choice.required("type");
  switch (type) {
    case "auto":
    case "none":
    case "required":
      return { choice: { type } };
    case "function":
    case "custom": {
      const nested = choice.nested("function") ?? choice;
      const namespace = nested.text("namespace");
      return { choice: { type: "tool", name: nested.required("name"), ...(namespace && { namespace }) } };
    }
    case "allowed_tools": {
      const names = choice.objects("tools").map((tool) => tool.text("name") ?? tool.text("type") ?? "");
      return { choice: { type: "allowed", names, required: choice.text("mode") === "required" }, raw: value };
    }
    default:
      return {
        choice: { type: "tool", name: type === "mcp" ? (choice.text("name") ?? type) : type },
        raw: value,
      };
  }
}

/** Writes `tool_choice`. Throws `unsupported` when the one tool that must be called could not be written. */
export function writeToolChoice(choice: ToolChoice, tools: readonly Tool[], names: ToolNames): unknown {
  switch (choice.type) {
    case "auto":
    case "none":
    case "required":
      return choice.type;
    case "tool":
      return chosen(choice, tools, names);
    case "allowed":
      return {
        type: "allowed_tools",
        mode: choice.required ? "required" : "auto",
        tools: choice.names.map((name) => chosen({ name }, tools, names)),
      };
  }
}

function chosen(
  choice: { name: string; namespace?: string },
  tools: readonly Tool[],
  names: ToolNames,
): JsonObject {
  const tool = tools.find(
    (one) =>
      one.name === choice.name && (choice.namespace === undefined || one.namespace === choice.namespace),
  );
  const raw = tool && bagOf(tool)?.raw;
  if (raw) return { type: raw["type"] };
  if (tool?.type === "hosted") {
    const wire = writeHosted(tool, []);
    if (wire) return { type: wire["type"] };
    throw new GatewayError(
      "unsupported",
      `The chosen model cannot run the tool ${tool.name}, which must be called.`,
      {
        param: "tool_choice",
      },
    );
  }
  return {
    type: tool?.type ?? "function",
    ...(choice.namespace !== undefined && { namespace: choice.namespace }),
    name: tool ? wireName(tool, names) : names.toWire(choice.name),
  };
}
