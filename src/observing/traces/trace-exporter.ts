import type { RequestRecord } from "../../core/record.ts";
import { type Clock, sleep } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Outbound } from "../../net/index.ts";
import { otlpBody } from "./otlp.ts";
import { type Attributes, spansOf } from "./spans.ts";

export type TraceDeps = {
  clock: Clock;
  log: Log;
  outbound: Outbound;
  version: string;
  /** Is a collector named? Asked at every call. */
  isWanted(): boolean;
  /** Where spans are posted to, and what opens it; undefined: nowhere. */
  collector(): Collector | undefined;
  /** What the process is called. */
  resource(): Attributes;
  nameOf(providerId: string): string;
};

/** What came of a try: the collector's status, or why there was none. */
export type Tried = { ok: boolean; status?: number; error?: string };

type Collector = { url: string; headers: Readonly<{ [name: string]: string }> };

const BATCH_EVERY_MS = 2000;
const BATCH_CALLS = 200;
const MOST_WAITING = 2000;
const TRIES = 4;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
const PATIENCE_MS = 10_000;
const LAST_CHANCE_MS = 2000;

/**
 * Hands calls on as OpenTelemetry traces. Calls wait in a bounded list and become spans when a batch leaves, away
 * from everybody's way; what a collector does not take in time is dropped and counted.
 */
export class TraceExporter {
  readonly #deps: TraceDeps;
  #waiting: RequestRecord[] = [];
  #cancel: (() => void) | undefined;
  #sending: Promise<void> | undefined;
  readonly #closing = new AbortController();
  #isDown = false;
  /** Calls whose spans were lost, since the start. */
  dropped = 0;

  constructor(deps: TraceDeps) {
    this.#deps = deps;
  }

  /** Takes a call that has ended; never waits. */
  record(record: RequestRecord): void {
    if (this.#closing.signal.aborted || !this.#deps.isWanted()) return;
    if (isUnwanted(record)) return;
    if (this.#waiting.length >= MOST_WAITING) {
      this.dropped++;
      return;
    }
    this.#waiting.push(record);
    if (this.#sending === undefined) this.#cancel ??= this.#deps.clock.after(BATCH_EVERY_MS, this.#flush);
  }

  /** Posts a batch without spans now; undefined where no collector is named. */
  async try(): Promise<Tried | undefined> {
    const collector = this.#deps.collector();
    if (collector === undefined) return undefined;
    const { resource, version } = this.#deps;
    try {
      const { status } = await this.#answer(collector, otlpBody([], resource(), version));
      return { ok: status < 300, status };
    } catch (error) {
      return { ok: false, error: error instanceof Error ? error.message : "It cannot be reached." };
    }
  }

  /** Sends what waits, in one try, and takes no more. */
  async close(): Promise<void> {
    this.#cancel?.();
    const { clock } = this.#deps;
    const rest = this.#sendAll();
    await Promise.race([rest, sleep(clock, LAST_CHANCE_MS)]);
    this.#closing.abort();
    this.dropped += this.#waiting.length;
    this.#waiting = [];
  }

  readonly #flush = (): void => {
    this.#cancel = undefined;
    this.#sending = this.#sendAll().finally(() => {
      this.#sending = undefined;
      if (this.#waiting.length > 0 && !this.#closing.signal.aborted)
        this.#cancel ??= this.#deps.clock.after(BATCH_EVERY_MS, this.#flush);
    });
  };

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH_CALLS);
      if (!(await this.#send(batch))) {
        this.dropped += batch.length;
        return;
      }
    }
  }

  async #send(batch: readonly RequestRecord[]): Promise<boolean> {
    const { clock, nameOf, resource, version } = this.#deps;
    const collector = this.#deps.collector();
    if (collector === undefined) return false;
    const spans = batch.flatMap((record) => spansOf(record, nameOf));
    const body = otlpBody(spans, resource(), version);
    for (let tries = 1; tries <= TRIES; tries++) {
      const answer = await this.#post(collector, body);
      if (answer === "taken") return this.#isUp();
      if (answer === "refused" || tries === TRIES) break;
      const pause = Math.min(answer.afterMs ?? FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS);
      if (!(await sleep(clock, pause, this.#closing.signal))) break;
    }
    return false;
  }

  /** `afterMs`: how long the collector wants to be left alone, where it says so. */
  async #post(collector: Collector, body: string): Promise<"taken" | "refused" | { afterMs?: number }> {
    try {
      const { status, headers } = await this.#answer(collector, body);
      if (status < 300) return "taken";
      this.#down(`The trace collector answers ${status}.`);
      if (![429, 502, 503, 504].includes(status)) return "refused";
      const seconds = Number(headers.get("retry-after") ?? Number.NaN);
      return Number.isFinite(seconds) ? { afterMs: seconds * 1000 } : {};
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#down("The trace collector cannot be reached.", error);
      return {};
    }
  }

  async #answer({ url, headers }: Collector, body: string): Promise<{ status: number; headers: Headers }> {
    const response = await this.#deps.outbound.send({
      method: "POST",
      url,
      headers: { ...headers, "content-type": "application/json" },
      body,
      signal: this.#closing.signal,
      userEntered: true,
      headersTimeoutMs: PATIENCE_MS,
    });
    response.cancel();
    return response;
  }

  #isUp(): true {
    if (this.#isDown) this.#deps.log.info("traces", "The trace collector takes spans again.");
    this.#isDown = false;
    return true;
  }

  /** Said once for as long as it lasts. */
  #down(message: string, cause?: unknown): void {
    if (!this.#isDown) this.#deps.log.warn("traces", message, { ...(cause !== undefined && { cause }) });
    this.#isDown = true;
  }
}

/** Whoever began the trace has chosen not to have it. */
const isUnwanted = ({ traceparent }: RequestRecord): boolean =>
  /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f][02468ace]$/.test(traceparent ?? "");
