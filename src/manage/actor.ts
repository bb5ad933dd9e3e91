import { addAudit, type Store } from "../store/index.ts";

/** Who makes a change: `admin`, `cli`, or a key's name, and from which address. */
export type Actor = { name: string; ip?: string };

/** Writes down that a change was made. `details` must not hold secrets. */
export function audit(
  store: Store,
  actor: Actor,
  action: string,
  target: string,
  details?: { [field: string]: unknown },
  { isUndo = false } = {},
): void {
  addAudit(store, {
    action,
    actor: actor.name,
    ...(actor.ip !== undefined && { ip: actor.ip }),
    target,
    result: "ok",
    isUndo,
    ...(details && { details }),
  });
}
