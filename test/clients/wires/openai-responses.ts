import { isObject, type JsonObject, tryParseJson } from "../../../src/lib/json.ts";
import type { Step } from "../../kit/upstream.ts";
import type { Asked, Call, Offered, Turn } from "../agent.ts";
import {
  checkProof,
  distinct,
  fields,
  list,
  makeProof,
  must,
  object,
  objectSchema,
  only,
  pieces,
  text,
} from "./check.ts";
import type { Wire } from "./wire.ts";

const TOP = fields(
  `model input instructions stream stream_options tools tool_choice parallel_tool_calls max_output_tokens temperature
   top_p text reasoning include store previous_response_id prompt_cache_key prompt_cache_retention metadata user
   service_tier truncation top_logprobs safety_identifier client_metadata max_tool_calls background`,
);
const INCLUDES = fields(
  `reasoning.encrypted_content web_search_call.action.sources file_search_call.results code_interpreter_call.outputs
   message.output_text.logprobs message.input_image.image_url computer_call_output.output.image_url`,
);
const VENDOR = "openai";
const HOSTED = fields(
  "web_search web_search_preview code_interpreter image_generation tool_search file_search",
);
const ITEM_IDS: { [type: string]: RegExp } = {
  message: /^msg/,
  reasoning: /^rs/,
  function_call: /^fc/,
  custom_tool_call: /^ctc/,
};
const MORE_ITEMS = fields(
  "web_search_call tool_search_call tool_search_output image_generation_call item_reference",
);

/** OpenAI's own Responses: nothing is stored, reasoning goes back sealed. */
export const openaiResponses: Wire = {
  handles: (path) => path.endsWith("/v1/responses"),
  read,
  write,
  error: (message) => ({ error: { message, type: "invalid_request_error", param: null, code: null } }),
};

function read(body: JsonObject): Asked {
  only(body, TOP, "body");
  must(body["previous_response_id"] === undefined, "previous_response_id: Previous response not found");
  const limit = body["max_output_tokens"];
  must(
    limit === undefined || (typeof limit === "number" && limit >= 16),
    "max_output_tokens: must be 16 or more",
  );
  for (const one of list(body["include"] ?? [], "include"))
    must(INCLUDES.has(String(one)), `include: unknown ${String(one)}`);
  const tools = readTools(body["tools"] ?? [], "tools");
  const asked: Asked = {
    tools,
    said: typeof body["instructions"] === "string" ? `${body["instructions"]}\n` : "",
    results: [],
  };
  const input =
    typeof body["input"] === "string"
      ? [{ role: "user", content: body["input"] }]
      : list(body["input"], "input");
  must(input.length > 0, "input: must not be empty");
  const items = input.map((one, index) => object(one, `input.${index}`));
  const open = new Map<unknown, string>();
  for (const [index, item] of items.entries())
    readItem(item, `input.${index}`, {
      asked,
      open,
      next: items[index + 1],
      model: text(body["model"], "model"),
    });
  must(open.size === 0, `No tool output found for function call ${[...open.keys()].join(", ")}.`);
  distinct(asked.tools.map(({ namespace, name }) => `${namespace ?? ""}/${name}`));
  const format = isObject(body["text"]) ? body["text"]["format"] : undefined;
  if (isObject(format) && isObject(format["schema"])) asked.schema = format["schema"];
  return asked;
}

function readTools(value: unknown, where: string, namespace?: string): Offered[] {
  return list(value, where).flatMap((one, index) => {
    const at = `${where}.${index}`;
    const tool = object(one, at);
    const type = text(tool["type"], `${at}.type`);
    if (HOSTED.has(type)) return [];
    const name = text(tool["name"], `${at}.name`);
    if (type === "namespace") return readTools(tool["tools"], `${at}.tools`, name);
    must(type === "function" || type === "custom", `${at}.type: unknown type ${type}`);
    must(/^[a-zA-Z0-9_-]{1,128}$/.test(name), `${at}.name: Invalid name ${name}`);
    const offered = {
      name,
      ...(namespace !== undefined && { namespace }),
      description: String(tool["description"]),
    };
    if (type === "custom") return [{ ...offered, freeText: true }];
    const parameters = object(tool["parameters"] ?? { type: "object", properties: {} }, `${at}.parameters`);
    objectSchema(parameters, `${at}.parameters`);
    if (tool["strict"] === true) checkStrict(parameters, `${at}.parameters`);
    return [{ ...offered, parameters }];
  });
}

function checkStrict(schema: JsonObject, where: string): void {
  const names = Object.keys((schema["properties"] ?? {}) as JsonObject);
  const required = (schema["required"] ?? []) as unknown[];
  must(
    schema["additionalProperties"] === false && names.every((name) => required.includes(name)),
    `${where}: strict wants 'required' to name every property and additionalProperties to be false`,
  );
}

type Place = { asked: Asked; open: Map<unknown, string>; next: JsonObject | undefined; model: string };

function readItem(item: JsonObject, where: string, { asked, open, next, model }: Place): void {
  const type = text(item["type"] ?? "message", `${where}.type`);
  const pattern = ITEM_IDS[type];
  if (pattern && item["id"] !== undefined && item["id"] !== null)
    must(
      pattern.test(text(item["id"], `${where}.id`)),
      `${where}.id: expected an id that begins with ${String(pattern)}`,
    );
  switch (type) {
    case "message":
      asked.said += `${readContent(item, where)}\n`;
      return;
    case "additional_tools":
      asked.tools.push(...readTools(item["tools"], `${where}.tools`));
      return;
    case "reasoning":
      must(
        typeof item["encrypted_content"] === "string",
        `${where}: Item not found. Items are not kept when store is false.`,
      );
      checkProof(
        item["encrypted_content"],
        VENDOR,
        model,
        undefined,
        `${where}: The encrypted content could not be verified.`,
      );
      must(
        next && next["role"] !== "user" && next["type"] !== "function_call_output",
        `${where}: Item of type 'reasoning' was provided without its required following item.`,
      );
      return;
    case "function_call":
      must(
        isObject(tryParseJson(text(item["arguments"], "arguments"))),
        `${where}.arguments: no JSON object`,
      );
      open.set(item["call_id"], type);
      return;
    case "custom_tool_call":
      text(item["input"], `${where}.input`);
      open.set(item["call_id"], type);
      return;
    case "function_call_output":
    case "custom_tool_call_output":
      must(
        `${open.get(item["call_id"])}_output` === type,
        `${where}: No tool call found for ${type} ${String(item["call_id"])}.`,
      );
      open.delete(item["call_id"]);
      asked.results.push({ text: outputText(item["output"], where), failed: false });
      return;
    default:
      must(MORE_ITEMS.has(type), `${where}.type: Invalid value: '${type}'`);
  }
}

function readContent(item: JsonObject, where: string): string {
  const role = text(item["role"], `${where}.role`);
  must(
    ["user", "assistant", "system", "developer"].includes(role),
    `${where}.role: Invalid value: '${role}'`,
  );
  if (typeof item["content"] === "string") return item["content"];
  const allowed =
    role === "assistant" ? ["output_text", "refusal"] : ["input_text", "input_image", "input_file"];
  return list(item["content"], `${where}.content`)
    .map((one, index) => {
      const part = object(one, `${where}.content.${index}`);
      must(
        allowed.includes(String(part["type"])),
        `${where}.content.${index}.type: Invalid value: '${String(part["type"])}'`,
      );
      return typeof part["text"] === "string" ? part["text"] : "";
    })
    .join("");
}

function outputText(output: unknown, where: string): string {
  if (typeof output === "string") return output;
  return list(output, `${where}.output`)
    .map((one) => object(one, `${where}.output`))
    .map((part) => {
      must(
        ["input_text", "input_image", "input_file"].includes(String(part["type"])),
        `${where}.output: unknown part`,
      );
      return String(part["text"] ?? "");
    })
    .join("");
}

const USAGE = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 20,
  output_tokens_details: { reasoning_tokens: 5 },
  total_tokens: 120,
};

function write(turn: Turn, body: JsonObject, id: string): Step {
  const items = writeItems(turn, body, id);
  const response = (status: string, output: JsonObject[]) => ({
    id: `resp_${id}`,
    object: "response",
    created_at: 1_790_000_000,
    status,
    model: body["model"],
    output,
    parallel_tool_calls: true,
    tools: [],
    tool_choice: "auto",
    error: null,
    incomplete_details: null,
    usage: status === "completed" ? USAGE : null,
  });
  if (body["stream"] !== true) return { type: "json", body: response("completed", items) };
  const chunks: string[] = [];
  const event = (type: string, more: object) => {
    const value = { type, sequence_number: chunks.length, ...more };
    chunks.push(`event: ${type}\ndata: ${JSON.stringify(value)}\n\n`);
  };
  event("response.created", { response: response("in_progress", []) });
  event("response.in_progress", { response: response("in_progress", []) });
  for (const [output_index, item] of items.entries()) {
    event("response.output_item.added", { output_index, item: begun(item) });
    const place = { output_index, item_id: item["id"] };
    for (const [type, more] of growth(item)) event(type, { ...place, ...more });
    event("response.output_item.done", { output_index, item });
  }
  event("response.completed", { response: response("completed", items) });
  return { type: "stream", chunks };
}

function writeItems(turn: Turn, body: JsonObject, id: string): JsonObject[] {
  const items: JsonObject[] = [];
  const sealed = list(body["include"] ?? [], "include").includes("reasoning.encrypted_content");
  if (turn.thought && isObject(body["reasoning"]))
    items.push({
      type: "reasoning",
      id: `rs_${id}`,
      summary: [{ type: "summary_text", text: turn.thought }],
      ...(sealed && { encrypted_content: makeProof(VENDOR, String(body["model"]), turn.thought) }),
    });
  if (turn.text)
    items.push({
      type: "message",
      id: `msg_${id}`,
      status: "completed",
      role: "assistant",
      content: [{ type: "output_text", text: turn.text, annotations: [] }],
    });
  return [...items, ...turn.calls.map((call, index) => writeCall(call, `${id}_${index}`))];
}

function writeCall({ tool, input }: Call, id: string): JsonObject {
  const common = {
    call_id: `call_${id}`,
    status: "completed",
    name: tool.name,
    ...(tool.namespace !== undefined && { namespace: tool.namespace }),
  };
  if (tool.freeText) return { type: "custom_tool_call", id: `ctc_${id}`, ...common, input };
  return { type: "function_call", id: `fc_${id}`, ...common, arguments: JSON.stringify(input) };
}

/** An item as it stands when it is opened. */
function begun(item: JsonObject): JsonObject {
  switch (item["type"]) {
    case "reasoning":
      return { ...item, summary: [], ...("encrypted_content" in item && { encrypted_content: "early" }) };
    case "message":
      return { ...item, status: "in_progress", content: [] };
    case "function_call":
      return { ...item, status: "in_progress", arguments: "" };
    default:
      return { ...item, status: "in_progress", input: "" };
  }
}

function growth(item: JsonObject): [type: string, more: object][] {
  switch (item["type"]) {
    case "reasoning": {
      const [{ text: said }] = item["summary"] as [{ text: string }];
      const at = { summary_index: 0 };
      return [
        ["response.reasoning_summary_part.added", { ...at, part: { type: "summary_text", text: "" } }],
        ...growing("response.reasoning_summary_text", "text", said, at),
        ["response.reasoning_summary_part.done", { ...at, part: { type: "summary_text", text: said } }],
      ];
    }
    case "message": {
      const [part] = item["content"] as [{ text: string }];
      const at = { content_index: 0 };
      return [
        ["response.content_part.added", { ...at, part: { ...part, text: "" } }],
        ...growing("response.output_text", "text", part.text, { ...at, logprobs: [] }),
        ["response.content_part.done", { ...at, part }],
      ];
    }
    case "function_call":
      return growing("response.function_call_arguments", "arguments", String(item["arguments"]), {});
    default:
      return growing("response.custom_tool_call_input", "input", String(item["input"]), {});
  }
}

function growing(event: string, field: string, said: string, at: object): [type: string, more: object][] {
  return [
    ...pieces(said).map((delta): [string, object] => [`${event}.delta`, { ...at, delta }]),
    [`${event}.done`, { ...at, [field]: said }],
  ];
}
