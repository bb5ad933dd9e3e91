import { badRequest } from "../../core/errors.ts";
import type { ChatRequest, Effort, OutputShape, Reasoning, Tool, ToolChoice } from "../../core/request.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { readSchema } from "./read-schema.ts";
import { camelKeys, listOf, lookUp, objectAt } from "./wire.ts";

/** What a group of fields says, and those of its fields that have no place in a canonical request. */
export type Settings = { request: Partial<ChatRequest>; rest: JsonObject };

/** Google's hosted tools that other formats have too, by the word all use for them. */
export const HOSTED_KINDS: { [tool: string]: string } = {
  googleSearch: "web-search",
  googleSearchRetrieval: "web-search",
  codeExecution: "code-execution",
  urlContext: "web-fetch",
};

/** Reads `tools`: declared functions, and each hosted tool by its own name. */
export function readTools(value: unknown): Tool[] {
  return listOf(value).flatMap((entry, index) => {
    const { functionDeclarations, ...hosted } = objectAt(entry, `tools[${index}]`) ?? {};
    const field = `tools[${index}].functionDeclarations`;
    return [
      ...listOf(functionDeclarations).map((declared, at) => readFunction(declared, `${field}[${at}]`)),
      ...Object.entries(hosted).map(([name, settings]) => readHosted(name, settings)),
    ];
  });
}

function readFunction(value: unknown, field: string): Tool {
  const { name, description, parameters, parametersJsonSchema, ...rest } = objectAt(value, field) ?? {};
  if (typeof name !== "string" || name === "") throw badRequest(`${field}.name is missing.`, `${field}.name`);
  const schema = isObject(parametersJsonSchema)
    ? parametersJsonSchema
    : isObject(parameters)
      ? readSchema(parameters)
      : undefined;
  return {
    type: "function",
    name,
    ...(typeof description === "string" && { description }),
    ...(schema && { parameters: schema }),
    ...(Object.keys(rest).length > 0 && { vendor: { gemini: rest } }),
  };
}

const readHosted = (name: string, settings: unknown): Tool => ({
  type: "hosted",
  kind: lookUp(HOSTED_KINDS, name) ?? name,
  name,
  vendor: { gemini: { [name]: settings } },
});

/** Reads `toolConfig`. `VALIDATED` lets the model choose, like `AUTO`, and is kept for Gemini. */
export function readToolConfig(value: unknown): Settings {
  const { functionCallingConfig, ...rest } = objectAt(value, "toolConfig") ?? {};
  const field = "toolConfig.functionCallingConfig";
  const { mode, allowedFunctionNames, ...calling } = objectAt(functionCallingConfig, field) ?? {};
  const names = listOf(allowedFunctionNames).filter((name) => typeof name === "string");
  const choice = typeof mode === "string" ? readMode(mode.toUpperCase(), names, `${field}.mode`) : undefined;
  const validated = String(mode).toUpperCase() === "VALIDATED" && names.length === 0;
  const kept = { ...calling, ...(validated && { mode: "VALIDATED" }) };
  return {
    request: choice ? { toolChoice: choice } : {},
    rest: { ...rest, ...(Object.keys(kept).length > 0 && { functionCallingConfig: kept }) },
  };
}

function readMode(mode: string, names: string[], field: string): ToolChoice | undefined {
  switch (mode) {
    case "AUTO":
      return { type: "auto" };
    case "NONE":
      return { type: "none" };
    case "ANY":
      if (names.length > 1) return { type: "allowed", names, required: true };
      return names[0] === undefined ? { type: "required" } : { type: "tool", name: names[0] };
    case "VALIDATED":
      return names.length > 0 ? { type: "allowed", names, required: false } : { type: "auto" };
    case "MODE_UNSPECIFIED":
      return undefined;
    default:
      throw badRequest(`${field} must be AUTO, ANY, NONE or VALIDATED.`, field);
  }
}

/** Reads `generationConfig`. Unknown fields, and those that only Google can answer, stay in `rest`. */
export function readGenerationConfig(value: unknown): Settings {
  const place = "generationConfig";
  const { thinkingConfig, stopSequences, responseMimeType, responseSchema, responseJsonSchema, ...config } =
    objectAt(value, place) ?? {};
  const request: Partial<ChatRequest> = {};
  for (const [field, name] of NUMBERS) {
    const setting = config[field];
    if (setting === undefined || setting === null) continue;
    if (typeof setting !== "number")
      throw badRequest(`${place}.${field} must be a number.`, `${place}.${field}`);
    Object.assign(request, { [name]: setting });
    if (!KEPT.has(field)) delete config[field];
  }
  if (request.choices === 1) delete request.choices;
  if (typeof config["responseLogprobs"] === "boolean") request.logprobs = config["responseLogprobs"];
  const stop = listOf(stopSequences).filter((text) => typeof text === "string");
  if (stop.length > 0) request.stop = stop;
  const thinking = readThinking(thinkingConfig);
  if (Object.keys(thinking.reasoning).length > 0) request.reasoning = thinking.reasoning;
  if (Object.keys(thinking.rest).length > 0) config["thinkingConfig"] = thinking.rest;
  const output = readOutput(responseMimeType, responseSchema, responseJsonSchema);
  if (output) request.output = output;
  else if (responseMimeType !== undefined) config["responseMimeType"] = responseMimeType;
  if (!output && responseSchema !== undefined) config["responseSchema"] = responseSchema;
  return { request, rest: config };
}

/** Number fields and their canonical names. */
const NUMBERS = [
  ["maxOutputTokens", "maxOutputTokens"],
  ["temperature", "temperature"],
  ["topP", "topP"],
  ["topK", "topK"],
  ["candidateCount", "choices"],
  ["seed", "seed"],
  ["presencePenalty", "presencePenalty"],
  ["frequencyPenalty", "frequencyPenalty"],
  ["logprobs", "topLogprobs"],
] as const;

/** Log probabilities are asked of Gemini only where the client speaks Gemini and can read them. */
const KEPT = new Set<string>(["logprobs"]);

const LEVELS: { [level: string]: Effort } = {
  minimal: "minimal",
  low: "low",
  medium: "medium",
  high: "high",
};

/** A budget of 0 turns thinking off, −1 leaves it to the model. https://ai.google.dev/gemini-api/docs/thinking */
function readThinking(value: unknown): { reasoning: Reasoning; rest: JsonObject } {
  const { thinkingBudget, thinkingLevel, includeThoughts, ...rest } =
    objectAt(value, "generationConfig.thinkingConfig") ?? {};
  const reasoning: Reasoning = {};
  if (thinkingBudget === 0) reasoning.effort = "none";
  else if (typeof thinkingBudget === "number" && thinkingBudget < 0) reasoning.adaptive = true;
  else if (typeof thinkingBudget === "number") reasoning.budget = thinkingBudget;
  const level = typeof thinkingLevel === "string" ? lookUp(LEVELS, thinkingLevel.toLowerCase()) : undefined;
  if (level) reasoning.effort = level;
  // Gemini shows thoughts only to those who ask for them.
  if (Object.keys(reasoning).length > 0 || typeof includeThoughts === "boolean")
    reasoning.visible = includeThoughts === true;
  return { reasoning, rest };
}

function readOutput(mimeType: unknown, schema: unknown, jsonSchema: unknown): OutputShape | undefined {
  if (mimeType === "text/plain") return { type: "text" };
  if (mimeType !== "application/json") return undefined;
  if (isObject(jsonSchema)) return { type: "schema", schema: jsonSchema };
  if (isObject(schema)) return { type: "schema", schema: readSchema(camelKeys(schema)) };
  return { type: "json" };
}
