import type { Connection } from "../core/connection.ts";
import { GatewayError } from "../core/errors.ts";
import { newId } from "../lib/ids.ts";
import { addAudit, findConnection, saveConnection, type Store } from "../store/index.ts";
import type { Bundle, Move } from "./bundle.ts";

/**
 * Takes a sign-in away from here, for the device that shall have it. From now on it is used here no more: of two
 * holders of a refresh token one ends the other's. Throws `not_found`, or `conflict` for what is no sign-in.
 */
export function packMove(store: Store, connectionId: string, to: { id: string; name: string }): Move {
  const connection = findConnection(store, connectionId);
  if (!connection) throw new GatewayError("not_found", "There is no such connection.");
  if (connection.authType !== "oauth" || connection.credentials.refreshToken === undefined) {
    throw new GatewayError(
      "conflict",
      "Only sign-ins are moved. Accounts by key are shared; their keys too, where that is ticked.",
    );
  }
  const now = store.clock.now();
  const { lastTest: _test, lastUsedAt: _used, ...rest } = connection;
  saveConnection(store, {
    ...rest,
    credentials: {},
    isActive: false,
    needsSignIn: true,
    lastError: { at: now, kind: "moved", message: `Moved to ${to.name}.` },
    updatedAt: now,
  });
  return { id: newId(), to: to.id, connection: { ...connection } };
}

/** Puts a sign-in that nobody took over back in its place. */
export function unpackMove(store: Store, { connection }: Move, installationId: string): void {
  const { lastError: _moved, needsSignIn: _away, ...rest } = connection as Connection;
  const credentials = { ...rest.credentials, heldBy: installationId };
  saveConnection(store, { ...rest, credentials, updatedAt: store.clock.now() });
}

/** Takes over the sign-ins that other devices have sent here. Gives the ids of these moves. */
export function receiveMoves(
  store: Store,
  bundles: readonly Bundle[],
  here: { device: string; installation: string; received: readonly string[] },
): string[] {
  const arrived: string[] = [];
  for (const bundle of bundles) {
    for (const move of bundle.moves) {
      if (move.to !== here.device || here.received.includes(move.id)) continue;
      unpackMove(store, move, here.installation);
      arrived.push(move.id);
      addAudit(store, {
        action: "sync.move",
        actor: "sync",
        target: String(move.connection["id"]),
        result: "ok",
        details: { device: bundle.device },
      });
    }
  }
  return arrived;
}
