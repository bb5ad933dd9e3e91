import { setImmediate as nextTurn } from "node:timers/promises";
import type { PromptBreak, PromptDiff } from "../core/prompt-break.ts";
import type { Clock } from "../lib/clock.ts";
import { Mask } from "../lib/mask.ts";
import { diffPrompts, elementAt, kindOfChange, unmarked } from "./prompt-diff.ts";
import {
  haveSameHead,
  losesMarks,
  openingOf,
  partingOf,
  type Prints,
  printsOf,
  type Prompt,
  promptOf,
  rankOf,
  sizeOf,
} from "./prompt-prints.ts";
import { type PromptText, PromptWords, wordsOf } from "./prompt-words.ts";

/** A call whose prompt is compared with that of the turn before. */
export type WatchedCall = {
  requestId: string;
  keyId: string;
  /** The conversation's short name, and the conversation itself where the client names it. */
  thread(): { session: string; conversation?: string };
  /** The name the client asked for. */
  requestedModel: string;
  model: string;
  provider: string;
  connectionId: string;
  /** What the provider read from its cache, in tokens. */
  cacheRead: number;
  /** The client's body, and what was sent to the provider; read only when there is time. */
  asked: () => string;
  sent: () => string;
  /** The client's bytes were sent as they came, but for the model's name. */
  isSentAsAsked: boolean;
  bytes: number;
  /** What we put before the client's own system text; empty: nothing. */
  ownPrompt: string;
  /** What must not be shown, besides what looks like a credential. */
  secrets: () => string[];
};

/** What is remembered of a prompt: hashes, never words. */
type Side = { prints: Prints; marks: Prompt["marks"] };
type Turn = {
  model: string;
  connectionId: string;
  asked: Side;
  sent: Side;
  ownPrompt: string;
  size: number;
};
type Broke = Pick<PromptBreak, "element" | "offset" | "keptBytes" | "changedBy">;

const MOST_BREAKS = 500;
const MOST_DIFFS = 50;
const MOST_CONVERSATIONS = 500;
/** An agent and its helpers speak in one conversation. */
const MOST_THREADS = 4;
const MOST_PRINT_BYTES = 16 * 1024 * 1024;
/** Larger bodies are looked at in several steps, so that other calls come in between. */
const MOST_AT_ONCE = 256 * 1024;

/** Compares each turn of a conversation with the one before: where they part, who parted them and, if wanted, how. */
export class PromptWatch {
  /** By conversation, the least recently used first; one that the client names may have several threads at once. */
  readonly #turns = new Map<string, readonly Turn[]>();
  #printBytes = 0;
  readonly #breaks: PromptBreak[] = [];
  /** By request, the oldest first. */
  readonly #diffs = new Map<string, PromptDiff>();
  readonly #words: PromptWords<Turn>;

  constructor(
    readonly clock: Clock,
    /** May words be kept in memory for a while, so that differences can be shown? */
    readonly keepsWords: () => boolean,
  ) {
    this.#words = new PromptWords(clock);
  }

  get count(): number {
    return this.#breaks.length;
  }

  /** Bytes of words in memory. */
  get wordBytes(): number {
    return this.#words.bytes;
  }

  /** The newest first. */
  breaks(limit: number): PromptBreak[] {
    return this.#breaks.slice(-limit).toReversed();
  }

  breakOf(requestId: string): PromptBreak | undefined {
    return this.#breaks.findLast((one) => one.requestId === requestId);
  }

  diffOf(requestId: string): PromptDiff | undefined {
    return this.#diffs.get(requestId);
  }

  /** Forgets all words, and everything that was made of them. */
  forgetWords(): void {
    this.#words.clear();
    this.#diffs.clear();
  }

  /** Forgets the words of one API key. */
  forgetWordsOf(keyId: string): void {
    this.#words.forgetKey(keyId);
  }

  /** Compares a call with the turn before it, enters what parted them, and remembers it for the next turn. */
  async compare(call: WatchedCall): Promise<void> {
    const isLarge = call.bytes > MOST_AT_ONCE;
    const prompt = promptOf(call.sent());
    if (!prompt) return;
    if (isLarge) await nextTurn();
    const sent = sideOf(prompt);
    if (isLarge) await nextTurn();
    const words = this.keepsWords() ? wordsOf(prompt) : undefined;
    if (isLarge) await nextTurn();
    const asked = call.isSentAsAsked ? sent : sideOf(promptOf(call.asked()));
    if (asked) this.#enter(call, asked, sent, words);
  }

  #enter(call: WatchedCall, asked: Side, sent: Side, words: PromptText | undefined): void {
    const { model, connectionId, keyId } = call;
    const { session, conversation } = call.thread();
    const opening = openingOf(asked.prints);
    const key = [keyId, conversation ?? opening, call.requestedModel].join("\u0000");
    const threads = this.#turns.get(key) ?? [];
    const before =
      threads.find((turn) => openingOf(turn.asked.prints) === opening) ??
      threads.find((turn) => haveSameHead(turn.asked.prints, asked.prints));
    const size = sizeOf(asked.prints) + (asked === sent ? 0 : sizeOf(sent.prints));
    const turn: Turn = { model, connectionId, asked, sent, ownPrompt: call.ownPrompt, size };
    const broke = before && breakBetween(before, turn);
    if (broke) {
      const entered = this.#note(call, session, broke);
      if (words) void this.#compareWords(call, entered, before, turn, words);
    }
    if (before) this.#words.forget(before);
    this.#keep(key, [...threads.filter((other) => other !== before), turn].slice(-MOST_THREADS));
    // It may have been switched off in the meantime.
    if (words && this.keepsWords()) this.#words.keep(turn, keyId, words);
  }

  #note({ requestId, model, provider, cacheRead }: WatchedCall, session: string, broke: Broke): PromptBreak {
    const entered = { requestId, at: this.clock.now(), session, model, provider, ...broke, cacheRead };
    this.#breaks.push(entered);
    if (this.#breaks.length > MOST_BREAKS) this.#breaks.shift();
    return entered;
  }

  async #compareWords(
    call: WatchedCall,
    broke: PromptBreak,
    before: Turn,
    after: Turn,
    words: PromptText,
  ): Promise<void> {
    const old = await this.#words.take(before);
    if (!old) return;
    const hasMarks = broke.element === "cache_control";
    const [left, right] = hasMarks ? [old, words] : [unmarked(old), unmarked(words)];
    await nextTurn();
    const diff = diffPrompts(left, right, new Mask(call.secrets()));
    if (!this.keepsWords()) return;
    const { name, start, line } = elementAt(left, diff.offset);
    // What was found by blocks is now known to the byte; ends of lines are no part of the prompt.
    if (name === broke.element)
      Object.assign(broke, { offset: diff.offset - start, keptBytes: diff.offset - line });
    this.#diffs.set(call.requestId, { change: changeOf(broke, before, after, left, right), ...diff });
    if (this.#diffs.size > MOST_DIFFS) this.#diffs.delete(this.#diffs.keys().next().value!);
  }

  #keep(key: string, threads: readonly Turn[]): void {
    const gone = (this.#turns.get(key) ?? []).filter((turn) => !threads.includes(turn));
    for (const turn of gone) this.#words.forget(turn);
    this.#forget(key);
    this.#turns.set(key, threads);
    this.#printBytes += bytesOf(threads);
    for (const oldest of this.#turns.keys()) {
      if (this.#turns.size <= MOST_CONVERSATIONS && this.#printBytes <= MOST_PRINT_BYTES) return;
      for (const turn of this.#turns.get(oldest) ?? []) this.#words.forget(turn);
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    this.#printBytes -= bytesOf(this.#turns.get(key) ?? []);
    this.#turns.delete(key);
  }
}

const bytesOf = (threads: readonly Turn[]): number => threads.reduce((sum, { size }) => sum + size, 0);

function sideOf(prompt: Prompt): Side;
function sideOf(prompt: Prompt | undefined): Side | undefined;
function sideOf(prompt: Prompt | undefined): Side | undefined {
  return prompt && { prints: printsOf(prompt), marks: prompt.marks };
}

/** What differs between two turns of a conversation so that nothing or less could be reused. */
function breakBetween(before: Turn, after: Turn): Broke | undefined {
  if (before.model !== after.model)
    return { element: "model", offset: 0, keptBytes: 0, changedBy: "routing" };
  if (before.connectionId !== after.connectionId)
    return { element: "connection", offset: 0, keptBytes: 0, changedBy: "routing" };
  const parting = partingOf(before.sent.prints, after.sent.prints);
  if (parting) return { ...parting, changedBy: whoParted(parting.element, before.asked, after.asked) };
  if (!losesMarks(before.sent.marks, after.sent.marks)) return undefined;
  const keptBytes = before.sent.prints.reduce((sum, { length }) => sum + length, 0);
  const changedBy = losesMarks(before.asked.marks, after.asked.marks) ? "client" : "gateway";
  return { element: "cache_control", offset: 0, keptBytes, changedBy };
}

/** A client that changed only what comes after the place where the prompts part did not part them. */
function whoParted(element: string, before: Side, after: Side): "client" | "gateway" {
  const own = partingOf(before.prints, after.prints);
  return own && rankOf(own.element) <= rankOf(element) ? "client" : "gateway";
}

function changeOf(
  { element, changedBy }: PromptBreak,
  before: Turn,
  after: Turn,
  left: PromptText,
  right: PromptText,
): PromptDiff["change"] {
  if (element === "model") return "model";
  if (element === "connection") return "account";
  if (element === "cache_control") return "cache-marks";
  if (element === "system" && before.ownPrompt !== after.ownPrompt) return "system-prompt";
  const kind = kindOfChange(element, left, right);
  return kind === "content" && changedBy === "gateway" ? "translation" : kind;
}
