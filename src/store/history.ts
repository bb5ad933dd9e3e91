import type { Database, SQLQueryBindings } from "bun:sqlite";
import { and, asc, desc, eq, inArray, isNull, ne } from "drizzle-orm";
import { GatewayError } from "../core/errors.ts";
import type { JsonObject } from "../lib/json.ts";
import { keysWithoutTheirGroup } from "./regroup-keys.ts";
import { learnedColumns, type RowChange, TRACKED } from "./row-changes.ts";
import { auditLog, changes } from "./config-schema.ts";
import type { Store, StoreChange } from "./store.ts";
import { isDuplicate } from "./store-error.ts";

/** A row's change as it is kept beside an audit entry. */
export type KeptChange = RowChange & { id: number; auditId: number; undoneAt?: number };

/** Not a row: an import or a restore, which is undone by bringing back the copy made before it. */
const COPY = "backup";

/** Keeps what an audited change did. */
export function keepChanges(store: Store, auditId: number, at: number, done: readonly RowChange[]): void {
  if (done.length === 0) return;
  store.config
    .insert(changes)
    .values(
      done.map(({ entity, key, before, after }) => ({
        auditId,
        at,
        entity,
        key: JSON.stringify(key),
        before,
        after,
        undoneAt: null,
      })),
    )
    .run();
}

/** The changes of some audit entries, by entry, in the order they were made. */
export function changesOf(store: Store, auditIds: readonly number[]): Map<number, KeptChange[]> {
  const found = new Map<number, KeptChange[]>();
  const rows = store.config
    .select()
    .from(changes)
    .where(inArray(changes.auditId, [...auditIds]))
    .orderBy(asc(changes.id))
    .all();
  for (const { key, undoneAt, at: _at, ...row } of rows) {
    const kept = { ...row, key: JSON.parse(key) as string[], ...(undoneAt !== null && { undoneAt }) };
    found.set(row.auditId, [...(found.get(row.auditId) ?? []), kept]);
  }
  return found;
}

/** Who makes the changes of the configuration file: they are taken back there. */
export const FILE_ACTOR = "config file";

/** The newest audit entry that can be undone, is itself no undoing, and was made by somebody. */
export function lastUndoable(store: Store): number | undefined {
  return store.config
    .select({ id: changes.auditId })
    .from(changes)
    .innerJoin(auditLog, eq(auditLog.id, changes.auditId))
    .where(and(isNull(changes.undoneAt), eq(auditLog.isUndo, false), ne(auditLog.actor, FILE_ACTOR)))
    .orderBy(desc(changes.auditId))
    .limit(1)
    .get()?.id;
}

/**
 * Takes back what an audit entry did, all or nothing. Where it was an import, the copy is named that must be brought
 * back instead, and nothing is done yet. Throws `not_found` where there is nothing to take back, and `conflict` where something was changed
 * again since.
 */
export function undoChanges(store: Store, auditId: number): { copy?: string } {
  const all = changesOf(store, [auditId]).get(auditId) ?? [];
  const done = all.filter(({ undoneAt }) => undoneAt === undefined);
  if (done.length === 0)
    throw new GatewayError(
      "not_found",
      all.length > 0 ? "That is undone already." : "That entry holds nothing that can be undone.",
    );
  const copy = done.find(({ entity }) => entity === COPY);
  if (copy) return { copy: copy.key[0]! };
  const database = store.files.config;
  const told = new Set<StoreChange>();
  store.changeSeen(told, () => {
    for (const change of done.toReversed()) {
      takeBack(database, change);
      told.add(TRACKED[change.entity]!.tells(change.key));
    }
    refuseLostKeys(database);
    markUndone(store, auditId);
  });
  return {};
}

/** A key must not be left with a group that is gone. */
function refuseLostKeys(database: Database): void {
  const [name] = keysWithoutTheirGroup(database);
  if (name === undefined) return;
  throw new GatewayError("conflict", `The key ${name} would be left in a group that is gone: move it first.`);
}

/** Says that an import can be undone by a copy. */
export const copyChange = (filename: string): RowChange => ({
  entity: COPY,
  key: [filename],
  before: null,
  after: null,
});

/** Says that an entry is undone. */
export function markUndone(store: Store, auditId: number): void {
  store.config.update(changes).set({ undoneAt: store.clock.now() }).where(eq(changes.auditId, auditId)).run();
}

function takeBack(database: Database, { entity, key, before, after }: KeptChange): void {
  const tracked = TRACKED[entity];
  if (!tracked)
    throw new GatewayError("conflict", "That was changed by another version, which must undo it.");
  if (after === null) {
    if (before !== null) insertRow(database, entity, before);
    return;
  }
  const where = tracked.key.map((column) => `"${column}" = ?`).join(" AND ");
  const now = database.query<JsonObject, string[]>(`SELECT * FROM ${entity} WHERE ${where}`).get(...key);
  const learned = learnedColumns(entity);
  const fields = Object.keys(after).filter(
    (column) => before?.[column] !== after[column] && !learned.includes(column),
  );
  // Tokens are renewed without anybody's doing.
  const compared = before === null ? fields.filter((column) => column !== "credentials") : fields;
  if (!now || compared.some((column) => now[column] !== after[column]))
    throw changedSince(entity, after, now);
  if (before === null) {
    database.run(`DELETE FROM ${entity} WHERE ${where}`, key);
    return;
  }
  if (entity === "provider_connections" && fields.includes("credentials") && now.auth_type === "oauth")
    throw new GatewayError(
      "conflict",
      "A sign-in cannot be undone: the vendor has ended the one before. Sign in again instead.",
    );
  const values = fields.map((column) => before[column] as SQLQueryBindings);
  database.run(
    `UPDATE ${entity} SET ${fields.map((column) => `"${column}" = ?`).join(", ")} WHERE ${where}`,
    [...values, ...key],
  );
}

function insertRow(database: Database, entity: string, row: JsonObject): void {
  const columns = Object.keys(row);
  try {
    database.run(
      `INSERT INTO ${entity} (${columns.map((column) => `"${column}"`).join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
      Object.values(row) as SQLQueryBindings[],
    );
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    throw changedSince(entity, row, row);
  }
}

function changedSince(entity: string, row: JsonObject, now: JsonObject | null): GatewayError {
  const name = String(row.name ?? row.pattern ?? row.key ?? row.model ?? "It");
  return new GatewayError(
    "conflict",
    now
      ? `${name} was changed again since: undo the newer change first.`
      : `${name} (${entity}) is gone since: undo that first.`,
  );
}
