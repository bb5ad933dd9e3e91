import { GatewayError } from "../core/errors.ts";
import { lastUndoable, listAudit, type ListedAudit, markUndone, undoChanges } from "../store/index.ts";
import { type Actor, audit } from "./actor.ts";
import { restoreCopy } from "./copies.ts";
import type { ManageDeps } from "./deps.ts";

/** What was taken back. */
export type Undone = { id: number; action: string; target?: string };

/**
 * Takes back what an entry of the audit log did; without an id, the newest that can be. The undoing is an entry too,
 * and can itself be undone by its id. Throws `not_found` where there is nothing to take back, and `conflict` where
 * something was changed again since.
 */
export function undo(deps: ManageDeps, id: number | undefined, actor: Actor): Undone {
  const { store } = deps;
  const wanted = id ?? lastUndoable(store);
  if (wanted === undefined) throw new GatewayError("not_found", "There is nothing to undo.");
  const entry = entryOf(deps, wanted);
  const { copy } = undoChanges(store, wanted);
  if (copy !== undefined) {
    restoreCopy(deps, copy, false, actor, true);
    markUndone(store, wanted);
  } else
    audit(store, actor, "undo", String(wanted), { of: entry.action, name: entry.target }, { isUndo: true });
  return { id: wanted, action: entry.action, ...(entry.target !== undefined && { target: entry.target }) };
}

function entryOf(deps: ManageDeps, id: number): ListedAudit {
  const [entry] = listAudit(deps.store, { id, limit: 1 });
  if (!entry) throw new GatewayError("not_found", "There is no such entry in the audit log.");
  return entry;
}
