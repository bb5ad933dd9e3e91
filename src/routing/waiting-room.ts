import type { Clock } from "../lib/clock.ts";

/** A connection a call would wait for. `readyAt` (milliseconds since 1970): not before then. */
export type Wish = { connectionId: string; readyAt?: number };

/** Leave to use a connection ahead of those who wait for it. */
export type Ticket = {
  readonly connectionId: string;
  /** The call takes the place that was kept for it. False when it has already. */
  use(): boolean;
  /** The call was answered, or could not use it: the next in line may go. */
  done(): void;
};

/** What the room must know of connections: is there room, and when again if not. */
export type Rooms = { room(connectionId: string): { until?: number } | undefined };

type Waiter = { wishes: readonly Wish[]; called(ticket: Ticket | undefined): void };

type Line = {
  /** First come, first served. */
  waiters: Waiter[];
  /** Tickets given out that are not done. */
  out: number;
  /** Those of them that were not used yet. */
  kept: number;
  /** It was barred until a time: one goes first, the others when that one came through. */
  careful: boolean;
  cancelTimer: () => void;
};

const LONGEST_LINE = 1000;

/** Where calls wait for their turn at connections, in the order they came. */
export class WaitingRoom {
  readonly #lines = new Map<string, Line>();

  constructor(
    readonly clock: Clock,
    readonly rooms: Rooms,
  ) {}

  /** How many wait for a connection. */
  waiting(connectionId: string): number {
    return this.#lines.get(connectionId)?.waiters.length ?? 0;
  }

  /** How many places at a connection are kept for those who were called and are on their way. */
  kept(connectionId: string): number {
    return this.#lines.get(connectionId)?.kept ?? 0;
  }

  /**
   * Waits for one of several connections, at most `ms` milliseconds. Undefined when none was free in time, when
   * `signal` aborts, or when a line is too long already.
   */
  wait(wishes: readonly Wish[], ms: number, signal: AbortSignal): Promise<Ticket | undefined> {
    const open = wishes.filter(({ connectionId }) => this.waiting(connectionId) < LONGEST_LINE);
    if (open.length === 0 || ms <= 0 || signal.aborted) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const waiter: Waiter = {
        wishes: open,
        called: (ticket) => {
          cancel();
          signal.removeEventListener("abort", leave);
          for (const { connectionId } of open) this.#leave(connectionId, waiter);
          resolve(ticket);
        },
      };
      const leave = () => waiter.called(undefined);
      const cancel = this.clock.after(ms, leave);
      signal.addEventListener("abort", leave);
      for (const { connectionId } of open) this.#lineOf(connectionId).waiters.push(waiter);
      for (const { connectionId } of open) this.look(connectionId);
    });
  }

  /** Something may have changed at a connection: calls those whose turn it is. */
  look(connectionId: string): void {
    const line = this.#lines.get(connectionId);
    if (!line) return;
    line.cancelTimer();
    line.cancelTimer = () => {};
    for (;;) {
      const [first] = line.waiters;
      if (!first || (line.careful && line.out > 0)) break;
      const readyAt = first.wishes.find((wish) => wish.connectionId === connectionId)?.readyAt ?? 0;
      const at = Math.max(readyAt, this.#roomAt(connectionId));
      if (at > this.clock.now()) {
        if (readyAt > this.clock.now()) line.careful = true;
        if (Number.isFinite(at)) this.#lookAgain(connectionId, line, at - this.clock.now());
        break;
      }
      line.out++;
      line.kept++;
      first.called(this.#ticket(connectionId, line));
    }
    if (line.waiters.length === 0 && line.out === 0) this.#lines.delete(connectionId);
  }

  /** Limits were changed: looks at every line. */
  lookAll(): void {
    for (const connectionId of [...this.#lines.keys()]) this.look(connectionId);
  }

  /** When a connection has room, in milliseconds since 1970; never, by the clock, while only a call's end makes room. */
  #roomAt(connectionId: string): number {
    const full = this.rooms.room(connectionId);
    return full ? (full.until ?? Infinity) : 0;
  }

  #ticket(connectionId: string, line: Line): Ticket {
    let isUsed = false;
    let isDone = false;
    const use = () => {
      if (isUsed) return false;
      isUsed = true;
      line.kept--;
      return true;
    };
    return {
      connectionId,
      use,
      done: () => {
        if (isDone) return;
        isDone = true;
        use();
        line.out--;
        line.careful = false;
        this.look(connectionId);
      },
    };
  }

  #lookAgain(connectionId: string, line: Line, ms: number): void {
    line.cancelTimer = this.clock.after(Math.max(1, ms), () => this.look(connectionId));
  }

  #lineOf(connectionId: string): Line {
    const known = this.#lines.get(connectionId);
    if (known) return known;
    const line: Line = { waiters: [], out: 0, kept: 0, careful: false, cancelTimer: () => {} };
    this.#lines.set(connectionId, line);
    return line;
  }

  #leave(connectionId: string, waiter: Waiter): void {
    const line = this.#lines.get(connectionId);
    if (!line) return;
    line.waiters = line.waiters.filter((other) => other !== waiter);
    if (line.waiters.length > 0) return;
    line.cancelTimer();
    line.careful = false;
    if (line.out === 0) this.#lines.delete(connectionId);
  }
}
