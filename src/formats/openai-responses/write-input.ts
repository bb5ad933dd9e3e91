import { NO_RESULT, partsToldAsFailure, STRAY_RESULT } from "../../core/lost-calls.ts";
import { proofFits } from "../../core/envelope.ts";
import type { Loss, TargetModel } from "../../core/format.ts";
import type { Quirks } from "../../core/quirks.ts";
import type { ChatRequest, Message } from "../../core/request.ts";
import type { Part } from "../../core/reply.ts";
import type { ToolNames } from "../../core/tool-names.ts";
import { sha256 } from "../../lib/ids.ts";
import type { JsonObject } from "../../lib/json.ts";
import { interruptedOutput } from "./client-calls.ts";
import { isTrigger } from "./compaction.ts";
import { writeContent } from "./content.ts";
import { wireName } from "./tools.ts";
import { type Bag, bagOf, ID, MAX_CALL_ID } from "./wire.ts";

type ToolCall = Extract<Part, { type: "tool-call" }>;
type ToolResult = Extract<Part, { type: "tool-result" }>;

/** Writes the turns of a request as `instructions` and `input`. */
export function writeInput(
  request: ChatRequest,
  target: TargetModel,
  quirks: Quirks,
  names: ToolNames,
  losses: Loss[],
): { instructions?: string; input?: string | JsonObject[] } {
  const own = request.vendor?.[ID] !== undefined;
  const count = quirks.systemAsUser ? 0 : leadingSystem(request.messages, own);
  const instructions = instructionsOf(request.messages.slice(0, count));
  const rest = request.messages.slice(count);
  const input = wholeInput(rest) ?? new InputWriter(request, target, quirks, names, losses).items(rest);
  const absent = own && rest.length === 0;
  return { ...(instructions !== "" && { instructions }), ...(!absent && { input }) };
}

/** How many system turns stand first and did not come as items of their own. */
function leadingSystem(messages: readonly Message[], own: boolean): number {
  const found = messages.findIndex((message) => message.role !== "system" || isItem(message));
  if (found >= 0) return found;
  // The input must not be empty, so where there are only system turns they stand in it.
  return own ? messages.length : 0;
}

const isItem = (message: Message): boolean =>
  bagOf(message)?.item !== undefined || message.parts.some((part) => bagOf(part)?.item !== undefined);

/** Claude Code's pseudo header line changes with every call and would cost the prompt cache its prefix. */
const BILLING_LINE = "x-anthropic-billing-header:";

function instructionsOf(messages: readonly Message[]): string {
  return messages
    .flatMap((message) => message.parts)
    .flatMap((part) => (part.type === "text" && !part.text.startsWith(BILLING_LINE) ? [part.text] : []))
    .join("\n\n");
}

function wholeInput(messages: readonly Message[]): string | undefined {
  const [only, another] = messages;
  const part = only?.parts[0];
  return !another && only && bagOf(only)?.input && part?.type === "text" ? part.text : undefined;
}

class InputWriter {
  readonly #answered: ReadonlySet<string>;
  /** The provider may hold calls that this request does not show. */
  readonly #elsewhere: boolean;
  readonly #calls = new Map<string, ToolCall>();
  readonly #items: JsonObject[] = [];

  constructor(
    readonly request: ChatRequest,
    readonly target: TargetModel,
    readonly quirks: Quirks,
    readonly names: ToolNames,
    readonly losses: Loss[],
  ) {
    const parts = request.messages.flatMap((message) => message.parts);
    this.#answered = new Set(parts.flatMap((part) => (part.type === "tool-result" ? [part.id] : [])));
    this.#elsewhere =
      request.previousResponseId !== undefined ||
      request.vendor?.[ID]?.["conversation"] !== undefined ||
      parts.some((part) => bagOf(part)?.item?.["type"] === "item_reference");
  }

  items(messages: readonly Message[]): JsonObject[] {
    for (const message of messages) {
      if (message.role === "assistant") this.#assistant(message);
      else this.#turn(message);
    }
    return this.#items;
  }

  /** A user's, system or developer turn: results of calls first, then what is said. */
  #turn(message: Message): void {
    for (const part of message.parts) if (part.type === "tool-result") this.#result(part);
    const said = message.parts.filter((part) => part.type !== "tool-result");
    const raw = said.map((part) => this.#ownItem(part)).filter((item) => item !== undefined);
    if (raw.length > 0) return void this.#items.push(...raw);
    const content = said
      .filter((part) => part.type !== "text" || part.text !== "")
      .flatMap((part) => this.#written(part));
    if (content.length === 0) return;
    const bag = bagOf(message);
    const text = bag?.plain && content.length === 1 ? content[0]?.["text"] : undefined;
    this.#items.push({
      ...(!bag?.bare && { type: "message" }),
      role: this.#role(message),
      content: text ?? content,
      ...bag?.item,
    });
  }

  /** The item a part came as. Only OpenAI compacts by itself; others are asked in words. */
  #ownItem(part: Part): JsonObject | undefined {
    return isTrigger(part) && !this.quirks.clean ? undefined : bagOf(part)?.item;
  }

  #role(message: Message): string {
    if (message.role !== "system") return "user";
    if (this.quirks.systemAsUser) return "user";
    const own = this.request.vendor?.[ID] !== undefined;
    return this.quirks.developerRole && (message.developer || !own) ? "developer" : "system";
  }

  #assistant(message: Message): void {
    let open: { content: JsonObject[]; phase: string | undefined } | undefined;
    for (const part of message.parts) {
      if (part.type === "text" || part.type === "refusal" || bagOf(part)?.content) {
        const phase = part.type === "text" ? part.phase : undefined;
        const content = this.#said(part);
        if (!content) continue;
        if (open && !bagOf(part)?.item && open.phase === phase) open.content.push(content);
        else open = this.#message(part, content, phase);
        continue;
      }
      const before = this.#items.length;
      this.#apart(part);
      if (this.#items.length > before) open = undefined;
    }
    for (const part of message.parts) if (part.type === "tool-call") this.#answer(part);
  }

  #said(part: Part): JsonObject | undefined {
    if ((part.type === "text" || part.type === "refusal") && part.text === "") return undefined;
    return writeContent(part, "output", this.target, this.losses);
  }

  #message(part: Part, content: JsonObject, phase: string | undefined) {
    const bag = bagOf(part);
    const list = [content];
    this.#items.push({
      ...(!bag?.bare && { type: "message" }),
      role: "assistant",
      content: bag?.plain ? content["text"] : list,
      ...(phase !== undefined && { phase }),
      ...bag?.item,
    });
    return { content: list, phase };
  }

  /** An item that is no message. */
  #apart(part: Part): void {
    const item = bagOf(part)?.item;
    switch (part.type) {
      case "reasoning":
        return this.#reasoning(part);
      case "tool-call":
        return this.#call(part);
      case "media":
        if (item?.["id"] !== undefined) this.#items.push({ ...item, result: part.data });
        else writeContent(part, "output", this.target, this.losses);
        return;
      case "other":
        if (item) this.#items.push(item);
        return;
      case "text":
      case "refusal":
      case "tool-result":
        return;
    }
  }

  /** Reasoning goes back only to the one who can read its proof, or the way this format's client said it. */
  #reasoning(part: Extract<Part, { type: "reasoning" }>): void {
    const bag = bagOf(part);
    const fits = part.proof ? proofFits(part.proof, ID, this.target.maker) : isKnownUnproved(bag);
    if (!fits && !this.quirks.echoReasoning) return;
    const words = bag ? bag.words : !part.proof;
    if (!fits && (part.proof || part.text === "")) return;
    this.#items.push({
      type: "reasoning",
      summary: words || part.text === "" ? [] : [{ type: "summary_text", text: part.text }],
      ...(words && part.text !== "" && { content: [{ type: "reasoning_text", text: part.text }] }),
      ...(part.proof && fits && { encrypted_content: part.proof.value }),
      ...bag?.item,
    });
  }

  #call(part: ToolCall): void {
    this.#calls.set(part.id, part);
    const item = bagOf(part)?.item;
    const call_id = callId(part.id);
    if (item && "type" in item) return void this.#items.push({ ...item, call_id });
    this.#items.push({
      type: part.freeText ? "custom_tool_call" : "function_call",
      call_id,
      ...(part.namespace !== undefined && { namespace: part.namespace }),
      name: wireName(part, this.names),
      ...(part.freeText ? { input: part.input } : { arguments: part.input || "{}" }),
      ...item,
    });
  }

  /** A call that was never answered (the user broke it off) makes the provider refuse the whole session. */
  #answer(part: ToolCall): void {
    if (this.#answered.has(part.id)) return;
    const call_id = callId(part.id);
    const item = bagOf(part)?.item;
    this.#items.push(
      item && "type" in item
        ? interruptedOutput(item, call_id)
        : {
            type: part.freeText ? "custom_tool_call_output" : "function_call_output",
            call_id,
            output: NO_RESULT,
          },
    );
  }

  #result(part: ToolResult): void {
    const item = bagOf(part)?.item;
    const call = this.#calls.get(part.id);
    const call_id = callId(part.id);
    if (!call && !this.#elsewhere) return this.#stray(part);
    if (item && "type" in item) {
      this.#items.push({ ...item, ...("call_id" in item ? { call_id } : { id: call_id }) });
      return;
    }
    this.#items.push({
      type: (call?.freeText ?? part.freeText) ? "custom_tool_call_output" : "function_call_output",
      call_id,
      output: this.#output(part),
      ...item,
    });
  }

  #output(part: ToolResult): string | JsonObject[] {
    // What came in this format says by itself whether it failed.
    const output = part.failed && !bagOf(part) ? partsToldAsFailure(part.output) : part.output;
    const [first, second] = output;
    if (!first) return part.failed ? "The tool failed and said nothing." : "";
    const asText = bagOf(part) === undefined || bagOf(part)?.plain;
    if (!second && first.type === "text" && asText) return first.text;
    return output.flatMap((one) => this.#written(one));
  }

  /** The part as input content; nothing where it cannot be said. */
  #written(part: Part): JsonObject[] {
    const content = writeContent(part, "input", this.target, this.losses);
    return content ? [content] : [];
  }

  /** The call of this result is gone (a client shortened its history); its text is still worth reading. */
  #stray(part: ToolResult): void {
    const content = part.output.flatMap((one) => this.#written(one));
    if (content.length === 0) return;
    const notice = { type: "input_text", text: STRAY_RESULT };
    this.#items.push({ type: "message", role: "user", content: [notice, ...content] });
  }
}

/** Without a proof, reasoning goes back as an item its vendor keeps or in the model's own words, never as a summary. */
const isKnownUnproved = (bag: Bag | undefined): boolean =>
  bag?.item?.["id"] !== undefined || bag?.words === true;

function callId(id: string): string {
  return id.length <= MAX_CALL_ID ? id : `call_${sha256(id).slice(0, 32)}`;
}
