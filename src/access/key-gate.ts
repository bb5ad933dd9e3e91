import type { ApiKey, Caller } from "../core/key.ts";
import { GatewayError } from "../core/errors.ts";
import type { RequestRecord } from "../core/record.ts";
import type { Clock } from "../lib/clock.ts";
import { listKeys, type Store } from "../store/index.ts";
import { type BudgetState, SpendBook } from "./spending.ts";

const MINUTE_MS = 60_000;

/** What a key did in the last minute, and does now. Times on the monotonic clock. */
type Activity = {
  began: number[];
  tokens: { at: number; count: number }[];
  running: number;
};

/** A budget that has come to its warning. */
export type BudgetWarning = { key: ApiKey; budget: BudgetState };

/**
 * Holds keys to their limits and budgets before a call is sent. Counts in memory; only what was spent is read from
 * the store, once for each key.
 */
export class KeyGate {
  readonly spending: SpendBook;
  onWarning: (warning: BudgetWarning) => void = () => {};
  readonly #clock: Clock;
  readonly #activity = new Map<string, Activity>();
  /** Warnings given: key, period and its end. */
  readonly #warned = new Set<string>();
  #keys = new Map<string, ApiKey>();
  readonly #stopListening: () => void;

  constructor(readonly store: Store) {
    this.#clock = store.clock;
    this.spending = new SpendBook(store);
    this.#load();
    this.#stopListening = store.onChange((change) => {
      if (change === "keys") this.#load();
    });
  }

  /** Lets a call in and counts it; the result says that it is over. Throws `GatewayError` 402 and 429. */
  admit({ key }: Caller): () => void {
    if (!key || (!key.limits && !key.budget)) return () => {};
    const activity = this.#activityOf(key.id);
    const now = this.#clock.monotonic();
    this.#checkBudgets(key);
    this.#checkLimits(key, activity, now);
    if (key.limits?.requestsPerMinute !== undefined) activity.began.push(now);
    activity.running++;
    this.spending.begin(key.id);
    let over = false;
    return () => {
      if (over) return;
      over = true;
      activity.running--;
    };
  }

  /** Adds what a call used, once it is over. */
  count(record: RequestRecord): void {
    const key = this.#keys.get(record.keyId);
    if (!key || (!key.limits && !key.budget)) return;
    this.spending.add(record);
    if (key.limits?.tokensPerMinute !== undefined && record.usage) {
      const { input, output, cacheRead = 0, cacheWrite = 0 } = record.usage;
      const count = [input, output, cacheRead, cacheWrite].reduce((sum, part) => sum + positive(part), 0);
      this.#activityOf(key.id).tokens.push({ at: this.#clock.monotonic(), count });
    }
    this.#warn(key);
  }

  close(): void {
    this.#stopListening();
  }

  #checkBudgets(key: ApiKey): void {
    const spent = this.spending.budgets(key).find((budget) => budget.spent);
    if (!spent) return;
    throw new GatewayError(
      "budget_exceeded",
      `The ${spent.period} budget of this API key is spent (${money(spent.used)} of ${money(spent.limit)} USD). It begins anew at ${new Date(spent.end).toISOString()}.`,
      { retryAfterMs: Math.max(1000, spent.end - this.#clock.now()) },
    );
  }

  #checkLimits(key: ApiKey, activity: Activity, now: number): void {
    const { requestsPerDay, requestsPerMinute, tokensPerMinute, maxConcurrent } = key.limits ?? {};
    const today = this.spending.spent(key.id, "daily");
    if (requestsPerDay !== undefined && today && today.requests >= requestsPerDay) {
      throw overLimit(`${requestsPerDay} requests per day`, today.end - this.#clock.now());
    }
    if (requestsPerMinute !== undefined) {
      forget(activity.began, (at) => at <= now - MINUTE_MS);
      const oldest = activity.began.at(-requestsPerMinute);
      if (oldest !== undefined) {
        throw overLimit(`${requestsPerMinute} requests per minute`, oldest + MINUTE_MS - now);
      }
    }
    if (tokensPerMinute !== undefined) {
      forget(activity.tokens, ({ at }) => at <= now - MINUTE_MS);
      const wait = waitForTokens(activity.tokens, tokensPerMinute, now);
      if (wait !== undefined) throw overLimit(`${tokensPerMinute} tokens per minute`, wait);
    }
    if (maxConcurrent !== undefined && activity.running >= maxConcurrent) {
      throw overLimit(`${maxConcurrent} calls at once`, 1000);
    }
  }

  #warn(key: ApiKey): void {
    for (const budget of this.spending.budgets(key)) {
      const name = `${key.id} ${budget.period} ${budget.end} ${budget.spent ? "spent" : "nearly"}`;
      if (!budget.warning || this.#warned.has(name)) continue;
      this.#warned.add(name);
      this.onWarning({ key, budget });
    }
  }

  #activityOf(id: string): Activity {
    const known = this.#activity.get(id);
    if (known) return known;
    const fresh: Activity = { began: [], tokens: [], running: 0 };
    this.#activity.set(id, fresh);
    return fresh;
  }

  #load(): void {
    const keys = listKeys(this.store);
    this.#keys = new Map(keys.map((key) => [key.id, key]));
    for (const key of keys) {
      const isCounted = key.budget !== undefined || key.limits?.requestsPerDay !== undefined;
      if (isCounted && key.revokedAt === undefined) this.spending.hold(key);
    }
  }
}

/** How long until the tokens of the last minute are fewer than the limit; undefined when they are. */
function waitForTokens(
  tokens: readonly { at: number; count: number }[],
  limit: number,
  now: number,
): number | undefined {
  let sum = tokens.reduce((total, { count }) => total + count, 0);
  if (sum < limit) return undefined;
  for (const { at, count } of tokens) {
    sum -= count;
    if (sum < limit) return at + MINUTE_MS - now;
  }
  return MINUTE_MS;
}

/** Drops what is past from the front. */
function forget<T>(entries: T[], isPast: (entry: T) => boolean): void {
  const first = entries.findIndex((entry) => !isPast(entry));
  entries.splice(0, first < 0 ? entries.length : first);
}

function overLimit(limit: string, waitMs: number): GatewayError {
  return new GatewayError("rate_limit_exceeded", `This API key is limited to ${limit}.`, {
    retryAfterMs: Math.max(1000, waitMs),
  });
}

const positive = (count: number): number => (Number.isFinite(count) && count > 0 ? count : 0);
const money = (amount: number): string => amount.toFixed(4).replace(/\.?0+$/, "");
