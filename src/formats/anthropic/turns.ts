import { NO_RESULT, STRAY_RESULT } from "../../core/lost-calls.ts";
import type { Part } from "../../core/reply.ts";
import type { Message } from "../../core/request.ts";
import type { Fields } from "./wire.ts";

export type ToolCall = Extract<Part, { type: "tool-call" }>;
export type ToolResult = Extract<Part, { type: "tool-result" }>;

/** A piece of a turn: a block ready to be sent, or one end of a tool call, whose place is settled here. */
export type Piece = { block: Fields } | { call: ToolCall } | { result: ToolResult; answers?: ToolCall };
export type Turn = { role: "user" | "assistant" | "system"; pieces: Piece[]; fields?: Fields };

/**
 * Puts a conversation into the order Anthropic insists on: the user begins, user and assistant take turns, and
 * directly after an assistant turn with calls comes a user turn that begins with one result for each of them.
 * Results are moved to their call; a call without one gets an error result, since a single missing one makes the
 * whole session fail for good; results without a call are told as text.
 */
export function arrangeTurns(turns: readonly Turn[]): Turn[] {
  const merged = alternate(turns);
  const results = pairResults(merged);
  const claimed = new Set(results.values());
  const arranged: Turn[] = [];
  for (const turn of merged) {
    arranged.push({
      ...turn,
      pieces: turn.pieces.flatMap((piece) => {
        if (!("result" in piece)) return [piece];
        return claimed.has(piece.result) ? [] : orphanResult(piece.result);
      }),
    });
    const calls = callsOf(turn);
    if (calls.length > 0)
      arranged.push({
        role: "user",
        pieces: calls.map((call) => ({ result: results.get(call) ?? missingResult(call), answers: call })),
      });
  }
  const ordered = alternate(arranged);
  return ordered[0]?.role === "assistant" ? [userSays("Continue."), ...ordered] : ordered;
}

/** A user turn with one sentence of ours, where the protocol needs one. */
export function userSays(text: string): Turn {
  return { role: "user", pieces: [{ block: { type: "text", text } }] };
}

const callsOf = (turn: Turn): ToolCall[] =>
  turn.pieces.flatMap((piece) => ("call" in piece ? [piece.call] : []));

/** Joins neighbours of one role and leaves out turns without content. */
function alternate(turns: readonly Turn[]): Turn[] {
  const joined: Turn[] = [];
  for (const turn of turns) {
    if (turn.pieces.length === 0) continue;
    const last = joined.at(-1);
    if (last && last.role === turn.role && turn.role !== "system")
      joined[joined.length - 1] = { ...last, ...turn, pieces: [...last.pieces, ...turn.pieces] };
    else joined.push(turn);
  }
  return joined;
}

/**
 * Which result answers which call. Ids may be used again later in a conversation, so a call takes the first free
 * result between itself and the next call of the same id; a call whose id is unique also takes an earlier one.
 */
function pairResults(turns: readonly Turn[]): Map<ToolCall, ToolResult> {
  const calls = turns.flatMap((turn, at) => callsOf(turn).map((call) => ({ call, at })));
  const results = turns.flatMap((turn, at) =>
    turn.pieces.flatMap((piece) => ("result" in piece ? [{ result: piece.result, at }] : [])),
  );
  const callsById = Map.groupBy(calls, ({ call }) => call.id);
  const resultsById = Map.groupBy(results, ({ result }) => result.id);
  const pairs = new Map<ToolCall, ToolResult>();
  for (const [id, sameId] of callsById) {
    const free = [...(resultsById.get(id) ?? [])];
    for (const [index, { call, at }] of sameId.entries()) {
      const until = sameId[index + 1]?.at ?? Infinity;
      const alone = sameId.length === 1;
      const inOneTurn = until === at;
      let found = free.findIndex((result) => result.at > at && (inOneTurn || result.at <= until));
      if (found < 0 && alone && free.length > 0) found = 0;
      if (found >= 0) for (const { result } of free.splice(found, 1)) pairs.set(call, result);
    }
  }
  return pairs;
}

function missingResult(call: ToolCall): ToolResult {
  return {
    type: "tool-result",
    id: call.id,
    failed: true,
    output: [{ type: "text", text: NO_RESULT }],
  };
}

function orphanResult(result: ToolResult): Piece[] {
  const text = result.output.map((part) => (part.type === "text" ? part.text : "")).join("\n");
  if (text.trim() === "") return [];
  return [{ block: { type: "text", text: `${STRAY_RESULT}\n${text}` } }];
}

/** The leading system turns, and the rest of the conversation. */
export function splitSystem(messages: readonly Message[]): { system: Message[]; rest: Message[] } {
  const first = messages.findIndex((message) => message.role !== "system");
  const count = first < 0 ? messages.length : first;
  return { system: messages.slice(0, count), rest: messages.slice(count) };
}

/** Gives each call its id on the wire: letters, digits, `_` and `-`, and no id twice. */
export class CallIds {
  readonly #ids = new Map<ToolCall, string>();
  readonly #used = new Set<string>();

  of(call: ToolCall): string {
    const known = this.#ids.get(call);
    if (known !== undefined) return known;
    const clean = call.id.replace(/[^a-zA-Z0-9_-]/g, "_") || "call";
    let id = clean;
    for (let count = 2; this.#used.has(id); count++) id = `${clean}_${count}`;
    this.#used.add(id);
    this.#ids.set(call, id);
    return id;
  }
}
