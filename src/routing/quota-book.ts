import type { QuotaWindow } from "../core/quota.ts";
import type { Clock } from "../lib/clock.ts";
import { Lru } from "../lib/lru.ts";

/** A window is believed for this long after it was last heard of, unless its reset comes first. */
const BELIEVED_MS = 24 * 3_600_000;
const MOST_WINDOWS = 20;

type Noted = QuotaWindow & { at: number };

/** What is known of the quotas of connections: told by answers' headers and by quota checks, read by plans. */
export class QuotaBook {
  readonly #byConnection = new Lru<string, Noted[]>(10_000);
  /** Hears what answers' headers told. */
  onHeaders: ((connectionId: string, windows: readonly QuotaWindow[]) => void) | undefined;

  constructor(readonly clock: Clock) {}

  /** Writes down what an answer's headers told. */
  noteHeaders(connectionId: string, windows: readonly QuotaWindow[]): void {
    if (windows.length === 0) return;
    this.note(connectionId, windows);
    this.onHeaders?.(connectionId, windows);
  }

  /** Writes down how windows of a connection stand now; windows that are not named stay as they were. */
  note(connectionId: string, windows: readonly QuotaWindow[]): void {
    if (windows.length === 0) return;
    const named = new Set(windows.map(({ name }) => name));
    const others = this.#current(connectionId).filter(({ name }) => !named.has(name));
    const at = this.clock.now();
    const fresh = windows.map((window) => ({ ...window, left: Math.min(1, Math.max(0, window.left)), at }));
    this.#byConnection.set(connectionId, [...fresh, ...others].slice(0, MOST_WINDOWS));
  }

  /** The windows of a connection as far as they are known; one that was reset since is left out. */
  windows(connectionId: string): readonly QuotaWindow[] {
    return this.#current(connectionId);
  }

  /** Share of its quota that a connection has left, 0 to 1, by its tightest window; undefined when nobody knows. */
  left(connectionId: string): number | undefined {
    const windows = this.#current(connectionId);
    return windows.length === 0 ? undefined : Math.min(...windows.map((window) => window.left));
  }

  /** The connection is gone or has another account behind it. */
  forget(connectionId: string): void {
    this.#byConnection.delete(connectionId);
  }

  #current(connectionId: string): Noted[] {
    const now = this.clock.now();
    return (this.#byConnection.get(connectionId) ?? []).filter(
      ({ resetsAt, at }) => now < (resetsAt ?? at + BELIEVED_MS),
    );
  }
}
