import type { TestResult } from "../accounts/index.ts";
import type { Connection } from "../core/connection.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { HealthBoard } from "../routing/index.ts";
import type { Store } from "../store/index.ts";
import { ComboChecks } from "./combo-checks.ts";
import type { AlertBook } from "./alert-book.ts";
import type { AnswerCache, PromptCacheMeter } from "../caching/index.ts";
import type { ExitAddresses } from "./exit-addresses.ts";
import type { ComboMeter } from "./combo-metrics.ts";
import { LocalModels } from "./local-models.ts";
import { Memory } from "./memory.ts";
import type { ModelLists } from "./model-lists.ts";
import type { Quotas } from "./quotas.ts";
import { Recheck } from "./recheck.ts";
import type { Router } from "./router.ts";
import { keepBackups } from "./scheduled-backup.ts";

export type BackgroundDeps = {
  clock: Clock;
  random: () => number;
  log: Log;
  store: Store;
  health: HealthBoard;
  router: Router;
  modelLists: ModelLists;
  comboMetrics: ComboMeter;
  answers: AnswerCache;
  alerts: AlertBook;
  promptCache: PromptCacheMeter;
  quotas: Quotas;
  /** Hears why a copy that was due could not be made; undefined when all is well. */
  copied(why: string | undefined): void;
  exits: ExitAddresses;
  /** Asks a provider whether a connection works, and remembers the result. */
  test(connectionId: string, signal: AbortSignal): Promise<TestResult>;
};

/** What is done by itself, beside the calls: tests, looks at local servers, saved states, backups. */
export class Background {
  readonly comboChecks: ComboChecks;
  readonly localModels: LocalModels;
  readonly recheck: Recheck;
  readonly #memory: Memory;
  readonly #stopBackups: () => void;

  constructor({ clock, random, log, store, health, router, modelLists, ...deps }: BackgroundDeps) {
    this.#memory = new Memory(
      store,
      {
        health,
        routing: router.memory,
        combos: deps.comboMetrics,
        quotas: deps.quotas,
        answers: deps.answers,
        alerts: deps.alerts,
        promptCache: deps.promptCache,
        exits: deps.exits,
      },
      clock,
      log,
    );
    this.comboChecks = new ComboChecks({
      clock,
      random,
      log,
      health,
      timeoutMs: (combo) => router.comboCheckMs(combo),
      targets: (combo) => router.targetsOf(combo),
      test: deps.test,
    });
    this.localModels = new LocalModels({
      clock,
      entries: () => router.catalogue.entries,
      list: (connection) => modelLists.list(connection, true),
      found: (providerId, models) => router.found(providerId, models),
    });
    this.recheck = new Recheck({
      clock,
      log,
      test: deps.test,
      wished: () => wishedTests(router.connections),
      awaiting: () => router.connections.filter(({ needsSignIn }) => needsSignIn).map(({ id }) => id),
    });
    this.#stopBackups = keepBackups(store, clock, log, deps.copied);
  }

  close(): void {
    this.localModels.close();
    this.recheck.close();
    this.comboChecks.close();
    this.#stopBackups();
    this.#memory.close();
  }
}

const MINUTE_MS = 60_000;

function wishedTests(connections: readonly Connection[]) {
  return connections.flatMap(({ id, isActive, needsSignIn, healthCheckInterval = 0, lastTest }) =>
    isActive && !needsSignIn && healthCheckInterval > 0
      ? [{ id, everyMs: healthCheckInterval * MINUTE_MS, testedAt: lastTest?.at }]
      : [],
  );
}
