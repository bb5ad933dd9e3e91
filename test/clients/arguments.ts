import { isObject, type JsonObject } from "../../src/lib/json.ts";
import type { Offered } from "./agent.ts";

/** What to say where a schema asks for it. */
export type Words = { path?: string; content?: string; command?: string; text: string };

const PATHS = /^(?:file_?paths?|paths?|file_?name|file|absolute_path|target_file|files)$/i;
const CONTENTS = /^(?:content|contents|file_text|file_content|new_text|new_string)$/i;
const COMMANDS = /^(?:command|commands|cmd|script)$/i;

/** Arguments that fit a schema: what the words are known for, and the least there can be for other required fields. */
export function fitArguments(schema: JsonObject, words: Words): JsonObject {
  const filled = fill(schema, "", words, schema);
  return isObject(filled) ? filled : {};
}

function fill(schema: unknown, name: string, words: Words, root: JsonObject): unknown {
  if (!isObject(schema)) return words.text;
  const pointed = schema["$ref"];
  if (typeof pointed === "string") return fill(resolve(root, pointed), name, words, root);
  const choices = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(choices)) {
    const choice: unknown = choices.find((one) => isObject(one) && typeOf(one) !== "null");
    return fill(choice, name, words, root);
  }
  if ("const" in schema) return schema["const"];
  if (Array.isArray(schema["enum"])) return schema["enum"][0];
  switch (typeOf(schema)) {
    case "object":
      return fillObject(schema, words, root);
    case "array":
      return fillList(schema, name, words, root);
    case "number":
    case "integer":
      return schema["minimum"] ?? 1;
    case "boolean":
      return false;
    case "null":
      return null;
    default:
      return textFor(name, words);
  }
}

function fillObject(schema: JsonObject, words: Words, root: JsonObject): JsonObject {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const filled: JsonObject = {};
  for (const [name, property] of Object.entries(properties))
    if (required.includes(name)) filled[name] = fill(property, name, words, root);
  return filled;
}

/** A shell that takes the words of a command one by one gets them from a shell. */
function fillList(schema: JsonObject, name: string, words: Words, root: JsonObject): unknown[] {
  const items = schema["items"];
  if (name === "command" && words.command !== undefined) return ["bash", "-lc", words.command];
  return [fill(items, name, words, root)];
}

function textFor(name: string, words: Words): string {
  if (PATHS.test(name)) return words.path ?? words.text;
  if (CONTENTS.test(name)) return words.content ?? words.text;
  if (COMMANDS.test(name)) return words.command ?? words.text;
  return words.text;
}

/** Gemini's own schemas write types in capitals, and JSON Schema may list several. */
function typeOf(schema: JsonObject): string {
  const { type } = schema;
  const first: unknown = Array.isArray(type) ? type.find((one) => one !== "null") : type;
  if (typeof first === "string") return first.toLowerCase();
  return isObject(schema["properties"]) ? "object" : "string";
}

function resolve(root: JsonObject, pointer: string): unknown {
  let at: unknown = root;
  for (const step of pointer.replace(/^#\/?/, "").split("/"))
    at = isObject(at) ? at[step.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
  return at;
}

/** A program for Codex's code mode that runs one command and shows what it printed. */
export function programFor(tool: Offered, command: string): string {
  const known =
    /tools\.(exec_command|shell_command|shell)\b/.exec(tool.description ?? "")?.[1] ?? "exec_command";
  const field = known === "exec_command" ? "cmd" : "command";
  return `const result = await tools.${known}({ ${field}: ${JSON.stringify(command)} });\ntext(result);\n`;
}
