import { HOUR_MS } from "./reading.ts";

/** What was used: tokens as they are billed, costs in USD. */
export type Use = { requests: number; tokens: number; cost: number };

const SLOT_MS = 5 * 60_000;
/** Slots this old are merged into hours. */
const FINE_MS = 6 * HOUR_MS;
const KEPT_MS = 32 * 24 * HOUR_MS;

type Slot = Use & { from: number; length: number };

/**
 * What went over each connection lately, for windows that nobody else counts: in slots of five minutes, older than six
 * hours in hours, for a month.
 */
export class UseCounter {
  readonly #byConnection = new Map<string, Slot[]>();

  /** Adds what a call used at a moment (milliseconds since 1970). */
  add(connectionId: string, at: number, use: Use): void {
    const slots = this.#slots(connectionId);
    const from = Math.floor(at / SLOT_MS) * SLOT_MS;
    const slot = slots.findLast((candidate) => candidate.from === from && candidate.length === SLOT_MS);
    if (slot) addTo(slot, use);
    else this.#insert(slots, { from, length: SLOT_MS, ...use }, at);
  }

  /** Adds what was used in an hour before the start, as the database has it. */
  seed(connectionId: string, hour: number, use: Use): void {
    const slots = this.#slots(connectionId);
    slots.push({ from: hour, length: HOUR_MS, ...use });
    slots.sort((a, b) => a.from - b.from);
  }

  /** What was used from a moment on, as far as slots can tell it. */
  since(connectionId: string, from: number): Use {
    const sum = { requests: 0, tokens: 0, cost: 0 };
    for (const slot of this.#byConnection.get(connectionId) ?? [])
      if (slot.from + slot.length > from) addTo(sum, slot);
    return sum;
  }

  /** When a connection was first used after a moment; undefined when it was not. */
  firstUseAfter(connectionId: string, moment: number): number | undefined {
    return this.#byConnection.get(connectionId)?.find(({ from, length }) => from + length > moment)?.from;
  }

  forget(connectionId: string): void {
    this.#byConnection.delete(connectionId);
  }

  #slots(connectionId: string): Slot[] {
    const slots = this.#byConnection.get(connectionId) ?? [];
    this.#byConnection.set(connectionId, slots);
    return slots;
  }

  #insert(slots: Slot[], slot: Slot, now: number): void {
    const place = slots.findLastIndex((candidate) => candidate.from <= slot.from) + 1;
    slots.splice(place, 0, slot);
    const kept = slots.filter(({ from }) => from > now - KEPT_MS);
    slots.splice(0, slots.length, ...merged(kept, now - FINE_MS));
  }
}

/** Fine slots before a moment, put together by hours. */
function merged(slots: readonly Slot[], before: number): Slot[] {
  const result: Slot[] = [];
  for (const slot of slots) {
    const last = result.at(-1);
    const hour = Math.floor(slot.from / HOUR_MS) * HOUR_MS;
    const isOld = slot.length === SLOT_MS && slot.from < before;
    if (isOld && last?.from === hour && last.length === HOUR_MS) addTo(last, slot);
    else result.push(isOld ? { ...slot, from: hour, length: HOUR_MS } : slot);
  }
  return result;
}

function addTo(sum: Use, { requests, tokens, cost }: Use): void {
  sum.requests += requests;
  sum.tokens += tokens;
  sum.cost += cost;
}
