import type { Connection } from "../core/connection.ts";
import type { AttemptRecord, RequestRecord } from "../core/record.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { ConnectionNote } from "../store/index.ts";

export type NoteDeps = {
  clock: Clock;
  log: Log;
  connections(): readonly Connection[];
  /** Writes a note down; may refuse when the disk does. */
  save(connectionId: string, note: ConnectionNote): void;
};

const SAVE_EVERY_MS = 5000;

/**
 * When each connection was used last and what went wrong with it last; a good answer clears that. In memory at once,
 * on the disk a little later: a busy connection is not written for every call.
 */
export class ConnectionNotes {
  readonly #waiting = new Map<string, ConnectionNote>();
  #cancelTimer: (() => void) | undefined;

  constructor(readonly deps: NoteDeps) {}

  /** Takes what a call tells of the connections it tried. */
  record(record: RequestRecord): void {
    for (const attempt of record.attempts) this.#attempt(attempt);
  }

  /** Writes what waits. */
  save(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    for (const [id, note] of this.#waiting) {
      try {
        this.deps.save(id, note);
        this.#waiting.delete(id);
      } catch (error) {
        // A full disk must not stop the traffic; it is tried again with the next note.
        this.deps.log.warn("store", "The last use of a connection could not be saved.", { cause: error });
        return;
      }
    }
  }

  #attempt(attempt: AttemptRecord): void {
    if (attempt.outcome === "cancelled") return;
    const connection = this.deps.connections().find(({ id }) => id === attempt.connectionId);
    if (!connection) return;
    const at = Math.round(attempt.startedAt);
    const hadError = connection.lastError !== undefined;
    connection.lastUsedAt = at;
    if (attempt.outcome === "ok") delete connection.lastError;
    else connection.lastError = errorOf(attempt, attempt.outcome);
    if (connection.fromEnvironment) return;
    const isNews = attempt.outcome !== "ok" || hadError;
    this.#waiting.set(connection.id, {
      ...this.#waiting.get(connection.id),
      lastUsedAt: at,
      ...(isNews && { lastError: connection.lastError }),
    });
    this.#cancelTimer ??= this.deps.clock.after(SAVE_EVERY_MS, () => this.save());
  }
}

function errorOf(attempt: AttemptRecord, kind: string): NonNullable<Connection["lastError"]> {
  return {
    at: Math.round(attempt.startedAt + attempt.durationMs),
    kind,
    message: attempt.message ?? kind,
    ...(attempt.status !== undefined && { status: attempt.status }),
  };
}
