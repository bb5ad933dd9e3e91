import type { CostKind, PromptBreak } from "../core/record.ts";
import type { Usage } from "../core/reply.ts";
import type { Clock } from "../lib/clock.ts";
import { haveSameHead, openingOf, partingOf, type Prints, printsOf, sizeOf } from "./prompt-prints.ts";

/** One answered call, as far as the provider's prompt cache goes. */
export type PromptCall = {
  requestId: string;
  keyId: string;
  /** The conversation's short name, and the conversation itself where the client names it. */
  thread(): { session: string; conversation?: string };
  /** The name the client asked for. */
  requestedModel: string;
  model: string;
  provider: string;
  connectionId: string;
  usage: Usage;
  costKind: CostKind;
  /** What it would have cost without the cache, less what it cost; absent when the price is unknown. */
  saved?: number;
  /** The client marked what to keep. */
  isMarked: boolean;
  /** Nothing of the conversation is to be looked at (the key keeps no bodies). */
  isPrivate: boolean;
  /** The client's body, and what was sent to the provider; read only when there is time. */
  asked: () => string;
  sent: () => string;
  bytes: number;
};

export type PromptTotals = {
  totalRequests: number;
  requestsWithCacheControl: number;
  totalInputTokens: number;
  totalCachedTokens: number;
  totalCacheCreationTokens: number;
  /** USD; negative where writing cost more than reading saved. */
  costSaved: number;
  shadowCostSaved: number;
};

type Turn = { model: string; connectionId: string; asked: Prints; sent: Prints; size: number };

const MOST_MODELS = 500;
const MOST_BREAKS = 500;
const MOST_CONVERSATIONS = 500;
/** An agent and its helpers speak in one conversation. */
const MOST_THREADS = 4;
const MOST_PRINT_BYTES = 16 * 1024 * 1024;
/** Providers keep nothing below about a thousand tokens. */
const SMALLEST_BODY = 4096;
/** A look at a body takes about 10 ms for each megabyte; at most so much is looked at in a second. */
const MOST_BYTES_A_SECOND = 4 * 1024 * 1024;

/** How well providers' prompt caches work, and what broke them. Looks at bodies only when a call is over. */
export class PromptCacheMeter {
  readonly #models = new Map<string, PromptTotals>();
  /** By conversation, the least recently used first; one that the client names may have several threads at once. */
  readonly #turns = new Map<string, readonly Turn[]>();
  #printBytes = 0;
  readonly #breaks: PromptBreak[] = [];
  #second = 0;
  #looked = 0;

  constructor(readonly clock: Clock) {}

  /** Counts a call, and looks why its conversation's prompt could not be reused. */
  record(call: PromptCall): void {
    this.#count(call);
    if (call.isPrivate || call.bytes < SMALLEST_BODY || !this.#hasTime(call.bytes)) return;
    // The answer goes out first.
    setImmediate(() => this.#compare(call));
  }

  /** Sums of all models, and each model's own, by `prefix/id`. */
  stats(): PromptTotals & { hitRate: number; breaks: number; byModel: { [model: string]: PromptTotals } } {
    const all = [...this.#models.values()].reduce(added, NONE);
    const { totalCachedTokens: cached, totalInputTokens: input } = all;
    return {
      ...all,
      hitRate: input === 0 ? 0 : cached / input,
      breaks: this.#breaks.length,
      byModel: Object.fromEntries(this.#models),
    };
  }

  /** The newest first. */
  breaks(limit = 100): PromptBreak[] {
    return this.#breaks.slice(-limit).toReversed();
  }

  /** What broke the prompt of one call; undefined where nothing did, or it is no longer known. */
  breakOf(requestId: string): PromptBreak | undefined {
    return this.#breaks.findLast((one) => one.requestId === requestId);
  }

  /** The sums, for a restart. */
  snapshot(): unknown {
    return Object.fromEntries(this.#models);
  }

  restore(snapshot: unknown): void {
    for (const [model, saved] of Object.entries(
      (snapshot ?? {}) as { [model: string]: Partial<PromptTotals> },
    )) {
      const totals = { ...NONE };
      for (const name of Object.keys(NONE) as (keyof PromptTotals)[])
        if (typeof saved[name] === "number") totals[name] = saved[name];
      this.#models.set(model, totals);
    }
  }

  #count({ model, usage, costKind, saved = 0, isMarked }: PromptCall): void {
    const { input, cacheRead = 0, cacheWrite = 0 } = usage;
    const own = added(this.#models.get(model) ?? NONE, {
      totalRequests: 1,
      requestsWithCacheControl: isMarked ? 1 : 0,
      totalInputTokens: input + cacheRead + cacheWrite,
      totalCachedTokens: cacheRead,
      totalCacheCreationTokens: cacheWrite,
      costSaved: costKind === "billed" ? saved : 0,
      shadowCostSaved: costKind === "billed" ? 0 : saved,
    });
    this.#models.delete(model);
    this.#models.set(model, own);
    if (this.#models.size > MOST_MODELS) this.#models.delete(this.#models.keys().next().value!);
  }

  #compare(call: PromptCall): void {
    const sent = printsOf(call.sent());
    const asked = printsOf(call.asked());
    if (!sent || !asked) return;
    const { model, connectionId } = call;
    const { session, conversation } = call.thread();
    const opening = openingOf(asked);
    const key = [call.keyId, conversation ?? opening, call.requestedModel].join("\u0000");
    const threads = this.#turns.get(key) ?? [];
    const before =
      threads.find((turn) => openingOf(turn.asked) === opening) ??
      threads.find((turn) => haveSameHead(turn.asked, asked));
    const turn: Turn = { model, connectionId, asked, sent, size: sizeOf(asked) + sizeOf(sent) };
    const broke = before && breakBetween(before, turn);
    if (broke) this.#note(call, session, broke);
    this.#keep(key, [...threads.filter((other) => other !== before), turn].slice(-MOST_THREADS));
  }

  #note({ requestId, model, provider, usage }: PromptCall, session: string, broke: Broke): void {
    const at = this.clock.now();
    this.#breaks.push({ requestId, at, session, model, provider, ...broke, cacheRead: usage.cacheRead ?? 0 });
    if (this.#breaks.length > MOST_BREAKS) this.#breaks.shift();
  }

  #keep(key: string, threads: readonly Turn[]): void {
    this.#forget(key);
    this.#turns.set(key, threads);
    this.#printBytes += bytesOf(threads);
    for (const oldest of this.#turns.keys()) {
      if (this.#turns.size <= MOST_CONVERSATIONS && this.#printBytes <= MOST_PRINT_BYTES) return;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    this.#printBytes -= bytesOf(this.#turns.get(key) ?? []);
    this.#turns.delete(key);
  }

  #hasTime(bytes: number): boolean {
    const second = Math.floor(this.clock.monotonic() / 1000);
    if (second !== this.#second) [this.#second, this.#looked] = [second, 0];
    // One large conversation a second is always looked at.
    if (this.#looked > 0 && this.#looked + bytes > MOST_BYTES_A_SECOND) return false;
    this.#looked += bytes;
    return true;
  }
}

const bytesOf = (threads: readonly Turn[]): number => threads.reduce((sum, { size }) => sum + size, 0);

type Broke = Pick<PromptBreak, "element" | "offset" | "keptBytes" | "changedBy">;

/** What differs between two turns of a conversation so that nothing or less could be reused. */
function breakBetween(before: Turn, after: Turn): Broke | undefined {
  if (before.model !== after.model)
    return { element: "model", offset: 0, keptBytes: 0, changedBy: "routing" };
  if (before.connectionId !== after.connectionId)
    return { element: "connection", offset: 0, keptBytes: 0, changedBy: "routing" };
  const parting = partingOf(before.sent, after.sent);
  if (!parting) return undefined;
  const changedBy = partingOf(before.asked, after.asked) ? "client" : "gateway";
  return { ...parting, changedBy };
}

const NONE: PromptTotals = {
  totalRequests: 0,
  requestsWithCacheControl: 0,
  totalInputTokens: 0,
  totalCachedTokens: 0,
  totalCacheCreationTokens: 0,
  costSaved: 0,
  shadowCostSaved: 0,
};

function added(left: PromptTotals, right: PromptTotals): PromptTotals {
  const sums = { ...left };
  for (const name of Object.keys(NONE) as (keyof PromptTotals)[]) sums[name] += right[name];
  return sums;
}
