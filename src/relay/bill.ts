import type { AttemptRecord, CostKind } from "../core/record.ts";
import type { Usage } from "../core/reply.ts";
import { added } from "../core/usage.ts";

/** What an answer used and cost; without `cost` where the price is unknown. */
export type Spent = { usage: Usage; costKind: CostKind; cost?: number };

/** The bill of a call in which several attempts generated something. */
export class Bill {
  #before: Spent | undefined;

  /** An attempt broke off and another goes on: it keeps its own part, which counts in the whole. */
  close(record: AttemptRecord | undefined, spent: Spent): void {
    if (record) note(record, spent);
    this.#before = this.whole(spent);
  }

  /** The last attempt's part, where it is not all there is. */
  end(record: AttemptRecord | undefined, spent: Spent): void {
    if (record && this.#before) note(record, spent);
  }

  /** All attempts together; a price nobody knows makes the whole unknown. */
  whole(spent: Spent): Spent {
    const before = this.#before;
    if (!before) return spent;
    const cost = before.cost === undefined || spent.cost === undefined ? undefined : before.cost + spent.cost;
    return {
      usage: added(before.usage, spent.usage),
      costKind: before.costKind === "billed" ? "billed" : spent.costKind,
      ...(cost !== undefined && { cost }),
    };
  }
}

function note(record: AttemptRecord, { usage, cost }: Spent): void {
  record.usage = usage;
  if (cost !== undefined) record.cost = cost;
}
