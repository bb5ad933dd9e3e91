import type { DiscoveredModel } from "../accounts/index.ts";
import type { Connection } from "../core/connection.ts";
import type { ModelDefinition } from "../core/provider.ts";
import type { Clock } from "../lib/clock.ts";
import { type ProviderEntry, usableConnections } from "../routing/index.ts";

/** How old an answer may be before it is asked for again. */
const FRESH_MS = 30_000;

export type LocalModelsDeps = {
  clock: Clock;
  entries(): readonly ProviderEntry[];
  /** Asks a server anew. */
  list(connection: Connection): Promise<DiscoveredModel[]>;
  /** Told the models a server has; none while it does not answer. */
  found(providerId: string, models: readonly ModelDefinition[]): void;
};

/**
 * Keeps in mind which models the user's own servers have. They are asked as soon as they are connected and when
 * somebody wants a list, in the background: a list never waits for a server that is switched off.
 */
export class LocalModels {
  readonly #asked = new Map<string, { key: string; at: number }>();

  #isClosed = false;

  constructor(readonly deps: LocalModelsDeps) {}

  /** What is still being asked is told to nobody. */
  close(): void {
    this.#isClosed = true;
  }

  /** Asks those whose answer has grown old. */
  refresh(): void {
    this.#askAll(FRESH_MS);
  }

  /** Asks those that somebody has connected and that are new or were changed. */
  greet(): void {
    this.#askAll(Number.POSITIVE_INFINITY, isConnected);
  }

  #askAll(freshMs: number, isMeant: (entry: ProviderEntry) => boolean = () => true): void {
    for (const entry of this.deps.entries())
      if (entry.provider.modelsByAsking && isMeant(entry)) void this.#ask(entry, freshMs);
  }

  async #ask(entry: ProviderEntry, freshMs: number): Promise<void> {
    const { clock, list } = this.deps;
    const found = (models: readonly ModelDefinition[]) => !this.#isClosed && this.deps.found(id, models);
    const { id } = entry.provider;
    const [connection] = usableConnections(entry);
    if (!connection || entry.blocked) return;
    // A new or changed connection is asked at once.
    const key = `${connection.id} ${connection.updatedAt}`;
    const last = this.#asked.get(id);
    if (last?.key === key && clock.monotonic() - last.at < freshMs) return;
    this.#asked.set(id, { key, at: clock.monotonic() });
    try {
      found((await list(connection)).map(definitionOf));
    } catch {
      found([]);
    }
  }
}

/** Has somebody connected it, or is it only there because it needs no key? */
const isConnected = ({ connections }: ProviderEntry): boolean =>
  connections.some(({ createdAt, fromEnvironment }) => createdAt > 0 || fromEnvironment === true);

const definitionOf = ({ id, name, type, context }: DiscoveredModel): ModelDefinition => ({
  id,
  name,
  type,
  ...(context !== undefined && { context }),
});
