import type { BudgetWarning } from "../access/index.ts";
import type { Connection } from "../core/connection.ts";
import type { Notice, NoticeKind } from "../core/notice.ts";
import { type Clock, sleep } from "../lib/clock.ts";
import { newId } from "../lib/ids.ts";
import type { Log } from "../lib/log.ts";
import type { Outbound } from "../net/index.ts";
import type { BreakerState } from "../routing/index.ts";

export type NoticeDeps = {
  clock: Clock;
  log: Log;
  outbound: Outbound;
  instanceName(): string;
  kinds(): readonly NoticeKind[];
  /** Where notices are posted to; undefined: nowhere. */
  webhook(): string | undefined;
  emit(notice: Notice): void;
};

const MOST_KEPT = 100;
const TRIES = 3;
const PAUSE_MS = 5000;
const PATIENCE_MS = 10_000;

/** Tells people what they should know: open dashboards, and an address of their own where one is set. */
export class Notices {
  readonly #deps: NoticeDeps;
  readonly #kept: Notice[] = [];
  readonly #closing = new AbortController();
  #waiting: ReadonlySet<string> = new Set();

  constructor(deps: NoticeDeps) {
    this.#deps = deps;
  }

  /** Tells of something that happened, unless people do not want to know of its kind. */
  tell(notice: Omit<Notice, "id" | "at">): void {
    if (!this.#deps.kinds().includes(notice.kind)) return;
    const told: Notice = { id: newId(), at: this.#deps.clock.now(), ...notice };
    this.#kept.unshift(told);
    this.#kept.splice(MOST_KEPT);
    this.#deps.emit(told);
    const webhook = this.#deps.webhook();
    if (webhook !== undefined) void this.#post(webhook, told);
  }

  /** A provider's breaker opened or closed again. */
  tellBreaker({ provider, state }: { provider: string; state: BreakerState }): void {
    if (state === "HALF_OPEN") return;
    const isOpen = state === "OPEN";
    this.tell({
      kind: "breaker",
      level: isOpen ? "problem" : "good",
      message: isOpen
        ? `${provider} keeps failing and is left alone for a while.`
        : `${provider} answers again.`,
      facts: { provider, state },
    });
  }

  /** A budget of a key is nearly spent. Amounts in USD. */
  tellBudget({ key, budget: { period, used, limit } }: BudgetWarning): void {
    const message = `The ${period} budget of the API key ${key.name} is nearly spent.`;
    this.#deps.log.warn("budget", message, { used, limit });
    this.tell({ kind: "budget", level: "warning", message, facts: { key: key.name, period, used, limit } });
  }

  /** Looks which connections only a person can help now, and tells of those that are new among them. */
  watchSignIns(connections: readonly Connection[], quietly = false): void {
    const waiting = connections.filter(({ needsSignIn }) => needsSignIn === true);
    for (const { id, provider, name, lastError } of quietly ? [] : waiting) {
      if (this.#waiting.has(id)) continue;
      const message = lastError?.message ?? `${name} (${provider}) needs a new sign-in or key.`;
      this.tell({ kind: "sign-in", level: "problem", message, facts: { connectionId: id, provider, name } });
    }
    this.#waiting = new Set(waiting.map(({ id }) => id));
  }

  /** The newest first. */
  list(): readonly Notice[] {
    return this.#kept;
  }

  close(): void {
    this.#closing.abort();
  }

  /** Hands a notice to an address; three tries, then it is given up. */
  async #post(url: string, notice: Notice): Promise<void> {
    const { clock, log, outbound } = this.#deps;
    const instance = this.#deps.instanceName();
    const body = JSON.stringify({ instance, ...notice, at: new Date(notice.at).toISOString() });
    for (let tries = 1; tries <= TRIES; tries++) {
      try {
        const response = await outbound.send({
          method: "POST",
          url,
          headers: { "content-type": "application/json" },
          body,
          signal: this.#closing.signal,
          userEntered: true,
          headersTimeoutMs: PATIENCE_MS,
        });
        response.cancel();
        if (response.status < 400) return;
        if (tries === TRIES)
          log.warn("notices", `The webhook answered ${response.status}.`, { kind: notice.kind });
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        if (tries === TRIES) log.warn("notices", "The webhook could not be reached.", { cause: error });
      }
      if (!(await sleep(clock, PAUSE_MS * tries, this.#closing.signal))) return;
    }
  }
}
