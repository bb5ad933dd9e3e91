import { badRequest } from "../../core/errors.ts";
import type { Message, Tool } from "../../core/request.ts";
import type { Part } from "../../core/reply.ts";
import { readClientCall, readClientOutput } from "./client-calls.ts";
import { readSummary, summaryTurn } from "./compaction.ts";
import { readOutput } from "./content.ts";
import { type Fields, objectsOf } from "./fields.ts";
import { leftover, messageBag, messageParts, rawPart, readCall, readItem, readMessage } from "./items.ts";
import { type Entry, settleTurns } from "./turns.ts";
import { readTools } from "./tools.ts";
import { MADE_ID, withBag } from "./wire.ts";

/** What the `input` of a request says: its turns, and tools that items of it declare. */
export type Input = { messages: Message[]; tools: Tool[] };

/** Reads `input`: a string, or a list of items. Throws `bad_request` naming the item at fault. */
export function readInput(input: unknown): Input {
  if (typeof input === "string")
    return {
      messages: [{ role: "user", parts: [{ type: "text", text: input }], ...withBag({ input: true }) }],
      tools: [],
    };
  if (!Array.isArray(input)) throw badRequest("input must be a string or a list of items.", "input");
  const tools: Tool[] = [];
  const entries = objectsOf(input, "input").flatMap((item) => readEntry(item, tools));
  return { messages: settleTurns(entries), tools };
}

function readEntry(item: Fields, tools: Tool[]): Entry[] {
  const type = item.text("type") ?? (item.source["role"] === undefined ? "item_reference" : "message");
  switch (type) {
    case "message":
      return readTurn(item);
    case "function_call":
    case "custom_tool_call": {
      const call = readCall(item, { maker: "" });
      if (call.id === "") throw badRequest(`${item.at("call_id")} is required.`, item.at("call_id"));
      return [{ type: "call", call }];
    }
    case "function_call_output":
    case "custom_tool_call_output":
      return [{ type: "output", result: readResult(item, type === "custom_tool_call_output") }];
    case "additional_tools":
      readDeclared(item, tools);
      return [{ type: "turn", message: { role: "system", developer: true, parts: [rawPart(item.source)] } }];
    case "tool_search_output":
      readDeclared(item, tools);
      break;
    case "compaction_trigger":
      return [{ type: "turn", message: summaryTurn() }];
    case "compaction": {
      const message = readSummary(item.text("encrypted_content"));
      if (message) return [{ type: "turn", message }];
      break;
    }
    case "item_reference":
      return [{ type: "assistant", parts: [readReference(item)], message: false }];
  }
  const call = readClientCall(item);
  if (call) return [{ type: "call", call }];
  const result = readClientOutput(item);
  if (result) return [{ type: "output", result }];
  return [{ type: "assistant", parts: readItem(item, { maker: "" }), message: false }];
}

/** A reference stands for an item its vendor keeps. Items made here are kept by nobody, and must not vanish unseen. */
function readReference(item: Fields): Part {
  const id = item.required("id");
  if (MADE_ID.test(id))
    throw badRequest(
      `${item.at("id")} refers to an item that is stored nowhere. Send whole items, as with "store": false.`,
      item.at("id"),
    );
  return rawPart({ ...item.source, type: "item_reference" });
}

function readTurn(item: Fields): Entry[] {
  const role = item.required("role");
  if (role === "assistant") return [{ type: "assistant", parts: readMessage(item), message: true }];
  if (role !== "user" && role !== "system" && role !== "developer")
    throw badRequest(`${item.at("role")} must be user, assistant, system or developer.`, item.at("role"));
  const parts = messageParts(item);
  if (parts.length === 0) return [];
  const message: Message = {
    role: role === "user" ? "user" : "system",
    parts,
    ...(role === "developer" && { developer: true }),
    ...withBag(messageBag(item)),
  };
  return [{ type: "turn", message }];
}

function readResult(item: Fields, freeText: boolean): Extract<Part, { type: "tool-result" }> {
  const output = item.any("output");
  return {
    type: "tool-result",
    id: item.required("call_id"),
    output: readOutput(output, item.at("output")),
    ...(freeText && { freeText }),
    ...withBag({ item: leftover(item), ...(typeof output === "string" && { plain: true }) }),
  };
}

/** Tools that stand in the input itself (Codex puts all of them there) are offered like any others. */
function readDeclared(item: Fields, tools: Tool[]): void {
  const seen = new Set(tools.map(keyOf));
  for (const tool of readTools(item.objects("tools"), { declaredInInput: true })) {
    if (seen.has(keyOf(tool))) continue;
    seen.add(keyOf(tool));
    tools.push(tool);
  }
}

const keyOf = (tool: Tool): string => `${tool.namespace ?? ""}\u0000${tool.name}`;
