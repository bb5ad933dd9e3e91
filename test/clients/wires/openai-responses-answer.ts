import { isObject, type JsonObject } from "../../../src/lib/json.ts";
import type { Step } from "../../kit/upstream.ts";
import type { Call, Turn } from "../agent.ts";
import { list, makeProof, must, pieces } from "./check.ts";

export const VENDOR = "openai";

const USAGE = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 20,
  output_tokens_details: { reasoning_tokens: 5 },
  total_tokens: 120,
};

/** One turn as an answer of this wire. */
export function write(turn: Turn, body: JsonObject, id: string): Step {
  const items = asksForSummary(body) ? [writeSummary(turn, id)] : writeItems(turn, body, id);
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

const asksForSummary = (body: JsonObject): boolean =>
  list(body["input"], "input").some((item) => isObject(item) && item["type"] === "compaction_trigger");

const SEAL = "sealed summary: ";

function writeSummary({ text }: Turn, id: string): JsonObject {
  return {
    type: "compaction",
    id: `cmp_${id}`,
    encrypted_content: Buffer.from(SEAL + text).toString("base64"),
  };
}

/** What such an item said. Refuses one that was not made here. */
export function openSummary(sealed: string, where: string): string {
  const opened = Buffer.from(sealed, "base64").toString();
  must(opened.startsWith(SEAL), `${where}: The encrypted content could not be verified.`);
  return opened.slice(SEAL.length);
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
    case "compaction":
      return item;
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
    case "compaction":
      return [];
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
