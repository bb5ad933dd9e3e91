import type { Target } from "../core/target.ts";
import { readsComments } from "../formats/gemini/index.ts";
import { costKindOf, costOf } from "../metering/index.ts";
import type { Spent } from "./bill.ts";
import type { Call } from "./call.ts";
import type { RelayDeps } from "./index.ts";
import type { Entry } from "./journal.ts";
import { usageFields } from "./response-headers.ts";
import type { Tally } from "./tally.ts";

/** What one attempt used and cost; a price nobody knows stays unknown. */
export function ownSpending(deps: RelayDeps, call: Call, target: Target, tally: Tally): Spent {
  const usage = tally.settled(call.facts.estimatedInput);
  const cost = costOf(usage, deps.priceOf(target));
  return {
    usage,
    costKind: costKindOf(target.provider),
    ...(cost !== undefined && { cost }),
  };
}

/** Old Google SDKs lose the frame behind a comment. */
export function readsTrailers(call: Call): boolean {
  const { format, headers } = call.inbound;
  return format.id !== "gemini" || readsComments(headers.get("x-goog-api-client"));
}

/** Comment lines before a stream's end; after the last of them the last word on progress, as a frame of its own. */
export function trailer(
  deps: RelayDeps,
  call: Call,
  entry: Entry,
  target: Target,
  tally: Tally,
  bill = entry.bill,
): string[] {
  if (!readsTrailers(call)) return [];
  const { usage, cost } = bill.whole(ownSpending(deps, call, target, tally));
  const fields = usageFields(usage, cost).map(([name, value]) => `${name}=${value}`);
  const latency = `x-omniroute-latency-ms=${Math.round(entry.elapsed())}`;
  return [...fields, entry.progress?.trailer(latency, tally) ?? latency];
}
