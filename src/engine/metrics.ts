import type { AnswerCache, ProofKeeper } from "../caching/index.ts";
import type { Config } from "../core/config.ts";
import type { RequestRecord } from "../core/record.ts";
import {
  CallMetrics,
  type GatewayState,
  type ObservedLog,
  stateLines,
  type TraceExporter,
} from "../observing/index.ts";
import type { Recorder } from "../recorder/index.ts";
import type { HealthBoard } from "../routing/index.ts";
import type { Store } from "../store/index.ts";
import type { Admission } from "./admission.ts";
import type { LiveRequests } from "./live-requests.ts";
import type { LoopGauge } from "./loop-gauge.ts";
import type { Router } from "./router.ts";

export type MetricsDeps = {
  config: Config;
  startedAt: number;
  store: Store;
  health: HealthBoard;
  router: Router;
  live: LiveRequests;
  loop: LoopGauge;
  shed: Readonly<Admission["shed"]>;
  proofs: ProofKeeper;
  answers: AnswerCache;
  observedLog: ObservedLog;
  recorder: Recorder;
  traces: TraceExporter;
};

/** Figures for a monitoring system: what calls added up to, and how things stand when somebody looks. */
export class Metrics {
  readonly #deps: MetricsDeps;
  readonly #calls: CallMetrics;

  constructor(deps: MetricsDeps) {
    this.#deps = deps;
    this.#calls = new CallMetrics((id) => this.#nameOf(id));
  }

  /** Adds a call that has ended. */
  record(record: RequestRecord): void {
    this.#calls.record(record);
  }

  /** Everything in the text format of Prometheus. */
  text(): string {
    return `${[...this.#calls.lines(), ...stateLines(this.#state())].join("\n")}\n`;
  }

  #state(): GatewayState {
    const { config, startedAt, store, health, router, live, loop, shed } = this.#deps;
    const { proofs, observedLog, recorder, traces, answers } = this.#deps;
    const cached = answers.stats();
    const providers = new Map(router.connections.map(({ id, provider }) => [id, provider]));
    const { rss, heapUsed } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    return {
      version: config.version,
      instance: router.settings.instanceName,
      startedAt,
      inFlight: live.admitted,
      waiting: router.connections.reduce((sum, { id }) => sum + router.limits.read(id).waiting, 0),
      loopLagMs: loop.recentLagMs(),
      shed,
      breakers: health
        .breakers()
        .map(({ name, state }) => ({ provider: this.#nameOf(name), state: BREAKER_WORDS[state] })),
      cooldowns: health.cooldowns().map(({ connectionId, kind }) => ({
        provider: this.#nameOf(providers.get(connectionId) ?? "none"),
        kind,
      })),
      caches: {
        signatures: { entries: proofs.size, hits: proofs.hits, misses: proofs.misses },
        answers: {
          entries: cached.memoryEntries,
          hits: cached.hits + cached.similarHits,
          misses: cached.misses,
        },
      },
      queuedRows: store.requestLog.size + store.proxyLog.size,
      dropped: {
        rows: store.losses().dropped,
        log_lines: observedLog.dropped(),
        recordings: recorder.dropped,
        traces: traces.dropped,
      },
      memory: { rss, heapUsed },
      cpuSeconds: (user + system) / 1e6,
    };
  }

  /** A provider's prefix: the ids of people's own endpoints say nothing to anybody. */
  #nameOf(providerId: string): string {
    return this.#deps.router.catalogue.byId.get(providerId)?.prefix ?? providerId;
  }
}

const BREAKER_WORDS = { CLOSED: "closed", HALF_OPEN: "half-open", OPEN: "open" } as const;
