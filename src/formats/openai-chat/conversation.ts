import { STRAY_RESULT } from "../../core/lost-calls.ts";
import type { Part } from "../../core/reply.ts";
import type { Message } from "../../core/request.ts";
import { sha256 } from "../../lib/ids.ts";

export type ToolCall = Extract<Part, { type: "tool-call" }>;
export type ToolResult = Extract<Part, { type: "tool-result" }>;

/** A call with the id it has on the wire, and what came of it. */
export type AnsweredCall = { call: ToolCall; id: string; result: ToolResult | undefined };

/** A message whose calls are settled: results stand with the assistant's turn that called, orphans are text. */
export type Turn = { message: Message; calls: AnsweredCall[] };

/**
 * Puts every result to its call. Chat providers refuse a conversation in which a call is not answered directly, or a
 * result answers nothing; after one interrupted call every later request of a session would fail. Ids that are used
 * again, are too long or not to the provider's taste are replaced, by the same ones each time.
 */
export function settleCalls(messages: readonly Message[], idPattern?: RegExp): Turn[] {
  const answers = pairCalls(messages);
  const claimed = new Set(answers.values());
  const ids = new CallIds(idPattern);
  return messages.map((message) => ({
    message: {
      ...message,
      parts: message.parts.flatMap((part) => {
        if (part.type !== "tool-result") return [part];
        return claimed.has(part) ? [] : orphanAsText(part);
      }),
    },
    calls: callsOf(message).map((call) => ({ call, id: ids.next(call.id), result: answers.get(call) })),
  }));
}

const callsOf = (message: Message): ToolCall[] =>
  message.role === "assistant"
    ? message.parts.filter((part): part is ToolCall => part.type === "tool-call")
    : [];

/**
 * Which result answers which call: the first one behind it that is still free, and an earlier one where none is
 * behind. Where an id comes again, a result belongs to the latest call before it.
 */
function pairCalls(messages: readonly Message[]): Map<ToolCall, ToolResult> {
  const answers = new Map<ToolCall, ToolResult>();
  const waiting = new Map<string, ToolCall[]>();
  const early: ToolResult[] = [];
  for (const message of messages) {
    // A new turn of calls: what the turns before left open under the same id will not be answered any more.
    const called = Map.groupBy(callsOf(message), (call) => call.id);
    for (const [id, calls] of called) waiting.set(id, [...calls]);
    for (const part of message.parts) {
      if (part.type !== "tool-result") continue;
      const call = waiting.get(part.id)?.shift();
      if (call) answers.set(call, part);
      else early.push(part);
    }
  }
  for (const result of early) {
    const call = waiting.get(result.id)?.shift();
    if (call) answers.set(call, result);
  }
  return answers;
}

/** The model may still read what an interrupted tool said; it only cannot stand as a result. */
function orphanAsText(result: ToolResult): Part[] {
  const said = result.output.filter((part) => part.type !== "text" || part.text.trim() !== "");
  return said.length === 0 ? [] : [{ type: "text", text: STRAY_RESULT }, ...said];
}

/** OpenAI takes call ids of up to 40 characters. */
const LONGEST_ID = 40;

/** Gives out the ids of calls in order, each once. */
class CallIds {
  readonly #used = new Set<string>();

  constructor(readonly pattern: RegExp | undefined) {}

  next(wanted: string): string {
    let id = this.#fit(wanted, 0);
    for (let count = 1; this.#used.has(id); count++) id = this.#fit(wanted, count);
    this.#used.add(id);
    return id;
  }

  #fit(wanted: string, count: number): string {
    const numbered = count === 0 ? wanted : `${wanted}_${count + 1}`;
    if (this.pattern) return this.pattern.test(numbered) ? numbered : sha256(numbered).slice(0, 9);
    if (numbered !== "" && numbered.length <= LONGEST_ID) return numbered;
    return `call_${sha256(numbered).slice(0, 24)}`;
  }
}
