import { packId } from "./packed-ids.ts";
import type { Store } from "./store.ts";
import { DAY_MS } from "./usage-rows.ts";

/** What was used on one day, as another program counted it. */
export type DaySum = {
  /** `2026-02-28` */
  day: string;
  provider: string;
  /** `prefix/id` */
  model: string;
  keyId: string;
  connectionId: string;
  requests: number;
  errors: number;
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  reasoning: number;
  /** USD, at what was billed; and the list price of what was not. */
  cost: number;
  shadowCost: number;
  /** Requests whose price nobody knows. */
  unknownPrice: number;
};

const INSERT = `INSERT INTO usage_daily
  (bucket, provider, model, key_id, key_group_id, connection_id, requests, errors, cancelled, input, output, cache_read,
   cache_write, reasoning, estimated, cost, shadow_cost, unknown_price, duration_ms, first_content_ms, first_content_count)
  VALUES (?, ?, ?, ?, '', ?, ?, ?, 0, ?, ?, ?, ?, ?, 0, ?, ?, ?, 0, 0, 0) ON CONFLICT DO NOTHING`;

/**
 * Adds daily sums where we have none of that day, so that bringing a file in twice counts nothing twice. Gives
 * how many were new.
 */
export function saveDaySums(store: Store, sums: readonly DaySum[]): number {
  const { logs } = store.files;
  const insert = logs.prepare(INSERT);
  let added = 0;
  store.change(undefined, () =>
    logs.transaction(() => {
      for (const sum of sums) {
        const bucket = Math.floor(Date.parse(`${sum.day}T00:00:00Z`) / DAY_MS);
        const ids = [packId(sum.keyId), packId(sum.connectionId)];
        const { requests, errors, input, output, cacheRead, cacheWrite, reasoning } = sum;
        const counts = [requests, errors, input, output, cacheRead, cacheWrite, reasoning];
        const costs = [sum.cost, sum.shadowCost, sum.unknownPrice];
        added += insert.run(bucket, sum.provider, sum.model, ...ids, ...counts, ...costs).changes;
      }
    })(),
  );
  return added;
}
