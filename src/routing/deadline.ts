import type { Clock } from "../lib/clock.ts";

/**
 * A time to come, kept on both clocks. The wall clock's is stored and shown; the steady clock's keeps a wall clock
 * that is set back from stretching it.
 */
export type Deadline = { at: number; steady: number };

/** The time `ms` from now. */
export function deadlineIn(clock: Clock, ms: number): Deadline {
  return { at: clock.now() + ms, steady: clock.monotonic() + ms };
}

/** Milliseconds until the deadline, 0 when it is past on either clock. */
export function msLeft(clock: Clock, deadline: Deadline): number {
  return Math.max(0, Math.min(deadline.at - clock.now(), deadline.steady - clock.monotonic()));
}

/** When the deadline is, in milliseconds since 1970 as the wall clock counts now. */
export function timeOf(clock: Clock, deadline: Deadline): number {
  return clock.now() + msLeft(clock, deadline);
}
