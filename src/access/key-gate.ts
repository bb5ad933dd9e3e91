import type { ApiKey, Caller } from "../core/key.ts";
import { isKeyGroup, type KeyGroup, type RuleHolder } from "../core/key-group.ts";
import { GatewayError } from "../core/errors.ts";
import type { RequestRecord } from "../core/record.ts";
import type { Clock } from "../lib/clock.ts";
import { listKeyGroups, listKeys, type Store } from "../store/index.ts";
import { type BudgetState, SpendBook } from "./spending.ts";

const MINUTE_MS = 60_000;

/** What a key or group did in the last minute, and does now. Times on the monotonic clock. */
type Activity = {
  began: number[];
  tokens: { at: number; count: number }[];
  running: number;
};

/** A budget that has come to its warning. */
export type BudgetWarning = { holder: RuleHolder; budget: BudgetState };

/**
 * Holds keys and their groups to limits and budgets before a call is sent. Counts in memory; only what was spent is
 * read from the store, once for each.
 */
export class KeyGate {
  readonly spending: SpendBook;
  onWarning: (warning: BudgetWarning) => void = () => {};
  readonly #clock: Clock;
  readonly #activity = new Map<string, Activity>();
  /** Warnings given: key or group, period and its end. */
  readonly #warned = new Set<string>();
  #keys = new Map<string, ApiKey>();
  #groups = new Map<string, KeyGroup>();
  readonly #stopListening: () => void;

  constructor(readonly store: Store) {
    this.#clock = store.clock;
    this.spending = new SpendBook(store);
    this.#load();
    this.#stopListening = store.onChange((change) => {
      if (change === "keys" || change === "key-groups") this.#load();
    });
  }

  /**
   * Lets a call in and counts it; the result says that it is over. Nothing is counted before key and group both let it
   * in. Throws `GatewayError` 402 and 429.
   */
  admit({ key, group }: Caller): () => void {
    if (!key) return () => {};
    if (!group && !isLimited(key)) {
      this.spending.begin(key.id);
      return () => {};
    }
    const now = this.#clock.monotonic();
    const holders = group ? [key, group] : [key];
    for (const holder of holders) this.#check(holder, now);
    const ends = holders.map((holder) => this.#begin(holder, now));
    return () => {
      for (const end of ends.splice(0)) end();
    };
  }

  /** Adds what a call used, once it is over. */
  count(record: RequestRecord): void {
    this.spending.add(record);
    this.#countFor(this.#keys.get(record.keyId), record);
    if (record.keyGroupId !== undefined) this.#countFor(this.#groups.get(record.keyGroupId), record);
  }

  /** How full the limits of the minute are just now, as far as there are any. */
  activity({ id, limits }: RuleHolder): { requests: number; tokens: number; running: number } {
    const known = this.#activity.get(id);
    if (!known || !limits) return { requests: 0, tokens: 0, running: known?.running ?? 0 };
    forgetPast(known, this.#clock.monotonic());
    const tokens = known.tokens.reduce((sum, { count }) => sum + count, 0);
    return { requests: known.began.length, tokens, running: known.running };
  }

  /** The budgets that are nearly or wholly spent just now. */
  warnings(): BudgetWarning[] {
    const keys = [...this.#keys.values()].filter(({ revokedAt }) => revokedAt === undefined);
    return [...keys, ...this.#groups.values()].flatMap((holder) =>
      this.spending.budgets(holder).flatMap((budget) => (budget.warning ? [{ holder, budget }] : [])),
    );
  }

  close(): void {
    this.#stopListening();
  }

  #check(holder: RuleHolder, now: number): void {
    this.#checkBudgets(holder);
    this.#checkLimits(holder, this.#activityOf(holder.id), now);
  }

  #begin({ id, limits }: RuleHolder, now: number): () => void {
    const activity = this.#activityOf(id);
    if (limits?.requestsPerMinute !== undefined) activity.began.push(now);
    activity.running++;
    this.spending.begin(id);
    return () => void activity.running--;
  }

  #countFor(holder: RuleHolder | undefined, { usage }: RequestRecord): void {
    if (!holder || !isLimited(holder)) return;
    if (holder.limits?.tokensPerMinute !== undefined && usage) {
      const { input, output, cacheRead = 0, cacheWrite = 0 } = usage;
      const count = [input, output, cacheRead, cacheWrite].reduce((sum, part) => sum + positive(part), 0);
      this.#activityOf(holder.id).tokens.push({ at: this.#clock.monotonic(), count });
    }
    this.#warn(holder);
  }

  #checkBudgets(holder: RuleHolder): void {
    const spent = this.spending.budgets(holder).find((budget) => budget.spent);
    if (!spent) return;
    throw new GatewayError(
      "budget_exceeded",
      `The ${spent.period} budget of ${wordsFor(holder)} is spent (${money(spent.used)} of ${money(spent.limit)} USD). It begins anew at ${new Date(spent.end).toISOString()}.`,
      { retryAfterMs: Math.max(1000, spent.end - this.#clock.now()) },
    );
  }

  #checkLimits(holder: RuleHolder, activity: Activity, now: number): void {
    const { requestsPerDay, requestsPerMinute, tokensPerMinute, maxConcurrent } = holder.limits ?? {};
    const today = this.spending.spent(holder.id, "daily");
    forgetPast(activity, now);
    if (requestsPerDay !== undefined && today && today.requests >= requestsPerDay) {
      throw overLimit(holder, `${counted(requestsPerDay, "request")} per day`, today.end - this.#clock.now());
    }
    if (requestsPerMinute !== undefined) {
      const oldest = activity.began.at(-requestsPerMinute);
      if (oldest !== undefined) {
        throw overLimit(
          holder,
          `${counted(requestsPerMinute, "request")} per minute`,
          oldest + MINUTE_MS - now,
        );
      }
    }
    if (tokensPerMinute !== undefined) {
      const wait = waitForTokens(activity.tokens, tokensPerMinute, now);
      if (wait !== undefined)
        throw overLimit(holder, `${counted(tokensPerMinute, "token")} per minute`, wait);
    }
    if (maxConcurrent !== undefined && activity.running >= maxConcurrent) {
      throw overLimit(holder, `${counted(maxConcurrent, "call")} at once`, 1000);
    }
  }

  #warn(holder: RuleHolder): void {
    for (const budget of this.spending.budgets(holder)) {
      const name = nameOf({ holder, budget });
      if (!budget.warning || this.#warned.has(name)) continue;
      this.#warned.add(name);
      this.onWarning({ holder, budget });
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
    const groups = listKeyGroups(this.store);
    this.#groups = new Map(groups.map((group) => [group.id, group]));
    for (const holder of [...keys.filter(({ revokedAt }) => revokedAt === undefined), ...groups]) {
      if (holder.budget !== undefined || holder.limits?.requestsPerDay !== undefined)
        this.spending.hold(holder);
    }
    // A budget that was raised may be told of again when it is spent again.
    const standing = new Set(this.warnings().map(nameOf));
    for (const name of this.#warned) if (!standing.has(name)) this.#warned.delete(name);
  }
}

const nameOf = ({ holder, budget }: BudgetWarning): string =>
  `${holder.id} ${budget.period} ${budget.end} ${budget.spent ? "spent" : "nearly"}`;

const isLimited = ({ limits, budget }: RuleHolder): boolean => limits !== undefined || budget !== undefined;

const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? "" : "s"}`;

/** What a refusal calls whose limit it was. */
const wordsFor = (holder: RuleHolder): string =>
  isKeyGroup(holder) ? `this API key's group ${holder.name}` : "this API key";

function forgetPast({ began, tokens }: Activity, now: number): void {
  forget(began, (at) => at <= now - MINUTE_MS);
  forget(tokens, ({ at }) => at <= now - MINUTE_MS);
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

function overLimit(holder: RuleHolder, limit: string, waitMs: number): GatewayError {
  const whose = isKeyGroup(holder) ? `All keys of the group ${holder.name} together are` : "This API key is";
  return new GatewayError("rate_limit_exceeded", `${whose} limited to ${limit}.`, {
    retryAfterMs: Math.max(1000, waitMs),
  });
}

const positive = (count: number): number => (Number.isFinite(count) && count > 0 ? count : 0);
const money = (amount: number): string => amount.toFixed(4).replace(/\.?0+$/, "");
