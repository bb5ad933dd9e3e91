import type { Clock } from "../../src/lib/clock.ts";
import { randomToken } from "../../src/lib/ids.ts";
import { Lru } from "../../src/lib/lru.ts";

/** What one answer leaves for the page that follows it. */
export type Carried = {
  message?: string;
  tone?: "ok" | "warn" | "bad";
  carry?: unknown;
  /** The audit entry that the message can take back. */
  undo?: number;
};

type Entry = Carried & { owner: string; path: string; until: number };

const KEPT_MS = 60_000;
const MOST = 200;

/**
 * Hands messages and results from a form's answer to the page that follows. The browser only carries a random name, so
 * that a new API key stands in no address and no cookie; each is given out once, to the session it belongs to.
 */
export class Carrier {
  readonly #entries = new Lru<string, Entry>(MOST);

  constructor(readonly clock: Clock) {}

  /** Keeps it for a minute; the result is the name for the browser. */
  put(owner: string, path: string, carried: Carried): string {
    const name = randomToken(16);
    this.#entries.set(name, { ...carried, owner, path, until: this.clock.now() + KEPT_MS });
    return name;
  }

  /** Gives it out. What was meant for another page shows its message there, but hands nothing over. */
  take(name: string | undefined, owner: string, path: string): Carried | undefined {
    const entry = name === undefined ? undefined : this.#entries.get(name);
    if (name === undefined || !entry || entry.owner !== owner) return undefined;
    this.#entries.delete(name);
    if (entry.until < this.clock.now()) return undefined;
    const { message, tone, carry, undo } = entry;
    return {
      ...(message !== undefined && { message }),
      ...(tone !== undefined && { tone }),
      ...(undo !== undefined && { undo }),
      ...(carry !== undefined && entry.path === path && { carry }),
    };
  }
}
