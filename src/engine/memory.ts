import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { loadHealth, saveHealth, type Store } from "../store/index.ts";

const SAVE_EVERY_MS = 5000;

/** Something that knows more than the configuration says and should know it after a restart. */
type Remembering = { snapshot(): unknown; restore(snapshot: unknown): void };

/** Carries cooldowns, turns, affinity and counts over restarts. Never on the way of a call. */
export class Memory {
  #cancel: () => void = () => {};
  #last = "";

  constructor(
    readonly store: Store,
    readonly parts: { readonly [key: string]: Remembering },
    readonly clock: Clock,
    readonly log: Log,
  ) {
    for (const { key, state } of loadHealth(store)) {
      if (Object.hasOwn(parts, key)) parts[key]?.restore(state);
    }
    this.#schedule();
  }

  close(): void {
    this.#cancel();
    this.#save();
  }

  #schedule(): void {
    this.#cancel = this.clock.after(SAVE_EVERY_MS, () => {
      this.#save();
      this.#schedule();
    });
  }

  #save(): void {
    const entries = Object.entries(this.parts).map(([key, part]) => ({ key, state: part.snapshot() }));
    const text = JSON.stringify(entries);
    if (text === this.#last) return;
    try {
      saveHealth(this.store, entries);
      this.#last = text;
    } catch (error) {
      // A full disk must not stop the traffic; what is not saved now is saved when there is room again.
      this.log.warn("store", "Cooldowns could not be saved.", { cause: error });
    }
  }
}
