import type { FormatId } from "../../src/core/reply.ts";
import { SseSplitter } from "../../src/lib/sse.ts";
import type { Wire } from "./strict/rules.ts";

/** What a client is told, piece by piece, after its protocol was checked to the letter. */
export type StrictlyRead = {
  pieces: Piece[];
  /** The protocol's own word; undefined for a stream that ended in an error. */
  finish: string | undefined;
  usage: Wire;
  error: Wire;
};
export type Piece =
  | { type: "text" | "reasoning" | "refusal"; text: string; proof?: string }
  | { type: "withheld"; proof: string }
  | { type: "call"; id: string; name: string; input: string }
  | { type: "other"; kind: string };

/** Reads a client's stream as the strictest of its clients would. Throws at whatever one of them could stumble over. */
export const STRICT_READERS: Readonly<Record<FormatId, (wire: Buffer) => StrictlyRead>> = {
  "openai-chat": readChat,
  "openai-responses": readResponses,
  anthropic: readMessages,
  gemini: readGemini,
};

function must(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

function framesOf(wire: Buffer): { event: string; data: string }[] {
  must(!wire.toString().includes("\uFFFD"), "a character was cut in two");
  const splitter = new SseSplitter();
  return [...splitter.push(wire), ...splitter.end()];
}

/** https://platform.claude.com/docs/en/build-with-claude/streaming */
function readMessages(wire: Buffer): StrictlyRead {
  const read: StrictlyRead = { pieces: [], finish: undefined, usage: undefined, error: undefined };
  let state: "before" | "open" | "ended" | "stopped" = "before";
  let block: Wire;
  let index = -1;
  for (const { event, data } of framesOf(wire)) {
    const body: Wire = JSON.parse(data);
    must(event === body.type, `the event ${event} is of type ${body.type}`);
    must(state !== "stopped", `${body.type} behind the end`);
    switch (body.type) {
      case "ping":
        break;
      case "message_start":
        must(state === "before", "a second message_start");
        must(Number.isInteger(body.message.usage.input_tokens), "message_start without usage");
        must(
          body.message.content.length === 0 && body.message.stop_reason === null,
          "message_start is not empty",
        );
        state = "open";
        break;
      case "content_block_start":
        must(state === "open" && block === undefined, "a block begins inside another");
        must(body.index === ++index, `block ${body.index} follows block ${index - 1}`);
        block = { ...body.content_block, json: "", signature: "" };
        break;
      case "content_block_delta":
        must(block && body.index === index, "a delta of no open block");
        growBlock(block, body.delta);
        break;
      case "content_block_stop":
        must(block && body.index === index, "a stop of no open block");
        read.pieces.push(pieceOfBlock(block));
        block = undefined;
        break;
      case "message_delta":
        must(state === "open" && block === undefined, "the end comes inside a block, or twice");
        must(typeof body.delta.stop_reason === "string", "no stop reason");
        read.finish = body.delta.stop_reason;
        read.usage = body.usage;
        state = "ended";
        break;
      case "message_stop":
        must(state === "ended", "message_stop without message_delta");
        state = "stopped";
        break;
      case "error":
        must(
          typeof body.error.type === "string" && typeof body.error.message === "string",
          "no error object",
        );
        must(state !== "ended", "an error behind the end");
        read.error = body.error;
        state = "stopped";
        break;
      default:
        throw new Error(`unknown event ${body.type}`);
    }
  }
  must(state === "stopped", "the stream has no end");
  return read;
}

function growBlock(block: Wire, delta: Wire): void {
  const wanted: { [type: string]: RegExp } = {
    text_delta: /^text$/,
    thinking_delta: /^thinking$/,
    signature_delta: /^thinking$/,
    input_json_delta: /tool_use$/,
    citations_delta: /^text$/,
    compaction_delta: /^compaction$/,
  };
  must(wanted[delta.type]?.test(block.type), `Content block is not a ${delta.type} block`);
  if (delta.type === "text_delta") block.text += delta.text;
  if (delta.type === "thinking_delta") block.thinking += delta.thinking;
  if (delta.type === "signature_delta") {
    must(block.signature === "", "two signatures for one block");
    block.signature = delta.signature;
  }
  if (delta.type === "input_json_delta") block.json += delta.partial_json;
}

function pieceOfBlock(block: Wire): Piece {
  switch (block.type) {
    case "text":
      must(block.text !== "", "an empty text block");
      return { type: "text", text: block.text };
    case "thinking":
      must(block.thinking !== "" || block.signature !== "", "an empty thinking block");
      return {
        type: "reasoning",
        text: block.thinking,
        ...(block.signature !== "" && { proof: block.signature }),
      };
    case "redacted_thinking":
      return { type: "withheld", proof: block.data };
    case "tool_use":
      must(/^[a-zA-Z0-9_-]+$/.test(block.id) || block.id !== "", "a call without id");
      must(block.name !== "" && block.json !== "", "a call without a name or input");
      return { type: "call", id: block.id, name: block.name, input: block.json };
    default:
      return { type: "other", kind: block.type };
  }
}

/** https://platform.openai.com/docs/api-reference/responses-streaming */
function readResponses(wire: Buffer): StrictlyRead {
  const read: StrictlyRead = { pieces: [], finish: undefined, usage: undefined, error: undefined };
  const items: Wire[] = [];
  const ids = new Set<string>();
  let open: Wire;
  let next = 0;
  let ended = false;
  for (const { event, data } of framesOf(wire)) {
    const body: Wire = JSON.parse(data);
    must(event === body.type, `the event ${event} is of type ${body.type}`);
    must(!ended, `${body.type} behind the end`);
    must(body.sequence_number === next, `number ${body.sequence_number} instead of ${next}`);
    if (next === 0) must(body.type === "response.created", "does not begin with response.created");
    if (next === 1) must(body.type === "response.in_progress", "response.in_progress does not follow");
    next++;
    switch (body.type) {
      case "response.created":
      case "response.in_progress":
        must(body.response.status === "in_progress" && body.response.output.length === 0, "not a beginning");
        break;
      case "response.output_item.added":
        must(open === undefined, "an item begins inside another");
        must(body.output_index === items.length, `item ${body.output_index} follows ${items.length - 1}`);
        must(body.item.id && !ids.has(body.item.id), "an item without an id of its own");
        ids.add(body.item.id);
        open = { id: body.item.id, type: body.item.type, text: "", parts: 0 };
        break;
      case "response.output_item.done":
        must(
          open && body.output_index === items.length && body.item.id === open.id,
          "the end of no open item",
        );
        must(body.item.type === open.type, "an item changed its type");
        must(open.parts === 0, "an item ends before its content");
        items.push(body.item);
        read.pieces.push(...piecesOfItem(body.item, open.text));
        open = undefined;
        break;
      case "response.completed":
      case "response.incomplete":
      case "response.failed":
      case "response.queued":
        must(open === undefined, "the end comes inside an item");
        ended = true;
        must(Bun.deepEquals(body.response.output, items), "the response's output is not what was told");
        read.finish = body.response.incomplete_details?.reason ?? body.response.status;
        read.usage = body.response.usage;
        read.error = body.response.error ?? undefined;
        break;
      default:
        must(open && body.output_index === items.length, `${body.type} of no open item`);
        must(body.item_id === open.id, `${body.type} of another item`);
        growItem(open, body);
    }
  }
  must(ended, "stream closed before response.completed");
  if (read.error) read.finish = undefined;
  else if (read.finish !== "queued") checkUsage(read.usage);
  return read;
}

function checkUsage(usage: Wire): void {
  must(Number.isInteger(usage?.input_tokens_details?.cached_tokens), "no cached_tokens");
  must(Number.isInteger(usage.output_tokens_details?.reasoning_tokens), "no reasoning_tokens");
  must(usage.total_tokens === usage.input_tokens + usage.output_tokens, "tokens do not add up");
}

function growItem(open: Wire, event: Wire): void {
  if (/part\.added$/.test(event.type)) {
    must(open.parts++ === 0, "two pieces open at once");
    open.text = "";
  } else if (/part\.done$/.test(event.type)) open.parts--;
  else if (event.type.endsWith(".delta")) open.text += event.delta;
  else if (event.type.endsWith(".done")) {
    const whole = event.text ?? event.arguments ?? event.input ?? event.refusal;
    must(whole === open.text, `${event.type} says something else than its deltas`);
    open.isWhole = true;
  }
}

function piecesOfItem(item: Wire, input: string): Piece[] {
  switch (item.type) {
    case "message":
      return item.content.map((piece: Wire) =>
        piece.type === "refusal"
          ? { type: "refusal", text: piece.refusal }
          : { type: "text", text: piece.text },
      );
    case "reasoning": {
      const text = [...(item.content ?? []), ...item.summary].map((piece: Wire) => piece.text).join("\n\n");
      const proof = item.encrypted_content;
      if (text === "" && proof) return [{ type: "withheld", proof }];
      return [{ type: "reasoning", text, ...(proof && { proof }) }];
    }
    case "function_call":
    case "custom_tool_call": {
      const told = item.arguments ?? item.input;
      must(item.call_id && item.name, "a call without id or name");
      must(
        item.status !== "completed" || told === input || input === "",
        "the item is not what its deltas said",
      );
      return item.status === "completed"
        ? [{ type: "call", id: item.call_id, name: item.name, input: told }]
        : [];
    }
    default:
      return [{ type: "other", kind: item.type }];
  }
}

/** https://platform.openai.com/docs/api-reference/chat-streaming */
function readChat(wire: Buffer): StrictlyRead {
  const read: StrictlyRead = { pieces: [], finish: undefined, usage: undefined, error: undefined };
  const calls: Wire[] = [];
  let head: string | undefined;
  let done = false;
  for (const { data } of framesOf(wire)) {
    must(!done && !read.error, "something stands behind the end");
    if (data === "[DONE]") {
      done = true;
      continue;
    }
    const chunk: Wire = JSON.parse(data);
    if (chunk.error) {
      read.error = chunk.error;
      continue;
    }
    const named = JSON.stringify([chunk.id, chunk.model, chunk.created, chunk.object]);
    must((head ??= named) === named, "id, model or time changed in the middle");
    must(read.usage === undefined, "something stands behind the usage");
    if (chunk.usage) read.usage = chunk.usage;
    const [choice] = chunk.choices;
    if (!choice) continue;
    if (choice.index > 0) continue;
    must(read.finish === undefined, "a delta behind the finish reason");
    if (read.pieces.length === 0 && calls.length === 0 && choice.delta.role === undefined)
      must(hasBegun.has(read), "no role in the first delta");
    hasBegun.add(read);
    growChat(read, calls, choice.delta);
    if (choice.finish_reason !== null) read.finish = choice.finish_reason;
  }
  must(done !== Boolean(read.error), "an error and an end, or neither");
  must(done === (read.finish !== undefined), "[DONE] without a finish reason");
  read.pieces.push(...calls.map(({ id, name, input }): Piece => ({ type: "call", id, name, input })));
  return read;
}

const hasBegun = new WeakSet<object>();

function growChat(read: StrictlyRead, calls: Wire[], delta: Wire): void {
  const told: [Piece["type"], unknown][] = [
    ["reasoning", delta.reasoning_content],
    ["text", delta.content],
    ["refusal", delta.refusal],
  ];
  for (const [type, text] of told) {
    if (typeof text !== "string" || text === "") continue;
    const last = read.pieces.at(-1);
    if (last?.type === type && "text" in last) last.text += text;
    else read.pieces.push({ type, text } as Piece);
  }
  for (const { index, id, function: called, custom } of delta.tool_calls ?? []) {
    must(index <= calls.length, `call ${index} follows call ${calls.length - 1}`);
    const { name, arguments: input } = called ?? { name: custom?.name, arguments: custom?.input };
    if (index === calls.length) {
      must(id && name, "a call begins without id or name");
      calls.push({ id, name, input: "" });
    } else must(id === undefined && name === undefined, "a call is named twice");
    calls[index].input += input ?? "";
  }
}

/** https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent */
function readGemini(wire: Buffer): StrictlyRead {
  const read: StrictlyRead = { pieces: [], finish: undefined, usage: undefined, error: undefined };
  for (const frame of wire.toString().split("\r\n\r\n").filter(Boolean)) {
    if (frame.startsWith(":")) continue;
    must(/^data: \{.*\}$/.test(frame), "a frame that is no single line of data");
    const chunk: Wire = JSON.parse(frame.slice(6));
    must(read.finish === undefined && !read.error, "a chunk behind the finish reason");
    if (chunk.error) {
      must(Number.isInteger(chunk.error.code) && chunk.error.status, "no error object");
      read.error = chunk.error;
      continue;
    }
    if (chunk.usageMetadata) read.usage = chunk.usageMetadata;
    if (chunk.promptFeedback?.blockReason) read.finish = "PROMPT_BLOCKED";
    const candidate = chunk.candidates?.[0];
    if (!candidate) continue;
    must(candidate.content.role === "model" && candidate.content.parts.length > 0, "a content without parts");
    for (const part of candidate.content.parts) growGemini(read, part);
    if (candidate.finishReason) read.finish = candidate.finishReason;
  }
  must((read.finish === undefined) !== (read.error === undefined), "an error and an end, or neither");
  return read;
}

function growGemini(read: StrictlyRead, part: Wire): void {
  const { text, thought, thoughtSignature: proof, functionCall: call } = part;
  const last = read.pieces.at(-1);
  if (call) {
    must(call.name && typeof call.args === "object" && !Array.isArray(call.args), "a call that is not whole");
    read.pieces.push({ type: "call", id: call.id ?? "", name: call.name, input: JSON.stringify(call.args) });
  } else if (text === undefined) read.pieces.push({ type: "other", kind: Object.keys(part)[0] ?? "" });
  else if (text !== "") {
    const type = thought ? "reasoning" : "text";
    if (last?.type === type && !("proof" in last && last.proof)) last.text += text;
    else read.pieces.push({ type, text });
  }
  const signed = read.pieces.at(-1);
  if (proof && signed && signed.type !== "call" && "text" in signed) signed.proof = proof;
}
