import { isObject, type JsonObject, tryParseJson } from "../lib/json.ts";

/**
 * Tools that take free text (Responses custom tools) are offered to other formats as a function with this one
 * string, and their calls wrapped and unwrapped accordingly.
 */
export const FREE_TEXT_FIELD = "input";

/** The parameters of such a function. The grammar, where there is one, is told in words: no schema can hold it. */
export function freeTextParameters(grammar?: { syntax: string; definition: string }): JsonObject {
  const description = grammar
    ? `The whole input as plain text. It must match this ${grammar.syntax} grammar:\n${grammar.definition}`
    : "The whole input as plain text.";
  return {
    type: "object",
    properties: { [FREE_TEXT_FIELD]: { type: "string", description } },
    required: [FREE_TEXT_FIELD],
    additionalProperties: false,
  };
}

/** Free text as the arguments of that function. */
export function wrapFreeText(text: string): string {
  return JSON.stringify({ [FREE_TEXT_FIELD]: text });
}

/** The free text in such arguments; arguments of any other shape are taken as the text itself. */
export function unwrapFreeText(input: string): string {
  const parsed = tryParseJson(input);
  if (typeof parsed === "string") return parsed;
  if (!isObject(parsed)) return input;
  const text = parsed[FREE_TEXT_FIELD];
  if (typeof text === "string") return text;
  const values = Object.values(parsed);
  return values.length === 1 && typeof values[0] === "string" ? values[0] : input;
}
