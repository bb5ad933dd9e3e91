import type { AttemptRecord, CostKind } from "../core/record.ts";
import type { Usage } from "../core/reply.ts";
import { added } from "../core/usage.ts";

/** What an answer used and cost; without `cost` where the price is unknown. */
export type Spent = { usage: Usage; costKind: CostKind; cost?: number };

/** The bill of a call in which several attempts generated something. */
export class Bill {
  /** `before`: what attempts that broke off have used, where another went on. */
  constructor(readonly before?: Spent) {}

  /** The last attempt's part, where it is not all there is. */
  end(record: AttemptRecord | undefined, spent: Spent): void {
    if (this.before) noteSpent(record, spent);
  }

  /** All attempts together; a price nobody knows makes the whole unknown. */
  whole(spent: Spent): Spent {
    const { before } = this;
    if (!before) return spent;
    const cost = before.cost === undefined || spent.cost === undefined ? undefined : before.cost + spent.cost;
    return {
      usage: added(before.usage, spent.usage),
      costKind: before.costKind === "billed" ? "billed" : spent.costKind,
      ...(cost !== undefined && { cost }),
    };
  }
}

/** Writes down what one attempt used by itself. */
export function noteSpent(record: AttemptRecord | undefined, { usage, cost }: Spent): void {
  if (!record) return;
  record.usage = usage;
  if (cost !== undefined) record.cost = cost;
}
