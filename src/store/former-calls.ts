import type { RequestRecord } from "../core/record.ts";
import { packRequestId } from "./packed-ids.ts";
import { requestAdder } from "./request-rows.ts";
import { readSettings } from "./settings.ts";
import type { Store } from "./store.ts";
import { DAY_MS } from "./usage-rows.ts";

/**
 * Adds another program's calls to the log: those that are young enough to stay, each once. They count in no sum. Gives
 * how many were new.
 */
export function saveFormerCalls(store: Store, records: readonly RequestRecord[]): number {
  const { logs } = store.files;
  const oldest = store.clock.now() - readSettings(store).logRetentionDays * DAY_MS;
  store.requestLog.flush();
  const known = logs.prepare("SELECT 1 FROM requests WHERE id = ?");
  const fresh = records.filter(({ id, at }) => at >= oldest && known.get(packRequestId(id)) === null);
  const add = requestAdder(logs, store.logs);
  store.change(undefined, () => logs.transaction(() => add(fresh))());
  return fresh.length;
}
