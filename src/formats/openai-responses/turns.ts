import type { Message } from "../../core/request.ts";
import type { Part } from "../../core/reply.ts";
import { CallIds } from "./call-ids.ts";

type ToolCall = Extract<Part, { type: "tool-call" }>;
type ToolResult = Extract<Part, { type: "tool-result" }>;

/** One item of the input, by what it does to the turns. */
export type Entry =
  | { type: "turn"; message: Message }
  /** `message`: it says something, so that a call before it has to be answered first. */
  | { type: "assistant"; parts: Part[]; message: boolean }
  | { type: "call"; call: ToolCall }
  | { type: "output"; result: ToolResult };

/**
 * Makes turns of the items: what the assistant does in a row is one turn, and the outputs of its calls follow it at
 * once, wherever the client put them. Providers refuse an output that does not stand behind its call, and pair
 * wrongly when two calls share an id; so ids that come again get a number.
 */
export function settleTurns(entries: readonly Entry[]): Message[] {
  const answers = pair(entries);
  const moved = new Set(answers.values());
  const turns = new Turns(answers);
  for (const entry of entries) {
    switch (entry.type) {
      case "turn":
        turns.end();
        turns.messages.push(entry.message);
        break;
      case "assistant":
        if (entry.message && turns.hasAnsweredCall) turns.end();
        turns.add(...entry.parts);
        break;
      case "call":
        turns.add(entry.call);
        break;
      case "output":
        turns.end();
        if (!moved.has(entry.result)) turns.messages.push({ role: "user", parts: [entry.result] });
        break;
    }
  }
  turns.end();
  return turns.messages;
}

class Turns {
  readonly messages: Message[] = [];
  #parts: Part[] = [];
  readonly #order: ReadonlyMap<ToolResult, number>;

  constructor(readonly answers: ReadonlyMap<ToolCall, ToolResult>) {
    this.#order = new Map([...answers.values()].map((result, index) => [result, index]));
  }

  get hasAnsweredCall(): boolean {
    return this.#parts.some((part) => part.type === "tool-call" && this.answers.has(part));
  }

  add(...parts: Part[]): void {
    this.#parts.push(...parts);
  }

  /** Ends the assistant's turn and lets the results of its calls follow. */
  end(): void {
    const parts = this.#parts;
    if (parts.length === 0) return;
    this.#parts = [];
    this.messages.push({ role: "assistant", parts });
    const results = parts.flatMap((part) =>
      part.type === "tool-call" ? (this.answers.get(part) ?? []) : [],
    );
    results.sort((a, b) => (this.#order.get(a) ?? 0) - (this.#order.get(b) ?? 0));
    if (results.length > 0) this.messages.push({ role: "user", parts: results });
  }
}

/** Which output answers which call, in the order of the outputs; first come, first served where ids repeat. */
function pair(entries: readonly Entry[]): Map<ToolCall, ToolResult> {
  const answers = new Map<ToolCall, ToolResult>();
  const open = new Map<string, ToolCall[]>();
  const early: ToolResult[] = [];
  const ids = new CallIds();
  for (const entry of entries) {
    if (entry.type === "call") {
      const waiting = open.get(entry.call.id);
      if (waiting) waiting.push(entry.call);
      else open.set(entry.call.id, [entry.call]);
    } else if (entry.type === "output") {
      const call = open.get(entry.result.id)?.shift();
      if (call) answers.set(call, entry.result);
      else early.push(entry.result);
    }
  }
  for (const result of early) {
    const call = open.get(result.id)?.shift();
    if (call) answers.set(call, result);
  }
  for (const entry of entries) {
    if (entry.type !== "call") continue;
    const { call } = entry;
    const result = answers.get(call);
    call.id = ids.distinct(call.id);
    if (result) result.id = call.id;
  }
  return answers;
}
