import type { DiscoveredModel } from "../accounts/index.ts";
import type { Connection } from "../core/connection.ts";
import type { Clock } from "../lib/clock.ts";
import { Lru } from "../lib/lru.ts";

export type ModelListDeps = {
  clock: Clock;
  /** Asks the provider. */
  discover(connection: Connection, signal: AbortSignal): Promise<DiscoveredModel[]>;
  /** Told of every fresh list. */
  listed(connection: Connection, models: readonly DiscoveredModel[]): void;
};

const KEPT_MS = 3_600_000;
const LONGEST_MS = 30_000;

/** The models that providers list themselves: asked once an hour for each connection, and once at a time. */
export class ModelLists {
  readonly #known = new Lru<string, { at: number; models: DiscoveredModel[] }>(500);
  readonly #underWay = new Map<string, Promise<DiscoveredModel[]>>();

  constructor(readonly deps: ModelListDeps) {}

  /**
   * Rejects as the provider's call does. Who asks meanwhile gets the same answer; nobody's leaving ends it. `fresh`:
   * what is known already is not enough.
   */
  list(connection: Connection, fresh = false): Promise<DiscoveredModel[]> {
    const key = `${connection.id}\u0000${connection.updatedAt}`;
    const known = fresh ? undefined : this.#known.get(key);
    if (known && this.deps.clock.now() - known.at < KEPT_MS) return Promise.resolve(known.models);
    const underWay = this.#underWay.get(key);
    if (underWay) return underWay;
    const asked = this.#ask(key, connection).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, asked);
    return asked;
  }

  async #ask(key: string, connection: Connection): Promise<DiscoveredModel[]> {
    const controller = new AbortController();
    const cancel = this.deps.clock.after(LONGEST_MS, () => controller.abort());
    try {
      const models = await this.deps.discover(connection, controller.signal);
      this.#known.set(key, { at: this.deps.clock.now(), models });
      this.deps.listed(connection, models);
      return models;
    } finally {
      cancel();
    }
  }
}
