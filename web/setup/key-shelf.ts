import type { Clock } from "../../src/lib/clock.ts";
import { Lru } from "../../src/lib/lru.ts";
import type { Visit } from "../visit.ts";

/** A key made in the wizard, while its owner is still pasting it into clients. */
export type ShelvedKey = { key: string; name: string; at: number };

const KEPT_MS = 30 * 60_000;

/** Keeps the wizard's key at hand between its steps, in memory only, for the session that made it. */
export class KeyShelf {
  readonly #keys = new Lru<string, ShelvedKey>(20);

  constructor(readonly clock: Clock) {}

  put(visit: Visit, key: { key: string; name: string }): void {
    this.#keys.set(ownerOf(visit), { ...key, at: this.clock.now() });
  }

  find(visit: Visit): ShelvedKey | undefined {
    const shelved = this.#keys.get(ownerOf(visit));
    return shelved && this.clock.now() - shelved.at < KEPT_MS ? shelved : undefined;
  }

  clear(visit: Visit): void {
    this.#keys.delete(ownerOf(visit));
  }
}

const ownerOf = ({ session, peer }: Visit): string => session?.id ?? peer;
