import { isObject, type JsonObject, tryParseJson } from "../../../src/lib/json.ts";
import type { Asked, Offered } from "../agent.ts";
import { checkProof, distinct, fields, list, must, object, objectSchema, only, text } from "./check.ts";
import { openSummary, VENDOR, write } from "./openai-responses-answer.ts";
import type { Circumstances, Wire } from "./wire.ts";

const TOP = fields(
  `model input instructions stream stream_options tools tool_choice parallel_tool_calls max_output_tokens temperature
   top_p text reasoning include store previous_response_id prompt_cache_key prompt_cache_retention metadata user
   service_tier truncation top_logprobs safety_identifier client_metadata max_tool_calls background`,
);
const INCLUDES = fields(
  `reasoning.encrypted_content web_search_call.action.sources file_search_call.results code_interpreter_call.outputs
   message.output_text.logprobs message.input_image.image_url computer_call_output.output.image_url`,
);
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

function read(body: JsonObject, { path }: Circumstances): Asked {
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
    mayNotCall: body["tool_choice"] === "none",
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
      compacts: path.startsWith("/openai/"),
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

type Place = {
  asked: Asked;
  open: Map<unknown, string>;
  next: JsonObject | undefined;
  model: string;
  /** OpenAI makes summaries itself; services that only resemble it know nothing of such items. */
  compacts: boolean;
};

function readItem(item: JsonObject, where: string, place: Place): void {
  const { asked, open, next, model } = place;
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
    case "compaction_trigger":
      must(place.compacts && !next, `${where}.type: Invalid value: '${type}'`);
      asked.mayNotCall = true;
      return;
    case "compaction":
      must(place.compacts, `${where}.type: Invalid value: '${type}'`);
      asked.said += `${openSummary(text(item["encrypted_content"], where), where)}\n`;
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
