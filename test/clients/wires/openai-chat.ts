import { isObject, type JsonObject, tryParseJson } from "../../../src/lib/json.ts";
import type { Step } from "../../kit/upstream.ts";
import type { Asked, Offered, Turn } from "../agent.ts";
import { distinct, fields, list, must, object, objectSchema, only, pieces, text } from "./check.ts";
import type { Circumstances, Wire } from "./wire.ts";

const TOP = fields(
  `model messages stream stream_options tools tool_choice parallel_tool_calls max_tokens temperature top_p n stop seed
   user response_format reasoning_effort frequency_penalty presence_penalty logprobs top_logprobs prompt_cache_key`,
);
/** What OpenAI itself knows beside that. */
const OPENAI_TOP = fields(
  "max_completion_tokens store metadata service_tier verbosity prediction modalities",
);
const MESSAGE: { [role: string]: ReadonlySet<string> } = {
  system: fields("role content name"),
  user: fields("role content name"),
  assistant: fields("role content name tool_calls refusal reasoning_content"),
  tool: fields("role content tool_call_id name"),
};
const PART = fields("text image_url input_audio file refusal");

/** OpenAI, or a service that is "compatible" and no more: no developer role, no fields of its own. */
export const openaiChat: Wire = {
  handles: (path) => path.endsWith("/v1/chat/completions"),
  read,
  write,
  error: (message) => ({ error: { message, type: "invalid_request_error", param: null, code: null } }),
};

function read(body: JsonObject, { path }: Circumstances): Asked {
  const isOpenai = path.startsWith("/openai/");
  only(body, isOpenai ? new Set([...TOP, ...OPENAI_TOP]) : TOP, "body");
  must(body["stream_options"] === undefined || body["stream"] === true, "stream_options needs stream");
  const tools = readTools(body["tools"]);
  must(
    tools.length > 0 || (body["tool_choice"] ?? body["parallel_tool_calls"]) === undefined,
    "tool_choice needs tools",
  );
  const messages = list(body["messages"], "messages").map((one, index) => object(one, `messages.${index}`));
  must(messages.length > 0, "messages: at least one message is required");
  const asked: Asked = { tools, said: "", results: [], mayNotCall: body["tool_choice"] === "none" };
  checkCalls(messages);
  for (const [index, message] of messages.entries())
    readMessage(message, `messages.${index}`, isOpenai, asked);
  const format = body["response_format"];
  if (isObject(format) && isObject(format["json_schema"]))
    asked.schema = format["json_schema"]["schema"] as JsonObject;
  return asked;
}

function readTools(value: unknown): Offered[] {
  if (value === undefined) return [];
  const tools = list(value, "tools").map((one, index) => {
    const tool = object(one, `tools.${index}`);
    must(tool["type"] === "function", `tools.${index}.type: only functions are known here`);
    const { name, description, parameters } = object(tool["function"], `tools.${index}.function`);
    must(
      /^[a-zA-Z0-9_-]{1,64}$/.test(text(name, "name")),
      `tools.${index}.function.name: Invalid name ${String(name)}`,
    );
    if (parameters !== undefined)
      objectSchema(object(parameters, "parameters"), `tools.${index}.function.parameters`);
    return {
      name: name as string,
      description: String(description),
      parameters: (parameters ?? {}) as JsonObject,
    };
  });
  must(tools.length > 0, "tools: must not be empty");
  distinct(tools.map(({ name }) => name));
  return tools;
}

/** Every call is answered by the messages directly behind it, and nothing else is. */
function checkCalls(messages: readonly JsonObject[]): void {
  let open = new Set<unknown>();
  for (const [index, message] of messages.entries()) {
    if (message["role"] === "tool") {
      must(
        open.delete(message["tool_call_id"]),
        `messages.${index}: no call before it has this tool_call_id`,
      );
      continue;
    }
    must(open.size === 0, `messages.${index}: calls without an answer: ${[...open].join(", ")}`);
    const calls = message["tool_calls"] === undefined ? [] : list(message["tool_calls"], "tool_calls");
    open = new Set(calls.map((call) => object(call, "tool_calls")["id"]));
    must(open.size === calls.length, `messages.${index}.tool_calls: ids must differ`);
  }
  must(open.size === 0, `calls without an answer: ${[...open].join(", ")}`);
}

function readMessage(message: JsonObject, where: string, isOpenai: boolean, asked: Asked): void {
  const role = text(message["role"], `${where}.role`);
  const known = MESSAGE[role === "developer" && isOpenai ? "system" : role];
  must(known, `${where}.role: '${role}' is not one of system, user, assistant, tool`);
  only(message, known, where);
  must(!isOpenai || !("reasoning_content" in message), `${where}.reasoning_content: Unknown field`);
  const content = readContent(message["content"], where);
  if (role === "tool") asked.results.push({ text: content, failed: false });
  else asked.said += `${content}\n`;
  if (role !== "assistant") return;
  const calls = (message["tool_calls"] ?? []) as JsonObject[];
  must(content !== "" || calls.length > 0, `${where}: content or tool_calls must be set`);
  for (const call of calls) {
    const { arguments: input } = object(call["function"], `${where}.tool_calls.function`);
    must(
      isObject(tryParseJson(text(input, "arguments"))),
      `${where}: arguments are no JSON object: ${String(input)}`,
    );
  }
}

function readContent(content: unknown, where: string): string {
  if (typeof content === "string") return content;
  if (content === null || content === undefined) return "";
  return list(content, `${where}.content`)
    .map((one) => {
      const part = object(one, `${where}.content`);
      must(PART.has(text(part["type"], "type")), `${where}.content: unknown part ${String(part["type"])}`);
      return part["type"] === "text" ? text(part["text"], `${where}.content.text`) : "";
    })
    .join("");
}

const USAGE = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 };

function write(
  { thought: thinks, ...turn }: Turn,
  body: JsonObject,
  id: string,
  { path }: Circumstances,
): Step {
  // OpenAI shows nobody on this wire what its models think.
  const thought = path.startsWith("/openai/") ? "" : thinks;
  const head = { id: `chatcmpl-${id}`, created: 1_790_000_000, model: body["model"] };
  const calls = turn.calls.map(({ tool, input }, index) => ({
    index,
    id: `call_${id}_${index}`,
    type: "function",
    function: { name: tool.name, arguments: JSON.stringify(input) },
  }));
  const finish = calls.length > 0 ? "tool_calls" : "stop";
  if (body["stream"] !== true) {
    const message = {
      role: "assistant",
      content: turn.text || null,
      ...(thought && { reasoning_content: thought }),
      ...(calls.length > 0 && { tool_calls: calls.map(({ index: _index, ...call }) => call) }),
    };
    const choices = [{ index: 0, message, finish_reason: finish }];
    return { type: "json", body: { ...head, object: "chat.completion", choices, usage: USAGE } };
  }
  const line = (more: object) =>
    `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", ...more })}\n\n`;
  const delta = (said: object, finish_reason: string | null = null) =>
    line({ choices: [{ index: 0, delta: said, finish_reason }] });
  const chunks = [delta({ role: "assistant", content: "" })];
  for (const piece of pieces(thought)) chunks.push(delta({ reasoning_content: piece }));
  for (const piece of pieces(turn.text)) chunks.push(delta({ content: piece }));
  for (const call of calls) {
    chunks.push(delta({ tool_calls: [{ ...call, function: { ...call.function, arguments: "" } }] }));
    for (const piece of pieces(call.function.arguments))
      chunks.push(delta({ tool_calls: [{ index: call.index, function: { arguments: piece } }] }));
  }
  chunks.push(delta({}, finish));
  const options = body["stream_options"];
  if (isObject(options) && options["include_usage"] === true)
    chunks.push(line({ choices: [], usage: USAGE }));
  chunks.push("data: [DONE]\n\n");
  return { type: "stream", chunks };
}
