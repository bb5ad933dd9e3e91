import type { Config } from "../core/config.ts";
import type { Connection } from "../core/connection.ts";
import type { Notice } from "../core/notice.ts";
import type { QuotaView } from "../core/quota.ts";
import type { RequestRecord } from "../core/record.ts";
import {
  type OwnLimit,
  ownLimits,
  QuotaMeter,
  type QuotaNotice,
  UseCounter,
} from "../metering/quota/index.ts";
import { parseInput } from "../core/parse-input.ts";
import { groupUsage, readValue, saveValue, type Store } from "../store/index.ts";
import { QuotaWatch, type WatchDeps } from "./quota-watch.ts";

export type QuotasDeps = Omit<WatchDeps, "meter" | "counter" | "ownLimits" | "address"> & {
  store: Store;
  config: Pick<Config, "oauth">;
  tell(notice: Omit<Notice, "id" | "at">): void;
};

const NAMESPACE = "quota-limits";
const KEPT_MS = 31 * 24 * 3_600_000;

/** The quotas of all connections: asked for, read off answers, counted, and told when they run out. */
export class Quotas {
  readonly #deps: QuotasDeps;
  readonly #meter: QuotaMeter;
  readonly #watch: QuotaWatch;
  readonly #limits = new Map<string, readonly OwnLimit[]>();

  constructor(deps: QuotasDeps) {
    this.#deps = deps;
    this.#meter = new QuotaMeter({ clock: deps.clock, onNotice: (notice) => this.#tell(notice) });
    this.#watch = new QuotaWatch({
      ...deps,
      meter: this.#meter,
      counter: this.#seeded(),
      ownLimits: (id) => this.limits(id),
      address: (provider) => this.#address(provider),
    });
    deps.quotas.onHeaders = (id, windows) => this.#watch.headers(id, windows);
  }

  start(): void {
    this.#watch.start();
  }

  close(): void {
    this.#watch.close();
  }

  /** The windows of a connection, its account's own first. */
  windows(connection: Connection): QuotaView[] {
    return this.#watch.windows(connection);
  }

  /** What the provider calls the account's plan. */
  plan(connectionId: string): string | undefined {
    return this.#meter.plan(connectionId);
  }

  /** A balance, or why nothing is known. */
  message(connectionId: string): string | undefined {
    return this.#meter.message(connectionId);
  }

  /** Asks the provider now, unless that was done a moment ago. Never throws. */
  check(connection: Connection): Promise<void> {
    return this.#watch.check(connection);
  }

  record(record: RequestRecord): void {
    this.#watch.record(record);
  }

  forget(connectionId: string): void {
    this.#watch.forget(connectionId);
  }

  /** The limits a person wrote down for a connection. */
  limits(connectionId: string): readonly OwnLimit[] {
    const known = this.#limits.get(connectionId);
    if (known) return known;
    const read = ownLimits.safeParse(readValue(this.#deps.store, NAMESPACE, connectionId));
    const limits = read.success ? read.data : [];
    this.#limits.set(connectionId, limits);
    return limits;
  }

  /** Keeps limits for a connection; none at all removes them. Throws `bad_request` for what is no list of limits. */
  setLimits(connectionId: string, input: unknown): void {
    const limits = parseInput(ownLimits, input);
    saveValue(this.#deps.store, NAMESPACE, connectionId, limits.length === 0 ? undefined : limits);
    this.#limits.set(connectionId, limits);
    this.#meter.forget(connectionId);
  }

  snapshot(): unknown {
    return this.#meter.snapshot();
  }

  restore(snapshot: unknown): void {
    this.#meter.restore(snapshot);
  }

  #seeded(): UseCounter {
    const { store, clock } = this.#deps;
    const counter = new UseCounter();
    const now = clock.now();
    for (const group of groupUsage(store, { from: now - KEPT_MS, to: now + 1 }, ["time", "connection"])) {
      const { time, connectionId, requests, input, output, cacheRead, cacheWrite, cost, shadowCost } = group;
      if (time === undefined || !connectionId) continue;
      const tokens = input + output + cacheRead + cacheWrite;
      counter.seed(connectionId, time, { requests, tokens, cost: cost + shadowCost });
    }
    return counter;
  }

  #address(provider: string): string | undefined {
    return this.#deps.config.oauth[`${provider.toUpperCase().replaceAll("-", "_")}_OAUTH_USAGE_URL`];
  }

  #tell({ connectionId, window, mark }: QuotaNotice): void {
    const connection = this.#deps.connections().find(({ id }) => id === connectionId);
    if (!connection) return;
    const what = window.model === undefined ? window.name : `${window.name}, ${window.model}`;
    const { provider, name } = connection;
    this.#deps.tell({
      kind: "quota",
      level: mark === 100 ? "problem" : "warning",
      message:
        mark === 100
          ? `The quota of ${name} (${provider}, ${what}) is spent.`
          : `The quota of ${name} (${provider}, ${what}) is used to ${Math.floor(window.percent ?? mark)} %.`,
      facts: {
        connectionId,
        provider,
        name,
        window: window.name,
        mark,
        ...(window.model !== undefined && { model: window.model }),
        ...(window.resetsAt !== undefined && { resetsAt: window.resetsAt }),
      },
    });
  }
}
