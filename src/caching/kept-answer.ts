import type { CostKind } from "../core/record.ts";
import type { Reply, Usage } from "../core/reply.ts";

/** An answer in canonical form, with what it took to get it. */
export type KeptAnswer = {
  reply: Reply;
  /** `prefix/id` that gave it, its provider, and the name of the model as the client was shown it. */
  label: string;
  provider: string;
  model: string;
  /** Proofs in it must be sealed also for clients of its own format. */
  sealOwn: boolean;
  usage: Usage;
  /** What it cost, USD; absent when the price is unknown. */
  cost?: number;
  costKind: CostKind;
};

/** Only an answer that was said to its end may be said again: none that was cut short, filtered or paused. */
export function isComplete({ finish, parts }: Reply): boolean {
  return (finish === "stop" || finish === "tool-calls") && parts.length > 0;
}
