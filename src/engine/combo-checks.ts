import type { TestResult } from "../accounts/index.ts";
import { TargetFailure } from "../core/errors.ts";
import type { RequestRecord } from "../core/record.ts";
import type { Target } from "../core/target.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { HealthBoard } from "../routing/index.ts";

export type ComboCheckDeps = {
  clock: Clock;
  /** A number from 0 up to, not including, 1. */
  random: () => number;
  log: Log;
  health: HealthBoard;
  /** How long each test of a combo's targets may take; undefined where it wants none. */
  timeoutMs(combo: string): number | undefined;
  /** What a call to the combo would find now. */
  targets(combo: string): readonly Target[];
  /** Asks a provider whether a connection works, by the cheapest call there is, and remembers the result. */
  test(connectionId: string, signal: AbortSignal): Promise<TestResult>;
};

const EVERY_MS = 30_000;
const JITTER = 0.2;
/** A combo without a call for so long has no traffic. */
const TRAFFIC_MS = 5 * 60_000;
/** Until the next test has surely been. */
const BEHIND_MS = 1.5 * EVERY_MS;

/** Outcomes of a test that speak of the moment, not of the account. */
const PASSING = new Set(["timeout", "refused", "unreachable", "dns", "tls", "provider-error", "wrong-url"]);

/**
 * Tests the connections of combos that ask for it, in the background and only while the combo has traffic: what does
 * not answer goes behind the others before a request finds out, and comes back as soon as it answers.
 */
export class ComboChecks {
  readonly #traffic = new Map<string, number>();
  readonly #running = new Set<string>();
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(readonly deps: ComboCheckDeps) {}

  /** A call went through a combo. */
  record({ combo }: RequestRecord): void {
    if (combo === undefined || this.#closed || this.deps.timeoutMs(combo) === undefined) return;
    this.#traffic.set(combo, this.deps.clock.now());
    if (!this.#cancel) this.#schedule();
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #schedule(): void {
    const jitter = 1 + JITTER * (2 * this.deps.random() - 1);
    this.#cancel = this.deps.clock.after(EVERY_MS * jitter, () => {
      this.#cancel = undefined;
      for (const [combo, at] of this.#traffic) {
        if (this.deps.clock.now() - at >= TRAFFIC_MS) this.#traffic.delete(combo);
        else this.#checkCombo(combo);
      }
      if (this.#traffic.size > 0) this.#schedule();
    });
  }

  #checkCombo(combo: string): void {
    const timeoutMs = this.deps.timeoutMs(combo);
    if (timeoutMs === undefined) return;
    const byConnection = Map.groupBy(this.deps.targets(combo), ({ connection }) => connection.id);
    for (const [id, targets] of byConnection) {
      if (this.#running.has(id) || targets.some(({ provider }) => provider.builtIn)) continue;
      if (targets.every((target) => this.#isFresh(target))) continue;
      this.#running.add(id);
      void this.#check(id, targets, timeoutMs).finally(() => this.#running.delete(id));
    }
  }

  /** Real calls say more than a test could. */
  #isFresh(target: Target): boolean {
    const { lastUsedAt, lastError } = target.connection;
    if (lastError || this.deps.health.behindUntil(target) !== undefined) return false;
    return lastUsedAt !== undefined && this.deps.clock.now() - lastUsedAt < EVERY_MS;
  }

  async #check(id: string, targets: readonly Target[], timeoutMs: number): Promise<void> {
    const controller = new AbortController();
    const cancel = this.deps.clock.after(timeoutMs, () => controller.abort());
    try {
      const { valid, diagnosis } = await this.deps.test(id, controller.signal);
      if (this.#closed) return;
      if (valid) for (const target of targets) this.deps.health.checked(target);
      else if (diagnosis && PASSING.has(diagnosis.type)) this.#behind(targets, diagnosis.message);
    } catch (error) {
      if (!this.#closed)
        this.deps.log.warn("combos", "A connection could not be tested.", { connectionId: id, cause: error });
    } finally {
      cancel();
    }
  }

  #behind(targets: readonly Target[], message: string): void {
    const until = this.deps.clock.now() + BEHIND_MS;
    for (const target of targets)
      this.deps.health.checked(target, new TargetFailure("unreachable", message, { until }));
  }
}
