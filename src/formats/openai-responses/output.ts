import type { EncodeContext } from "../../core/format.ts";
import { unwrapFreeText, wrapFreeText } from "../../core/free-text.ts";
import type { Part, Source } from "../../core/reply.ts";
import type { Tool } from "../../core/request.ts";
import { sha256 } from "../../lib/ids.ts";
import type { JsonObject } from "../../lib/json.ts";
import { CallIds } from "./call-ids.ts";
import { writeClientCall } from "./client-calls.ts";
import { writeSlot } from "./proofs.ts";
import { bagOf, ID } from "./wire.ts";

type ToolCall = Extract<Part, { type: "tool-call" }>;
type Reasoning = Extract<Part, { type: "reasoning" }>;
export type Status = "in_progress" | "completed" | "incomplete";

/** Words in front of item ids, by item type. */
const PREFIXES: Readonly<{ [type: string]: string }> = {
  message: "msg",
  reasoning: "rs",
  function_call: "fc",
  custom_tool_call: "ctc",
  image_generation_call: "ig",
};

/** Spells the items of one answer for a client: stable ids, no id twice, tools under the names it declared. */
export class ItemSpeller {
  readonly #seed: string;
  readonly #ids = new Set<string>();
  readonly #callIds = new CallIds();

  constructor(readonly context: EncodeContext) {
    this.#seed = sha256(context.id).slice(0, 24);
  }

  /** The id of the item at `index`: the one the provider gave it, else one made from the answer's id and its place. */
  id(type: string, index: number, given?: unknown): string {
    const own = typeof given === "string" && given !== "" && !this.#ids.has(given);
    const id = own ? given : `${PREFIXES[type] ?? "item"}_omni${this.#seed}_${index}`;
    this.#ids.add(id);
    return id;
  }

  /** The call's id, made where the provider gave none, and with a number where it gave one twice. */
  callId(part: ToolCall, index: number): string {
    return this.#callIds.distinct(part.id || `call_omni${this.#seed}_${index}`);
  }

  /** The tool the client declared under the call's name; a namespace left out is found where only one fits. */
  declared(part: ToolCall): Tool | undefined {
    const named = (this.context.request.tools ?? []).filter((tool) => tool.name === part.name);
    const exact = named.find((tool) => tool.namespace === part.namespace);
    return exact ?? (part.namespace === undefined && named.length === 1 ? named[0] : undefined);
  }

  /** How a call has to be told to this client. */
  call(part: ToolCall): CallSpelling {
    const tool = this.declared(part);
    const namespace = part.namespace ?? tool?.namespace;
    if (writeClientCall(tool, part)) return { kind: "own", tool };
    const isFreeText = part.freeText === true;
    const kind = (tool ? tool.type === "custom" : isFreeText) ? "custom" : "function";
    return {
      kind,
      respell: kind === "custom" ? (isFreeText ? undefined : "unwrap") : isFreeText ? "wrap" : undefined,
      ...(namespace !== undefined && { namespace }),
    };
  }
}

/** `own`: a tool with a wire shape of its own. */
export type CallSpelling =
  | {
      kind: "function" | "custom";
      /** The call came in the other family than the client declared: its input has to be spelled anew as a whole. */
      respell: "wrap" | "unwrap" | undefined;
      namespace?: string;
    }
  | { kind: "own"; tool: Tool | undefined };

/** A message item. `left`: what else its provider said of it. */
export function messageItem(
  item: { id: string; phase?: string | undefined; left?: JsonObject | undefined },
  status: Status,
  content: JsonObject[],
): JsonObject {
  return {
    ...item.left,
    id: item.id,
    type: "message",
    status,
    role: "assistant",
    content,
    ...(item.phase !== undefined && { phase: item.phase }),
  };
}

/** A piece of a message's content. */
export function contentPiece(part: Part, text: string): JsonObject {
  if (part.type === "refusal") return { type: "refusal", refusal: text };
  const annotations = part.type === "text" ? (part.sources ?? []).map((page) => citation(page, text)) : [];
  return { type: "output_text", annotations, logprobs: [], ...bagOf(part)?.content, text };
}

/** Other formats do not say which words of a text a page stands for. */
const citation = ({ url, title }: Source, text: string): JsonObject => ({
  type: "url_citation",
  start_index: 0,
  end_index: text.length,
  url,
  title: title ?? url,
});

/** A reasoning item from the pieces of its text. */
export function reasoningItem(
  part: Reasoning,
  id: string,
  pieces: readonly string[],
  context: EncodeContext,
): JsonObject {
  const inWords = saysWords(part);
  const said = pieces.filter((text) => text !== "");
  return {
    id,
    type: "reasoning",
    summary: inWords ? [] : said.map((text) => ({ type: "summary_text", text })),
    ...(inWords && { content: said.map((text) => ({ type: "reasoning_text", text })) }),
    ...without(bagOf(part)?.item, "id"),
    ...(part.proof && { encrypted_content: writeSlot(part, part.proof, context) }),
  };
}

/**
 * Clients show summaries and hand them back; the words themselves they may drop. So only what came as words in this
 * format goes out as such.
 */
export const saysWords = (part: Reasoning): boolean => bagOf(part)?.words === true;

/** A function or custom call item. */
export function callItem(
  part: ToolCall,
  ids: { id: string; callId: string },
  spelling: Extract<CallSpelling, { kind: "function" | "custom" }>,
  status: Status,
  input: string,
): JsonObject {
  const custom = spelling.kind === "custom";
  const text = status === "in_progress" ? "" : respelled(input, spelling.respell, status);
  return {
    ...bagOf(part)?.item,
    id: ids.id,
    type: custom ? "custom_tool_call" : "function_call",
    status,
    ...(custom ? { input: text } : { arguments: status === "completed" && text === "" ? "{}" : text }),
    call_id: ids.callId,
    name: part.name,
    ...(spelling.namespace !== undefined && { namespace: spelling.namespace }),
  };
}

/** Half a free text is not wrapped: as whole arguments a client would run it. */
function respelled(input: string, how: "wrap" | "unwrap" | undefined, status: Status): string {
  if (how === "unwrap") return unwrapFreeText(input);
  return how === "wrap" && status === "completed" ? wrapFreeText(input) : input;
}

/** A picture as this format's clients look for it; undefined where there are no bytes to show. */
export function pictureItem(part: Extract<Part, { type: "media" }>, id: string): JsonObject | undefined {
  if (part.kind !== "image" || part.data === undefined) return undefined;
  const format = part.mediaType.replace(/^image\//, "");
  return {
    output_format: format || "png",
    ...bagOf(part)?.item,
    id,
    type: "image_generation_call",
    status: "completed",
    result: part.data,
  };
}

/** An item that only this format understands, as its provider wrote it; undefined for other formats' own. */
export const rawItem = (part: Part): JsonObject | undefined =>
  part.vendor?.[ID]?.["item"] as JsonObject | undefined;

function without(object: JsonObject | undefined, field: string): JsonObject {
  const { [field]: _left, ...others } = object ?? {};
  return others;
}
