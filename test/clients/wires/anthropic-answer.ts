import { isObject, type JsonObject } from "../../../src/lib/json.ts";
import type { Step } from "../../kit/upstream.ts";
import type { Turn } from "../agent.ts";
import { makeProof, pieces } from "./check.ts";

export const VENDOR = "anthropic";

const USAGE = { input_tokens: 100, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };

/** One turn as an answer of this wire. */
export function write(turn: Turn, body: JsonObject, id: string): Step {
  const blocks = writeBlocks(turn, body, id);
  const head = {
    id: `msg_${id}`,
    type: "message",
    role: "assistant",
    model: body["model"],
    stop_sequence: null,
  };
  const stop_reason = turn.calls.length > 0 ? "tool_use" : "end_turn";
  if (body["stream"] !== true) {
    const usage = { ...USAGE, output_tokens: 20 };
    return { type: "json", body: { ...head, content: blocks, stop_reason, usage } };
  }
  const event = (type: string, more: object) =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
  const message = { ...head, content: [], stop_reason: null, usage: { ...USAGE, output_tokens: 1 } };
  const chunks = [event("message_start", { message }), event("ping", {})];
  for (const [index, block] of blocks.entries()) {
    chunks.push(event("content_block_start", { index, content_block: begun(block) }));
    for (const delta of deltas(block)) chunks.push(event("content_block_delta", { index, delta }));
    chunks.push(event("content_block_stop", { index }));
  }
  const usage = { output_tokens: 20 };
  chunks.push(
    event("message_delta", { delta: { stop_reason, stop_sequence: null }, usage }),
    event("message_stop", {}),
  );
  return { type: "stream", chunks };
}

function writeBlocks(turn: Turn, body: JsonObject, id: string): JsonObject[] {
  const thinking = isObject(body["thinking"]) ? body["thinking"] : undefined;
  const thinks = thinking !== undefined && thinking["type"] !== "disabled" && turn.thought !== "";
  const shown = thinking?.["display"] === "omitted" ? "" : turn.thought;
  const signature = makeProof(VENDOR, String(body["model"]), turn.thought);
  return [
    ...(thinks ? [{ type: "thinking", thinking: shown, signature }] : []),
    ...(turn.text ? [{ type: "text", text: turn.text }] : []),
    ...turn.calls.map(({ tool, input }, index) => ({
      type: "tool_use",
      id: `toolu_${id}_${index}`,
      name: tool.name,
      input,
    })),
  ];
}

function begun(block: JsonObject): JsonObject {
  switch (block["type"]) {
    case "thinking":
      return { type: "thinking", thinking: "", signature: "" };
    case "text":
      return { type: "text", text: "" };
    default:
      return { ...block, input: {} };
  }
}

function deltas(block: JsonObject): JsonObject[] {
  switch (block["type"]) {
    case "thinking":
      return [
        ...pieces(String(block["thinking"])).map((thinking) => ({ type: "thinking_delta", thinking })),
        { type: "signature_delta", signature: block["signature"] },
      ];
    case "text":
      return pieces(String(block["text"])).map((said) => ({ type: "text_delta", text: said }));
    default:
      return pieces(JSON.stringify(block["input"])).map((partial_json) => ({
        type: "input_json_delta",
        partial_json,
      }));
  }
}
