import { and, desc, eq, type SQL } from "drizzle-orm";
import type { AuditEntry } from "../core/audit.ts";
import { auditLog } from "./schema.ts";
import { isDiskProblem } from "./store-error.ts";
import type { Store } from "./store.ts";

const LONGEST_FIELD = 500;
const LONGEST_DETAILS = 4000;

/**
 * Writes an entry down. What it tells of has happened already, so a disk that refuses is no error here; the change
 * itself was refused before. Details must not hold secrets.
 */
export function addAudit(store: Store, entry: Omit<AuditEntry, "at"> & { at?: number }): void {
  const details = entry.details && JSON.stringify(entry.details);
  const row = {
    at: entry.at ?? store.clock.now(),
    action: shortened(entry.action),
    actor: shortened(entry.actor),
    target: entry.target === undefined ? null : shortened(entry.target),
    ip: entry.ip === undefined ? null : shortened(entry.ip),
    result: entry.result,
    details: details === undefined ? null : details.length > LONGEST_DETAILS ? { cut: true } : entry.details!,
  };
  try {
    store.config.insert(auditLog).values(row).run();
  } catch (error) {
    if (!isDiskProblem(error)) throw error;
  }
}

/** Entries, newest first. `limit` defaults to 50 and is at most 1000. */
export function listAudit(
  store: Store,
  query: { action?: string; actor?: string; limit?: number; offset?: number } = {},
): (AuditEntry & { id: number })[] {
  const conditions: SQL[] = [];
  if (query.action) conditions.push(eq(auditLog.action, query.action));
  if (query.actor) conditions.push(eq(auditLog.actor, query.actor));
  const rows = store.config
    .select()
    .from(auditLog)
    .where(and(...conditions))
    .orderBy(desc(auditLog.id))
    .limit(Math.min(Math.max(query.limit ?? 50, 1), 1000))
    .offset(Math.max(query.offset ?? 0, 0))
    .all();
  return rows.map(({ target, ip, details, ...rest }) => ({
    ...rest,
    ...(target !== null && { target }),
    ...(ip !== null && { ip }),
    ...(details !== null && { details }),
  }));
}

/** Names come from outside: kept on one line and short. */
function shortened(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.slice(0, LONGEST_FIELD).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "\uFFFD");
}
