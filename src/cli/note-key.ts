import type { ApiKey } from "../core/key.ts";
import { addAudit, type Store } from "../store/index.ts";

/** Writes down a change of a key that was made on the store itself, where no server does it. */
export function noteKey(
  store: Store,
  action: "key.create" | "key.update" | "key.rotate" | "key.revoke",
  { id, name }: ApiKey,
  more: object = {},
): void {
  addAudit(store, { action, actor: "cli", target: id, result: "ok", details: { name, ...more } });
}
