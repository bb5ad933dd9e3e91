import { isObject, type JsonObject } from "../../../src/lib/json.ts";
import type { Step } from "../../kit/upstream.ts";
import type { Asked, Offered, Turn } from "../agent.ts";
import {
  checkProof,
  distinct,
  eachSchema,
  fields,
  list,
  makeProof,
  must,
  object,
  only,
  pieces,
  text,
} from "./check.ts";
import type { Circumstances, Wire } from "./wire.ts";

const TOP = fields(
  "contents tools toolConfig safetySettings systemInstruction generationConfig cachedContent labels",
);
const CONFIG = fields(
  `stopSequences responseMimeType responseSchema responseJsonSchema responseModalities candidateCount maxOutputTokens
   temperature topP topK seed presencePenalty frequencyPenalty responseLogprobs logprobs thinkingConfig mediaResolution`,
);
const DECLARATION = fields(
  "name description behavior parameters parametersJsonSchema response responseJsonSchema",
);
const PART = fields(
  "text inlineData fileData functionCall functionResponse executableCode codeExecutionResult thought thoughtSignature",
);
/** The part of OpenAPI that `parameters` may be written in. https://ai.google.dev/api/caching#Schema */
const SCHEMA = fields(
  `type format title description nullable enum maxItems minItems properties required minProperties maxProperties
   minLength maxLength pattern example anyOf propertyOrdering default items minimum maximum`,
);
const TYPES = fields("string number integer boolean array object null");
const SKIPPED = ["skip_thought_signature_validator", "context_engineering_is_the_way_to_go"];
const VENDOR = "google";

/** Google itself, with a model that wants its calls signed. */
export const gemini: Wire = {
  handles: (path) => /^\/v1beta\/models\/[^/]+:(?:stream)?[gG]enerateContent/.test(path),
  read,
  write,
  error: (message, status) => ({
    error: { code: status, message, status: status === 429 ? "RESOURCE_EXHAUSTED" : "INVALID_ARGUMENT" },
  }),
};

const modelIn = (path: string): string => decodeURIComponent(/models\/([^/:]+):/.exec(path)?.[1] ?? "");

function read(body: JsonObject, { path }: Circumstances): Asked {
  only(body, TOP, "body");
  const config = object(body["generationConfig"] ?? {}, "generation_config");
  only(config, CONFIG, "generation_config");
  const calling = isObject(body["toolConfig"]) ? body["toolConfig"]["functionCallingConfig"] : undefined;
  const mayNotCall = isObject(calling) && calling["mode"] === "NONE";
  const asked: Asked = { tools: readTools(body["tools"]), said: "", results: [], mayNotCall };
  const system = body["systemInstruction"];
  if (system !== undefined) asked.said += `${readText(object(system, "system_instruction"))}\n`;
  readContents(list(body["contents"], "contents"), modelIn(path), asked);
  const schema = config["responseJsonSchema"] ?? config["responseSchema"];
  if (isObject(schema)) asked.schema = schema;
  return asked;
}

const readText = (content: JsonObject): string =>
  list(content["parts"], "parts")
    .map((part) => String(object(part, "parts")["text"] ?? ""))
    .join("");

function readTools(value: unknown): Offered[] {
  if (value === undefined) return [];
  const groups = list(value, "tools").map((one) => object(one, "tools"));
  const tools = groups.flatMap((group) =>
    list(group["functionDeclarations"] ?? [], "function_declarations").map((one, index) => {
      const where = `function_declarations[${index}]`;
      const declaration = object(one, where);
      only(declaration, DECLARATION, where);
      const name = text(declaration["name"], `${where}.name`);
      must(/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/.test(name), `${where}.name: Invalid function name ${name}`);
      const { parameters, parametersJsonSchema } = declaration;
      must(
        parameters === undefined || parametersJsonSchema === undefined,
        `${where}: only one of the two schemas may be set`,
      );
      if (parameters !== undefined) checkSchema(object(parameters, where), `${where}.parameters`);
      const schema = object(parametersJsonSchema ?? parameters ?? {}, where);
      return { name, description: String(declaration["description"]), parameters: schema };
    }),
  );
  distinct(tools.map(({ name }) => name));
  return tools;
}

function checkSchema(schema: JsonObject, at: string): void {
  eachSchema(schema, at, (one, where) => {
    only(one, SCHEMA, where);
    const type = typeof one["type"] === "string" ? one["type"].toLowerCase() : undefined;
    must(
      one["type"] === undefined || (type && TYPES.has(type)),
      `${where}.type: Proto field is not repeating`,
    );
    must(type !== "array" || one["items"] !== undefined, `${where}.items: missing field`);
    must(one["enum"] === undefined || type === "string", `${where}.enum: only allowed for STRING type`);
    const properties = (one["properties"] ?? {}) as JsonObject;
    for (const name of (one["required"] ?? []) as string[])
      must(name in properties, `${where}.required: property is not defined: ${name}`);
    const format = one["format"];
    must(
      type !== "string" || [undefined, "enum", "date-time"].includes(format as string),
      `${where}.format: only 'enum' and 'date-time' are supported`,
    );
  });
}

function readContents(contents: unknown[], model: string, asked: Asked): void {
  must(contents.length > 0, "contents is not specified");
  const turns = contents.map((one, index) => object(one, `contents[${index}]`));
  must((turns[0]?.["role"] ?? "user") === "user", "contents: the first turn must be the user's");
  const partsOf = (turn: JsonObject | undefined): JsonObject[] =>
    turn ? list(turn["parts"], "parts").map((part) => object(part, "parts")) : [];
  const lastQuestion = turns.findLastIndex(
    (turn) =>
      turn["role"] !== "model" &&
      partsOf(turn).some((part) => part["text"] !== undefined && part["functionResponse"] === undefined),
  );
  for (const [index, turn] of turns.entries()) {
    const where = `contents[${index}]`;
    const role = String(turn["role"] ?? "user");
    must(role === "user" || role === "model", `${where}.role: Please use a valid role: user, model.`);
    const parts = partsOf(turn);
    must(parts.length > 0, `${where}.parts: contents.parts must not be empty.`);
    const calls = parts.filter((part) => part["functionCall"] !== undefined);
    const responses = parts.filter((part) => part["functionResponse"] !== undefined);
    if (calls.length > 0) checkPairs(calls, partsOf(turns[index + 1]), where);
    if (responses.length > 0)
      must(
        partsOf(turns[index - 1]).some((part) => part["functionCall"] !== undefined),
        "function response turn must come immediately after a function call turn",
      );
    if (role === "model" && calls[0] && index > lastQuestion)
      must(
        calls[0]["thoughtSignature"] !== undefined,
        `${where}: Function call is missing a thought_signature in functionCall parts.`,
      );
    for (const part of parts) readPart(part, where, role, model, asked);
  }
}

function checkPairs(calls: readonly JsonObject[], next: readonly JsonObject[], where: string): void {
  const responses = next.filter((part) => part["functionResponse"] !== undefined);
  must(
    responses.length === calls.length,
    `${where}: the number of function response parts must equal the number of function call parts`,
  );
  const namesOf = (parts: readonly JsonObject[], field: string, key: string) =>
    parts
      .map((part) => String(object(part[field], field)[key] ?? ""))
      .sort()
      .join();
  for (const key of ["name", "id"])
    must(
      namesOf(calls, "functionCall", key) === namesOf(responses, "functionResponse", key),
      `${where}: function responses do not fit the function calls by ${key}`,
    );
}

function readPart(part: JsonObject, where: string, role: string, model: string, asked: Asked): void {
  only(part, PART, where);
  const signature = part["thoughtSignature"];
  if (signature !== undefined && !SKIPPED.includes(String(signature)))
    checkProof(text(signature, where), VENDOR, model, undefined, `${where}: Thought signature is not valid.`);
  if (role === "user" && typeof part["text"] === "string") asked.said += `${part["text"]}\n`;
  if (part["functionCall"] !== undefined)
    object(object(part["functionCall"], where)["args"] ?? {}, `${where}.args`);
  if (part["functionResponse"] === undefined) return;
  const response = object(object(part["functionResponse"], where)["response"], `${where}.response`);
  asked.results.push({ text: JSON.stringify(response), failed: "error" in response });
}

function write(turn: Turn, body: JsonObject, id: string, { path }: Circumstances): Step {
  const model = modelIn(path);
  const config = isObject(body["generationConfig"]) ? body["generationConfig"] : {};
  const thinking = isObject(config["thinkingConfig"]) ? config["thinkingConfig"] : {};
  const parts: JsonObject[] = [];
  if (turn.thought && thinking["includeThoughts"] === true) parts.push({ text: turn.thought, thought: true });
  for (const piece of pieces(turn.text)) parts.push({ text: piece });
  for (const [index, { tool, input }] of turn.calls.entries())
    parts.push({
      functionCall: { name: tool.name, args: input },
      ...(index === 0 && { thoughtSignature: makeProof(VENDOR, model, turn.thought) }),
    });
  if (turn.calls.length === 0)
    parts.push({ text: "", thoughtSignature: makeProof(VENDOR, model, turn.thought) });
  const usageMetadata = {
    promptTokenCount: 100,
    candidatesTokenCount: 15,
    thoughtsTokenCount: 5,
    totalTokenCount: 120,
  };
  const head = { usageMetadata, modelVersion: model, responseId: id };
  const candidate = (said: JsonObject[], ends: boolean) => ({
    candidates: [
      { content: { role: "model", parts: said }, index: 0, ...(ends && { finishReason: "STOP" }) },
    ],
    ...head,
  });
  if (!path.includes(":stream")) return { type: "json", body: candidate(parts, true) };
  const chunks = parts.map((part, index) => {
    const value = candidate([part], index === parts.length - 1);
    return `data: ${JSON.stringify(value)}\r\n\r\n`;
  });
  return { type: "stream", chunks };
}
