import type { Database } from "bun:sqlite";
import { and, desc, eq, or, sql, type SQL } from "drizzle-orm";
import type { ProxyLogEntry } from "../core/proxy-log.ts";
import type { Clock } from "../lib/clock.ts";
import type { LogDatabase } from "./database.ts";
import { containing } from "./requests.ts";
import { proxyLog } from "./log-schema.ts";
import type { Store } from "./store.ts";
import { WriteQueue } from "./write-queue.ts";

/** Takes one entry for each call through a network proxy; written behind the caller's back. */
export type ProxyLog = WriteQueue<ProxyLogEntry>;

export function createProxyLog(database: Database, logs: LogDatabase, clock: Clock): ProxyLog {
  return new WriteQueue(database, clock, (entries) => {
    for (const { exit, ...entry } of entries)
      logs
        .insert(proxyLog)
        .values({ ...entry, ...(exit && { exitAddress: exit.address, exitSeenAt: exit.seenAt }) })
        .run();
  });
}

/** Entries, newest first. `search` looks in proxy, target and error. `limit` defaults to 100, at most 1000. */
export function listProxyLog(
  store: Store,
  query: {
    status?: string;
    type?: string;
    provider?: string;
    level?: string;
    search?: string;
    limit?: number;
  } = {},
): (ProxyLogEntry & { id: number })[] {
  store.proxyLog.flush();
  const conditions: (SQL | undefined)[] = [];
  if (query.status) conditions.push(eq(proxyLog.status, query.status));
  if (query.type) conditions.push(eq(proxyLog.type, query.type));
  if (query.provider) conditions.push(eq(proxyLog.provider, query.provider));
  if (query.level) conditions.push(eq(proxyLog.level, query.level));
  if (query.search) {
    const text = containing(query.search);
    conditions.push(
      or(
        sql`${proxyLog.host} LIKE ${text}`,
        sql`${proxyLog.target} LIKE ${text}`,
        sql`${proxyLog.error} LIKE ${text}`,
      ),
    );
  }
  const rows = store.logs
    .select()
    .from(proxyLog)
    .where(and(...conditions))
    .orderBy(desc(proxyLog.id))
    .limit(Math.min(Math.max(query.limit ?? 100, 1), 1000))
    .all();
  return rows.map(
    ({
      exitAddress,
      exitSeenAt,
      provider,
      connectionId,
      error,
      levelId,
      comboId,
      type,
      status,
      ...rest
    }) => ({
      ...rest,
      type: type as ProxyLogEntry["type"],
      status: status as ProxyLogEntry["status"],
      ...(provider !== null && { provider }),
      ...(connectionId !== null && { connectionId }),
      ...(error !== null && { error }),
      ...(levelId !== null && { levelId }),
      ...(comboId !== null && { comboId }),
      ...(exitAddress !== null &&
        exitSeenAt !== null && { exit: { address: exitAddress, seenAt: exitSeenAt } }),
    }),
  );
}

/** Empties the proxy log. Gives how many entries there were. */
export function clearProxyLog(store: Store): number {
  store.proxyLog.flush();
  return store.change(
    undefined,
    () => store.logs.delete(proxyLog).returning({ id: proxyLog.id }).all().length,
  );
}
