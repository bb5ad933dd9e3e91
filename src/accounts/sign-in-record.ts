import type { Connection, Credentials } from "../core/connection.ts";
import { GatewayError } from "../core/errors.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import {
  dropRefreshLease,
  listRefreshLeases,
  settleRefresh,
  type Store,
  takeRefreshLease,
} from "../store/index.ts";
import { hashOfToken } from "./refresh-rules.ts";

export type RecordDeps = {
  store: Store;
  clock: Clock;
  log: Log;
  installationId: string;
};

/**
 * What is written down of a renewal: that a refresh token is on its way, what came for it, and that a sign-in has
 * ended. A disk that takes no changes stops none of it; what it would not take waits in memory.
 */
export class SignInRecord {
  readonly #deps: RecordDeps;
  readonly #unsaved = new Map<string, { usedHash: string; credentials: Credentials }>();

  constructor(deps: RecordDeps) {
    this.#deps = deps;
  }

  /** Says that a connection's refresh token is on its way. False when the disk refuses. */
  lease({ id, credentials }: Connection): boolean {
    const { store, clock } = this.#deps;
    const tokenHash = hashOfToken(credentials.refreshToken);
    return this.#onDisk(() => takeRefreshLease(store, { connectionId: id, tokenHash, at: clock.now() }));
  }

  /** The token came back unused, or will be tried again. */
  release(connectionId: string): void {
    this.#onDisk(() => dropRefreshLease(this.#deps.store, connectionId));
  }

  /** Keeps what came for the refresh token of `used`, unless a person has signed in again meanwhile. */
  save(used: Connection, credentials: Credentials): void {
    const usedHash = hashOfToken(used.credentials.refreshToken);
    if (this.#onDisk(() => this.#settle(used.id, usedHash, credentials))) return;
    this.#unsaved.set(used.id, { usedHash, credentials });
    const { log } = this.#deps;
    log.warn("accounts", `The renewed sign-in of ${used.name} is not saved yet: the disk takes no changes.`);
  }

  /** Tries again to save what waits. */
  saveLate(): void {
    for (const [id, { usedHash, credentials }] of this.#unsaved)
      if (this.#onDisk(() => this.#settle(id, usedHash, credentials))) this.#unsaved.delete(id);
  }

  /** Marks a sign-in as one that only a person can renew. Gives the connection, unless another sign-in came meanwhile. */
  end(
    { id, credentials }: Connection,
    message: string,
    why?: NonNullable<Credentials["refreshEnded"]>["why"],
  ): Connection | undefined {
    const usedHash = hashOfToken(credentials.refreshToken);
    let ended: Connection | undefined;
    this.#onDisk(() => {
      ended = settleRefresh(this.#deps.store, id, (stored) =>
        hashOfToken(stored.credentials.refreshToken) === usedHash
          ? this.#ended(stored, message, why)
          : undefined,
      );
    });
    return ended;
  }

  /** Ends the sign-ins whose renewal a crash interrupted; gives their connections. */
  recover(message: string): Connection[] {
    const { store } = this.#deps;
    const ended: Connection[] = [];
    for (const { connectionId, tokenHash } of listRefreshLeases(store)) {
      this.#onDisk(() => {
        const settled = settleRefresh(store, connectionId, (stored) =>
          hashOfToken(stored.credentials.refreshToken) === tokenHash
            ? this.#ended(stored, message, "interrupted")
            : undefined,
        );
        if (settled) ended.push(settled);
      });
    }
    return ended;
  }

  /** A stored connection, with the credentials that only memory has. */
  latest(connection: Connection): Connection {
    const unsaved = this.#unsaved.get(connection.id);
    if (!unsaved || hashOfToken(connection.credentials.refreshToken) !== unsaved.usedHash) return connection;
    return { ...connection, credentials: unsaved.credentials };
  }

  #settle(id: string, usedHash: string, credentials: Credentials): void {
    settleRefresh(this.#deps.store, id, (stored) => {
      if (hashOfToken(stored.credentials.refreshToken) !== usedHash) return undefined;
      const { needsSignIn: _needsSignIn, lastError: _lastError, ...rest } = stored;
      return { ...rest, credentials: { ...credentials, heldBy: this.#deps.installationId } };
    });
  }

  #ended(
    stored: Connection,
    message: string,
    why: NonNullable<Credentials["refreshEnded"]>["why"] | undefined,
  ): Connection {
    const at = this.#deps.clock.now();
    return {
      ...stored,
      needsSignIn: true,
      lastError: { at, kind: "credentials", message },
      ...(why !== undefined && { credentials: { ...stored.credentials, refreshEnded: { at, why } } }),
    };
  }

  /** False when the disk took no change. */
  #onDisk(write: () => void): boolean {
    try {
      write();
      return true;
    } catch (error) {
      if (error instanceof GatewayError && error.code === "storage_full") return false;
      throw error;
    }
  }
}
