import { GatewayError } from "../../core/errors.ts";
import type { ChatRequest } from "../../core/request.ts";
import type { Quirks } from "../../core/quirks.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import type { ModelFacts } from "./models.ts";
import { readOutputShape } from "./read-request.ts";
import { ownFields, type Fields } from "./wire.ts";

export type WrittenShape = {
  /** For `output_config.format`. */
  format?: Fields;
  /** For `output_format`, as a client of the beta said it. */
  outputFormat?: Fields;
  /** For the system text, where the shape can only be asked for in words. */
  instruction?: string;
};

/**
 * How the wanted shape of the answer is said. Throws `unsupported` when a client insists on a schema (`strict`) that
 * this model cannot be bound to.
 */
export function writeOutputShape(request: ChatRequest, facts: ModelFacts, quirks: Quirks): WrittenShape {
  const { output } = request;
  if (!output || output.type === "text") return {};
  if (output.type === "json")
    return {
      instruction: "Answer with one valid JSON object and nothing else: no explanation, no code fence.",
    };
  if (facts.structuredOutput && !quirks.noJsonSchema)
    return asSaid(request) ?? { format: strictFormat(output.schema) };
  if (output.strict)
    throw new GatewayError("unsupported", "This model cannot be bound to a JSON schema (strict).", {
      param: "response_format",
    });
  return {
    instruction: `Answer with one JSON document and nothing else: no explanation, no code fence. It must fit this JSON schema:\n${JSON.stringify(output.schema)}`,
  };
}

/** A Messages client's own words, while nobody changed what they mean. */
function asSaid(request: ChatRequest): WrittenShape | undefined {
  const own = ownFields(request);
  if (!Bun.deepEquals(readOutputShape(own), request.output)) return undefined;
  const config = own["output_config"];
  const format = isObject(config) ? config["format"] : undefined;
  if (isObject(format)) return { format };
  return isObject(own["output_format"]) ? { outputFormat: own["output_format"] } : undefined;
}

const strictFormat = (schema: JsonObject): Fields => ({ type: "json_schema", schema: strictSchema(schema) });

/** Words of JSON Schema that the constrained decoder knows. */
const KNOWN = new Set([
  "type",
  "properties",
  "required",
  "items",
  "enum",
  "const",
  "anyOf",
  "allOf",
  "$ref",
  "$defs",
  "definitions",
  "description",
  "title",
]);
const FORMATS = new Set("date-time time date duration email hostname uri ipv4 ipv6 uuid".split(" "));

/**
 * A schema within what Anthropic can bind an answer to: objects closed, limits it does not know told in the
 * description. https://platform.claude.com/docs/en/build-with-claude/structured-outputs
 */
export function strictSchema(schema: JsonObject): JsonObject {
  const strict: JsonObject = {};
  const untold: string[] = [];
  for (const [word, value] of Object.entries(schema)) {
    if (word === "$schema" || word === "additionalProperties") continue;
    if (word === "oneOf") strict["anyOf"] = inner("anyOf", value);
    else if (KNOWN.has(word) || isKnownLimit(word, value)) strict[word] = inner(word, value);
    else untold.push(`${word}: ${JSON.stringify(value)}`);
  }
  if (schema["type"] === "object" || isObject(schema["properties"])) strict["additionalProperties"] = false;
  if (untold.length > 0)
    strict["description"] = [schema["description"], `(${untold.join(", ")})`]
      .filter((text) => typeof text === "string")
      .join(" ");
  return strict;
}

const isKnownLimit = (word: string, value: unknown): boolean =>
  (word === "format" && FORMATS.has(String(value))) || (word === "minItems" && (value === 0 || value === 1));

function inner(word: string, value: unknown): unknown {
  switch (word) {
    case "properties":
    case "$defs":
    case "definitions":
      return isObject(value)
        ? Object.fromEntries(
            Object.entries(value).map(([name, schema]) => [
              name,
              isObject(schema) ? strictSchema(schema) : schema,
            ]),
          )
        : value;
    case "items":
      return isObject(value) ? strictSchema(value) : value;
    case "anyOf":
    case "allOf":
      return Array.isArray(value)
        ? value.map((entry) => (isObject(entry) ? strictSchema(entry) : entry))
        : value;
    default:
      return value;
  }
}
