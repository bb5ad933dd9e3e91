import { BUDGET_PERIODS, type BudgetPeriod, type KeyBudget } from "../core/key.ts";
import { isKeyGroup, type RuleHolder } from "../core/key-group.ts";
import type { RequestRecord } from "../core/record.ts";
import { totalUsage, type Store } from "../store/index.ts";
import { type DayStart, spanOf, type Span } from "./periods.ts";

/** What one key or group spent in one span of time. USD. */
export type Spent = Span & { billed: number; shadow: number; requests: number };

const DEFAULT_THRESHOLD = 0.8;
const LIMIT_FIELDS = {
  daily: "dailyLimitUsd",
  weekly: "weeklyLimitUsd",
  monthly: "monthlyLimitUsd",
} as const satisfies Record<BudgetPeriod, keyof KeyBudget>;

/** One budget of a key or group as it stands. USD; `end` in milliseconds since 1970. */
export type BudgetState = {
  period: BudgetPeriod;
  limit: number;
  used: number;
  end: number;
  warning: boolean;
  spent: boolean;
};

/** What a key or group spent, and what its budgets say to that. */
export type KeySpending = { budgets: BudgetState[] } & Record<BudgetPeriod, Spent>;

type Held = { from: DayStart; spans: Record<BudgetPeriod, Spent> };

/**
 * Running sums of what keys and groups spent in the day, week and month, in memory. They begin with what the usage
 * table says, so that a restart forgets nothing, and asking them reads no disk.
 */
export class SpendBook {
  readonly #byHolder = new Map<string, Held>();

  constructor(readonly store: Store) {}

  /** Reads the sums of a key or group when they are not held yet, or were held for other hours of the day. */
  hold(holder: RuleHolder): void {
    const { resetTime, timeZone } = holder.budget ?? {};
    const held = this.#byHolder.get(holder.id);
    if (held && held.from.resetTime === resetTime && held.from.timeZone === timeZone) return;
    const from: DayStart = { ...(resetTime && { resetTime }), ...(timeZone && { timeZone }) };
    const now = this.store.clock.now();
    const whose = isKeyGroup(holder) ? { keyGroupId: holder.id } : { keyId: holder.id };
    const read = (period: BudgetPeriod): Spent => {
      const span = spanOf(period, now, from);
      const sums = totalUsage(this.store, { ...whose, from: span.start, to: span.end });
      return { ...span, billed: sums.cost, shadow: sums.shadowCost, requests: sums.requests };
    };
    const spans = { daily: read("daily"), weekly: read("weekly"), monthly: read("monthly") };
    this.#byHolder.set(holder.id, { from, spans });
  }

  /** Adds a call that is over, to its key and to the group the key was in. */
  add(record: RequestRecord): void {
    this.#add(record.keyId, record);
    if (record.keyGroupId !== undefined) this.#add(record.keyGroupId, record);
  }

  #add(holderId: string, record: RequestRecord): void {
    const held = this.#byHolder.get(holderId);
    const cost = record.cost ?? 0;
    if (!held || !(cost > 0) || !Number.isFinite(cost)) return;
    for (const period of BUDGET_PERIODS) {
      const spent = this.#current(held, period);
      if (record.costKind === "billed") spent.billed += cost;
      else spent.shadow += cost;
    }
  }

  /** Counts a call that begins. */
  begin(holderId: string): void {
    const held = this.#byHolder.get(holderId);
    if (held) for (const period of BUDGET_PERIODS) this.#current(held, period).requests++;
  }

  /** What was spent in the present day, week or month; undefined when nobody asked for it to be held. */
  spent(holderId: string, period: BudgetPeriod): Spent | undefined {
    const held = this.#byHolder.get(holderId);
    return held && this.#current(held, period);
  }

  /** Everything that is known of what a key or group spent. */
  whole(holder: RuleHolder): KeySpending {
    this.hold(holder);
    return {
      budgets: this.budgets(holder),
      daily: this.spent(holder.id, "daily")!,
      weekly: this.spent(holder.id, "weekly")!,
      monthly: this.spent(holder.id, "monthly")!,
    };
  }

  /** The budgets of a key or group, the shortest first. */
  budgets(holder: RuleHolder): BudgetState[] {
    const { budget } = holder;
    if (!budget) return [];
    return BUDGET_PERIODS.flatMap((period) => {
      const limit = budget[LIMIT_FIELDS[period]];
      const spent = this.spent(holder.id, period);
      if (limit === undefined || !spent) return [];
      const used = spent.billed + (budget.includeShadowCost ? spent.shadow : 0);
      const threshold = budget.warningThreshold ?? DEFAULT_THRESHOLD;
      return {
        period,
        limit,
        used,
        end: spent.end,
        warning: used >= limit * threshold,
        spent: used >= limit,
      };
    });
  }

  /** A clock that goes back gives no money back: only a later span begins at nothing. */
  #current(held: Held, period: BudgetPeriod): Spent {
    const spent = held.spans[period];
    const now = this.store.clock.now();
    if (now < spent.end) return spent;
    return (held.spans[period] = { ...spanOf(period, now, held.from), billed: 0, shadow: 0, requests: 0 });
  }
}
