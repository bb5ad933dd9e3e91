import { type Access, createAccess } from "./access/index.ts";
import { discoverModels, environmentConnections } from "./accounts/index.ts";
import type { Config } from "./core/config.ts";
import { GatewayError } from "./core/errors.ts";
import { type Caller, DASHBOARD } from "./core/key.ts";
import type { LiveRequest, RequestRecord } from "./core/record.ts";
import type { Settings } from "./core/settings.ts";
import type { Plan } from "./core/target.ts";
import { Accounts } from "./engine/accounts.ts";
import { Admission } from "./engine/admission.ts";
import { Background } from "./engine/background.ts";
import { ClientSetup } from "./engine/client-setup.ts";
import { Caches } from "./engine/caches.ts";
import { CatalogueData } from "./engine/catalogue-data.ts";
import { ComboMeter } from "./engine/combo-metrics.ts";
import { DeclaredFile } from "./engine/declared/declared-file.ts";
import { ConnectionNotes } from "./engine/connection-notes.ts";
import { type EngineEvent, EngineEvents } from "./engine/events.ts";
import { allowedFor } from "./engine/key-scope.ts";
import { enterCall, type Ledger } from "./engine/ledger.ts";
import { type ListedModel, listModels } from "./engine/list-models.ts";
import { LiveRequests } from "./engine/live-requests.ts";
import { LoopGauge } from "./engine/loop-gauge.ts";
import { manageDepsOf } from "./engine/manage-deps.ts";
import { ModelLists } from "./engine/model-lists.ts";
import { Notices } from "./engine/notices.ts";
import { Network } from "./engine/network.ts";
import { Quotas } from "./engine/quotas.ts";
import { comboToRehearse, rehearse, type Rehearsal, type RehearsalInput } from "./engine/rehearsal.ts";
import { relayDepsOf } from "./engine/relay-deps.ts";
import { type Replay, replayRecord } from "./engine/replays.ts";
import { Router } from "./engine/router.ts";
import { Metrics } from "./engine/metrics.ts";
import { Telemetry } from "./engine/telemetry.ts";
import { traceExporter } from "./engine/traces.ts";
import { listSessions, type SessionView } from "./engine/sessions.ts";
import { type Clock, systemClock } from "./lib/clock.ts";
import { type Log, writeToStandardError } from "./lib/log.ts";
import { createManage, type Manage, readWebhook, readWebhookSecret } from "./manage/index.ts";
import {
  type ConsoleLog,
  createObservedLog,
  type ObservedLog,
  type TraceExporter,
} from "./observing/index.ts";
import type { Outbound } from "./net/index.ts";
import { Recorder } from "./recorder/index.ts";
import type { RelayDeps } from "./relay/index.ts";
import { type Catalogue, HealthBoard } from "./routing/index.ts";
import { addAudit, noteConnection, openStore, type Store, type StoreChange } from "./store/index.ts";
import { createEvals, type Evals } from "./evals/index.ts";
import { Shelf, Sync } from "./sync/index.ts";
import { createTranslator, TranslationHistory, type Translator } from "./translator/index.ts";

export type { EngineEvent } from "./engine/events.ts";
export type { ListedModel } from "./engine/list-models.ts";
export {
  FAULT_KINDS,
  type Rehearsal,
  type RehearsalInput,
  type RehearsedRequest,
} from "./engine/rehearsal.ts";

export type EngineOptions = {
  clock?: Clock;
  /** A number from 0 up to, not including, 1. */
  random?: () => number;
  /** Takes the lines of the log, without line ends. Default: standard error. */
  writeLine?: (line: string) => void;
  /** Stands in for the network in tests. */
  outbound?: Outbound;
};

/** Everything that works, wired together; the doors and the command line stand on it. */
export class Engine {
  readonly startedAt: number;
  readonly store: Store;
  readonly access: Access;
  readonly manage: Manage;
  /** What a configuration file says, and how it stands. */
  readonly declared: DeclaredFile;
  readonly relayDeps: RelayDeps;
  /** Questions with known answers, asked of models side by side. */
  readonly evals: Evals;
  /** Translations looked at stage by stage. */
  readonly translator: Translator;
  /** The clients of this machine, and pointing them here. */
  readonly clients: ClientSetup;
  readonly health: HealthBoard;
  readonly router: Router;
  readonly catalogueData: CatalogueData;
  readonly outbound: Outbound;
  readonly network: Network;
  readonly caches: Caches;
  /** How long calls take. */
  readonly telemetry: Telemetry;
  readonly metrics: Metrics;
  /** Keeps calls byte for byte where somebody wants that. */
  readonly recorder: Recorder;
  /** Whether the event loop keeps up. */
  readonly loop: LoopGauge;
  readonly comboMetrics = new ComboMeter();
  readonly modelLists: ModelLists;
  /** What is left of the accounts' quotas. */
  readonly quotas: Quotas;
  /** What people should know. */
  readonly notices: Notices;
  readonly clock: Clock;
  readonly log: Log;
  /** For what a terminal is told in plain words already. */
  readonly record: Log;
  /** The newest lines of the log. */
  readonly console: ConsoleLog;
  readonly #observedLog: ObservedLog;
  readonly #translations = new TranslationHistory();
  readonly #live: LiveRequests;
  readonly #admission: Admission;
  readonly #notes: ConnectionNotes;
  readonly #background: Background;
  readonly #ledger: Ledger;
  /** Hands calls on to a collector. */
  readonly traces: TraceExporter;
  readonly #accounts: Accounts;
  readonly sync: Sync;
  /** Bundles that other installations keep here. */
  readonly shelf: Shelf;
  readonly #events = new EngineEvents();
  #draining = false;

  constructor(
    readonly config: Config,
    options: EngineOptions = {},
  ) {
    const { clock = systemClock, random = Math.random } = options;
    this.#observedLog = createObservedLog({
      config,
      clock,
      writeLine: options.writeLine ?? writeToStandardError,
      onEntry: (entry) => this.#events.emit({ type: "log", entry }),
    });
    const { log, record, console } = this.#observedLog;
    this.clock = clock;
    this.log = log;
    this.record = record;
    this.console = console;
    this.startedAt = clock.now();
    this.store = openStore({
      dataDir: config.dataDir,
      clock,
      version: config.version,
      defaults: config.defaults,
      ...(config.secrets.storage !== undefined && { storageKey: config.secrets.storage }),
    });
    this.access = createAccess({ store: this.store, config, clock });
    this.clients = new ClientSetup({
      config,
      clock,
      store: this.store,
      access: this.access,
      ownPort: () => this.network.ownPort,
    });
    this.caches = new Caches(this.store, clock, () => this.settings());
    this.telemetry = new Telemetry(this.store, clock);
    const { outbound } = options;
    this.network = new Network({
      config,
      clock,
      log,
      store: this.store,
      settings: () => this.settings(),
      prefixesOf: (id) => this.catalogue.byId.get(id)?.provider.prefixes ?? [],
      outbound,
    });
    this.outbound = this.network.outbound;
    const base = { config, clock, random, log, store: this.store, outbound: this.outbound };
    this.notices = new Notices({
      ...base,
      instanceName: () => this.settings().instanceName,
      kinds: () => this.settings().noticeKinds,
      webhook: () => readWebhook(this.store),
      webhookSecret: () => readWebhookSecret(this.store),
      audit: (target, { name, ip }) =>
        addAudit(this.store, {
          action: "alert.resolve",
          actor: name,
          target,
          result: "ok",
          ...(ip !== undefined && { ip }),
        }),
      alertsChanged: () => this.#events.emit({ type: "changed", what: "alerts" }),
      emit: (notice) => this.#events.emit({ type: "notice", notice }),
    });
    this.health = new HealthBoard({
      ...base,
      onChange: (change) => {
        if (change.type === "breaker") {
          const name = this.catalogue.byId.get(change.provider)?.provider.name;
          this.notices.tellBreaker({ ...change, name });
          this.#events.emit(change);
        }
        this.#events.emit({ type: "changed", what: "health" });
      },
      onCredentialFailure: (target) => this.#background.recheck.soon(target.connection.id),
    });
    this.catalogueData = new CatalogueData(this.store, log);
    const own = environmentConnections(config);
    this.router = new Router(this.store, clock, random, this.health, own, this.catalogueData);
    const parts = { ...base, health: this.health, router: this.router, access: this.access };
    const connections = () => this.router.connections;
    this.modelLists = new ModelLists({
      clock,
      discover: async (connection, signal) => {
        const provider = this.catalogue.byId.get(connection.provider)?.provider;
        if (!provider) throw new GatewayError("not_found", "The provider of this connection is gone.");
        const usable = await this.relayDeps.tokens.ready(connection);
        return discoverModels({ provider, connection: usable, outbound: this.outbound, signal });
      },
      listed: (connection, models) => {
        this.health.reached(connection);
        this.health.listed(
          connection.id,
          models.map(({ id }) => id),
        );
      },
    });
    this.#notes = new ConnectionNotes({
      ...base,
      connections,
      save: (id, note) => noteConnection(this.store, id, note),
    });
    this.#live = new LiveRequests(
      (request) => this.#events.emit({ type: "request-started", request }),
      (record) => this.#ended(record),
    );
    this.loop = new LoopGauge({
      clock,
      limitMs: config.maxLoopLagMs,
      isBusy: () => this.#live.admitted > 0,
    });
    const { loop, access } = this;
    this.#admission = new Admission({ access, live: this.#live, loop, most: config.maxConcurrentRequests });
    this.#accounts = new Accounts({
      ...parts,
      connections,
      manage: () => this.manage,
      onSignInNeeded: (connection, why) =>
        log.warn("accounts", why, { connectionId: connection.id, provider: connection.provider }),
    });
    const { tokens } = this.#accounts;
    this.quotas = new Quotas({
      ...parts,
      tokens,
      quotas: this.router.quotas,
      connections,
      provider: (id) => {
        const entry = this.catalogue.byId.get(id);
        return entry && { provider: entry.provider, modelIds: [...entry.models.keys()] };
      },
      isProtected: (id) => this.router.limits.isProtected(id),
      tell: (notice) => this.notices.tell(notice),
    });
    this.#background = new Background({
      ...parts,
      modelLists: this.modelLists,
      comboMetrics: this.comboMetrics,
      answers: this.caches.answers,
      alerts: this.notices.alerts,
      promptCache: this.caches.promptCache,
      quotas: this.quotas,
      copied: (why) => this.notices.tellTask("backup", why),
      exits: this.network.exits,
      test: (id, signal) => this.manage.connections.test(id, signal),
    });
    this.manage = createManage(
      manageDepsOf({
        ...parts,
        catalogueData: this.catalogueData,
        modelLists: this.modelLists,
        accounts: this.#accounts,
        quotas: this.quotas,
        promptCache: this.caches.promptCache,
        addressPolicy: () => this.network.addressPolicy(),
        noted: () => this.#reload("connections"),
        reapply: () => this.declared.again(),
      }),
    );
    this.declared = new DeclaredFile({
      ...parts,
      manage: this.manage,
      catalogue: () => this.catalogue,
      settings: () => this.settings(),
      path: config.configFile,
      places: config.configPlaces ?? [],
      reference: config.reference ?? (() => undefined),
    });
    this.relayDeps = relayDepsOf({
      ...parts,
      journal: this.#live,
      proofs: this.caches.proofs,
      promptCache: this.caches.promptCache,
      cache: { answers: this.caches.answers, similar: this.caches.similarHits },
      egress: (request) => this.network.outbound.egress(request),
      tokens,
    });
    this.recorder = new Recorder({
      ...base,
      release: config.version,
      settings: () => this.settings(),
      relay: this.relayDeps,
    });
    this.evals = createEvals({
      ...base,
      store: this.store,
      relay: this.relayDeps,
      plan: (model) => this.plan(model, DASHBOARD),
      onProgress: (progress) => this.#events.emit({ type: "eval", progress }),
    });
    this.translator = createTranslator({
      relay: this.relayDeps,
      catalogue: () => this.catalogue,
      store: this.store,
      history: this.#translations,
    });
    this.traces = traceExporter({ ...parts, settings: () => this.settings() });
    this.metrics = new Metrics({
      ...parts,
      startedAt: this.startedAt,
      live: this.#live,
      loop,
      shed: this.#admission.shed,
      proofs: this.caches.proofs,
      observedLog: this.#observedLog,
      recorder: this.recorder,
      traces: this.traces,
      answers: this.caches.answers,
    });
    this.#ledger = {
      ...parts,
      notes: this.#notes,
      quotas: this.quotas,
      comboChecks: this.#background.comboChecks,
      comboMetrics: this.comboMetrics,
      telemetry: this.telemetry,
      metrics: this.metrics,
      traces: this.traces,
    };
    this.shelf = new Shelf(config.dataDir);
    this.sync = new Sync({
      ...base,
      cloudUrl: config.sync.url,
      timeoutMs: config.sync.timeoutMs,
      instanceName: () => this.settings().instanceName,
      installationId: this.#accounts.installationId,
      report: (why) => this.notices.tellTask("sync", why),
    });
    this.store.onChange((what) => this.#reload(what));
    this.notices.watchSignIns(this.router.connections, true);
    this.#accounts.start();
    this.quotas.start();
    this.network.exits.start();
    this.#background.localModels.greet();
    this.access.onBudgetWarning((warning) => this.notices.tellBudget(warning));
    for (const warning of [...this.store.warnings, ...this.access.warnings]) log.warn("start", warning);
  }

  get catalogue(): Catalogue {
    return this.router.catalogue;
  }

  settings(): Settings {
    return this.router.settings;
  }

  /** Origins whose pages may call the public API: the environment's and those of the settings. */
  corsOrigins(): readonly string[] {
    const { corsOrigins } = this.settings();
    return corsOrigins.length === 0 ? this.config.corsOrigins : [...this.config.corsOrigins, ...corsOrigins];
  }

  /** What a caller can call right now. */
  models(caller: Caller): ListedModel[] {
    this.#background.localModels.refresh();
    return listModels(this.catalogue, allowedFor(caller, this.catalogue));
  }

  /** The plan a name would get now, without a call. Throws `GatewayError`. */
  plan(model: string, caller: Caller): Plan {
    return this.router.planFor(model, caller);
  }

  /** Conversations of the last hour and the connections that serve them, the newest first. */
  sessions(): SessionView[] {
    const names = new Map(this.access.listKeys().map(({ id, name }) => [id, name]));
    return listSessions(this.router.memory, (keyId) => names.get(keyId) ?? keyId);
  }

  /**
   * Plays a combo (by id or name) through with faults in the way of its targets; nobody outside is asked. Throws
   * `GatewayError`.
   */
  rehearse(combo: string, input: RehearsalInput): Promise<Rehearsal> {
    const deps = { relay: this.relayDeps, catalogue: this.catalogue };
    return rehearse(deps, comboToRehearse(this.catalogue, combo), input);
  }

  /** Writes down a call that got the answer of an equal one a moment before. */
  noteReplay(replay: Replay): void {
    this.#ended(replayRecord(this.clock, replay));
  }

  /** The calls in work right now. */
  liveRequests(): LiveRequest[] {
    return this.#live.list();
  }

  /**
   * Takes a place for a caller's call at a path; the result gives it back. Throws 402, 403 and 429 for what the key
   * may not or may not now, 503 when there is too much to do. Counting tokens is held to no limit (`counts: false`).
   */
  admit(caller: Caller, path: string, options: { counts?: boolean } = {}): () => void {
    return this.#admission.admit(caller, path, options);
  }

  /** Calls refused since the start because there was too much to do, by what there was too little of. */
  get shed(): Readonly<Admission["shed"]> {
    return this.#admission.shed;
  }

  /** Calls back at every event; the result ends that. */
  subscribe(listener: (event: EngineEvent) => void): () => void {
    return this.#events.subscribe(listener);
  }

  readiness(): { ready: true } | { ready: false; reason: string } {
    if (this.#draining) return { ready: false, reason: "shutting down" };
    if (this.loop.isBlocked()) return { ready: false, reason: "too busy: the event loop is held up" };
    return this.store.isReady() ? { ready: true } : { ready: false, reason: "the database does not answer" };
  }

  /** Asks the process to end or to begin anew; whoever runs it listens for `stop-requested`. */
  requestStop(how: "shutdown" | "restart"): void {
    this.#events.emit({ type: "stop-requested", how });
  }

  isDraining(): boolean {
    return this.#draining;
  }

  /** Takes no more calls, and tells open event streams to end. */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#events.emit({ type: "draining" });
  }

  /** Resolves when no call is in work. */
  idle(): Promise<void> {
    return this.#live.idle();
  }

  /** Writes what waits and gives the data directory free. */
  async close(): Promise<void> {
    this.drain();
    this.declared.stop();
    this.loop.stop();
    await this.traces.close();
    await this.evals.close();
    this.network.close();
    await this.sync.close();
    this.quotas.close();
    this.notices.close();
    await this.#accounts.close();
    this.#background.close();
    this.#notes.save();
    this.access.close();
    this.store.close();
    await this.#observedLog.close();
  }

  #reload(what: StoreChange): void {
    this.router.reload();
    this.caches.promptCache.obey();
    if (what === "settings" || what === "values") this.network.exits.changed();
    this.#background.localModels.greet();
    this.notices.watchSignIns(this.router.connections);
    this.notices.watchProviders((provider) => this.catalogue.byId.has(provider));
    if (what === "keys" || what === "key-groups") this.notices.watchBudgets(this.access.budgetWarnings());
    this.#events.emit({ type: "changed", what });
  }

  #ended(record: RequestRecord): void {
    enterCall(this.#ledger, record);
    this.#events.emit({ type: "request-ended", request: record });
    const translation = this.#translations.record(record);
    if (translation) this.#events.emit({ type: "translation", translation });
  }
}

/** Opens the data directory and wires everything. Throws `StoreError` when the data directory cannot be used. */
export async function createEngine(config: Config, options: EngineOptions = {}): Promise<Engine> {
  return Promise.resolve(new Engine(config, options));
}
