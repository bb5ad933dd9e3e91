import type { Tool } from "../../core/request.ts";
import { knownClientTool } from "./known-tools.ts";
import {
  at,
  optionalObject,
  optionalString,
  otherFields,
  requiredObject,
  requiredString,
  vendorOf,
  wrongField,
  type Fields,
} from "./wire.ts";

/** Reads the tools a client offers. Throws `bad_request` naming the field. */
export function readTools(list: unknown[] | undefined): Tool[] | undefined {
  return list?.map((value, index) => readTool(requiredObject(value, `tools[${index}]`), `tools[${index}]`));
}

const FUNCTION = new Set(["type", "name", "description", "input_schema", "strict"]);

function readTool(tool: Fields, path: string): Tool {
  const type = optionalString(tool, "type", path) ?? "custom";
  if (type !== "custom") return readTypedTool(type, tool);
  const parameters = optionalObject(tool, "input_schema", path);
  if (!parameters) throw wrongField(undefined, at(path, "input_schema"), "an object");
  const description = optionalString(tool, "description", path);
  return {
    type: "function",
    name: requiredString(tool, "name", path),
    parameters,
    ...(description !== undefined && { description }),
    ...(typeof tool["strict"] === "boolean" && { strict: tool["strict"] }),
    ...vendorOf(otherFields(tool, FUNCTION)),
  };
}

/** Tools declared by a type word with a date: run by the client or by Anthropic. */
function readTypedTool(type: string, tool: Fields): Tool {
  const name = typeof tool["name"] === "string" ? tool["name"] : type;
  const vendor = { anthropic: tool };
  const known = knownClientTool(type);
  if (known) return { type: "function", name, ...known, vendor };
  return { type: "hosted", kind: HOSTED_KINDS[type.replace(/_\d+$/, "")] ?? type, name, vendor };
}

/** Hosted tools that other formats have too. */
const HOSTED_KINDS: Readonly<Record<string, string>> = {
  web_search: "web-search",
  web_fetch: "web-fetch",
  code_execution: "code-execution",
};
