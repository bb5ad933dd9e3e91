import { and, eq } from "drizzle-orm";
import type { Connection } from "../core/connection.ts";
import { isObject } from "../lib/json.ts";
import { connectionFromRow, connectionToRow } from "./connections.ts";
import { keyValue, providerConnections } from "./config-schema.ts";
import type { Store } from "./store.ts";

const NAMESPACE = "refresh-leases";

/**
 * Says that a refresh token is on its way to its vendor. Whoever finds a lease at the start knows that the token may
 * have been used up, and that what came for it was lost.
 */
export type RefreshLease = {
  connectionId: string;
  /** SHA-256 of the refresh token. */
  tokenHash: string;
  /** Milliseconds since 1970. */
  at: number;
};

/** Writes a lease down; returns once it would survive a crash. Throws `storage_full`. */
export function takeRefreshLease(store: Store, { connectionId, tokenHash, at }: RefreshLease): void {
  const value = { tokenHash, at };
  store.change(undefined, () =>
    store.config
      .insert(keyValue)
      .values({ namespace: NAMESPACE, key: connectionId, value })
      .onConflictDoUpdate({ target: [keyValue.namespace, keyValue.key], set: { value } })
      .run(),
  );
}

/** The token was not used up: the vendor said so, or was never asked. */
export function dropRefreshLease(store: Store, connectionId: string): void {
  store.change(undefined, () => store.config.delete(keyValue).where(leaseOf(connectionId)).run());
}

export function listRefreshLeases(store: Store): RefreshLease[] {
  const rows = store.config.select().from(keyValue).where(eq(keyValue.namespace, NAMESPACE)).all();
  return rows.flatMap(({ key, value }) =>
    isObject(value) && typeof value.tokenHash === "string" && typeof value.at === "number"
      ? [{ connectionId: key, tokenHash: value.tokenHash, at: value.at }]
      : [],
  );
}

/**
 * Ends a refresh: what `change` makes of the connection as it is stored now (undefined: nothing) is saved and the
 * lease is gone, both or neither. Gives what was saved. Throws `storage_full`.
 */
export function settleRefresh(
  store: Store,
  connectionId: string,
  change: (stored: Connection) => Connection | undefined,
): Connection | undefined {
  return store.change("connections", () =>
    store.config.transaction((transaction) => {
      transaction.delete(keyValue).where(leaseOf(connectionId)).run();
      const row = transaction
        .select()
        .from(providerConnections)
        .where(eq(providerConnections.id, connectionId))
        .get();
      const changed = row && change(connectionFromRow(row, store.sealer));
      if (!changed) return undefined;
      transaction
        .update(providerConnections)
        .set(connectionToRow(changed, store.sealer))
        .where(eq(providerConnections.id, connectionId))
        .run();
      return changed;
    }),
  );
}

const leaseOf = (connectionId: string) =>
  and(eq(keyValue.namespace, NAMESPACE), eq(keyValue.key, connectionId));
