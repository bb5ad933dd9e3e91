import { and, desc, eq, type SQL } from "drizzle-orm";
import type { AuditEntry } from "../core/audit.ts";
import { fieldChanges, type FieldChange } from "./change-view.ts";
import { changesOf, keepChanges, type KeptChange } from "./history.ts";
import { auditLog } from "./config-schema.ts";
import { isDiskProblem } from "./store-error.ts";
import type { Store } from "./store.ts";

const LONGEST_FIELD = 500;
const LONGEST_DETAILS = 4000;

/**
 * Writes an entry down, with the changes it tells of. What it tells of has happened already, so a disk that refuses is no error here; the change
 * itself was refused before. Details must not hold secrets.
 */
export function addAudit(
  store: Store,
  entry: Omit<AuditEntry, "at"> & { at?: number; isUndo?: boolean },
): void {
  const details = entry.details && JSON.stringify(entry.details);
  const row = {
    at: entry.at ?? store.clock.now(),
    action: shortened(entry.action),
    actor: shortened(entry.actor),
    target: entry.target === undefined ? null : shortened(entry.target),
    ip: entry.ip === undefined ? null : shortened(entry.ip),
    result: entry.result,
    isUndo: entry.isUndo ?? false,
    details: details === undefined ? null : details.length > LONGEST_DETAILS ? { cut: true } : entry.details!,
  };
  const done = store.takeChanges();
  try {
    store.config.transaction(() => {
      const { id } = store.config.insert(auditLog).values(row).returning({ id: auditLog.id }).get();
      keepChanges(store, id, row.at, done);
    });
  } catch (error) {
    if (!isDiskProblem(error)) throw error;
  }
}

/** An entry with what it changed, and whether that can be taken back. */
export type ListedAudit = AuditEntry & {
  id: number;
  changes: FieldChange[];
  undo: "possible" | "done" | "impossible";
};

function undoing(kept: readonly KeptChange[]): Pick<ListedAudit, "changes" | "undo"> {
  const undone = kept.every(({ undoneAt }) => undoneAt !== undefined);
  return {
    changes: fieldChanges(kept),
    undo: kept.length === 0 ? "impossible" : undone ? "done" : "possible",
  };
}

/** Entries, newest first. `limit` defaults to 50 and is at most 1000. */
export function listAudit(
  store: Store,
  query: { id?: number; action?: string; actor?: string; limit?: number; offset?: number } = {},
): ListedAudit[] {
  const conditions: SQL[] = [];
  if (query.id !== undefined) conditions.push(eq(auditLog.id, query.id));
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
  const changes = changesOf(
    store,
    rows.map(({ id }) => id),
  );
  return rows.map(({ target, ip, details, isUndo: _isUndo, ...rest }) => ({
    ...rest,
    ...undoing(changes.get(rest.id) ?? []),
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
