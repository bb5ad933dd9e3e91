import { type Access, createAccess } from "./access/index.ts";
import {
  discoverModels,
  environmentConnections,
  testConnection,
  testNode,
  testSignedIn,
} from "./accounts/index.ts";
import { ProofKeeper } from "./caching/index.ts";
import type { Config } from "./core/config.ts";
import type { Caller } from "./core/key.ts";
import type { Settings } from "./core/settings.ts";
import { GatewayError } from "./core/errors.ts";
import type { Notice } from "./core/notice.ts";
import type { LiveRequest, RequestRecord } from "./core/record.ts";
import type { Plan } from "./core/target.ts";
import { Accounts } from "./engine/accounts.ts";
import { Notices } from "./engine/notices.ts";
import { Quotas } from "./engine/quotas.ts";
import { keepDailyBackups } from "./engine/daily-backup.ts";
import { ComboMeter } from "./engine/combo-metrics.ts";
import { ComboChecks } from "./engine/combo-checks.ts";
import { ConnectionNotes } from "./engine/connection-notes.ts";
import { CatalogueData } from "./engine/catalogue-data.ts";
import { type ListedModel, listModels } from "./engine/list-models.ts";
import { LocalModels } from "./engine/local-models.ts";
import { LiveRequests } from "./engine/live-requests.ts";
import { Memory } from "./engine/memory.ts";
import { ProxyBook } from "./engine/proxy-book.ts";
import { comboToRehearse, rehearse, type Rehearsal, type RehearsalInput } from "./engine/rehearsal.ts";
import { Recheck } from "./engine/recheck.ts";
import { ModelLists } from "./engine/model-lists.ts";
import { Router } from "./engine/router.ts";
import { allowedFor, checkEndpoint } from "./engine/key-scope.ts";
import { listSessions, type SessionView } from "./engine/sessions.ts";
import { PROVIDER_FORMATS } from "./formats/index.ts";
import { type Clock, systemClock } from "./lib/clock.ts";
import { type Log, type LogEntry, writeToStandardError } from "./lib/log.ts";
import { createManage, type Manage, readWebhook } from "./manage/index.ts";
import { LatencyMeter } from "./metering/index.ts";
import { type ConsoleLog, createObservedLog, type ObservedLog } from "./observing/index.ts";
import { createOutbound, type Outbound, ProxiedOutbound } from "./net/index.ts";
import { createRelay, type Relay, type RelayDeps } from "./relay/index.ts";
import { type Catalogue, HealthBoard } from "./routing/index.ts";
import { listCustomModels, noteConnection, openStore, type Store, type StoreChange } from "./store/index.ts";

export type { ListedModel } from "./engine/list-models.ts";
export {
  FAULT_KINDS,
  type Rehearsal,
  type RehearsalInput,
  type RehearsedRequest,
} from "./engine/rehearsal.ts";

/** What the engine tells those who listen, as it happens. */
export type EngineEvent =
  | { type: "request-started"; request: LiveRequest }
  | { type: "request-ended"; request: RequestRecord }
  | { type: "changed"; what: StoreChange | "health" }
  | { type: "notice"; notice: Notice }
  | { type: "log"; entry: LogEntry }
  | { type: "stop-requested"; how: "shutdown" | "restart" }
  /** Listeners must end: the process is shutting down. */
  | { type: "draining" };

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
  readonly relay: Relay;
  readonly relayDeps: RelayDeps;
  readonly health: HealthBoard;
  readonly router: Router;
  readonly catalogueData: CatalogueData;
  readonly outbound: Outbound;
  /** Which network proxy calls take. */
  readonly proxies: ProxyBook;
  readonly #proxied: ProxiedOutbound;
  readonly proofs: ProofKeeper;
  readonly latency: LatencyMeter;
  readonly comboMetrics = new ComboMeter();
  readonly modelLists: ModelLists;
  /** What is left of the accounts' quotas. */
  readonly quotas: Quotas;
  /** What people should know. */
  readonly notices: Notices;
  readonly clock: Clock;
  readonly log: Log;
  /** The newest lines of the log. */
  readonly console: ConsoleLog;
  readonly #observedLog: ObservedLog;
  readonly #live: LiveRequests;
  readonly #localModels: LocalModels;
  readonly #notes: ConnectionNotes;
  readonly #comboChecks: ComboChecks;
  readonly #memory: Memory;
  readonly #accounts: Accounts;
  readonly #recheck: Recheck;
  readonly #stopBackups: () => void;
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  #draining = false;
  #ownPort: number | undefined;

  constructor(
    readonly config: Config,
    options: EngineOptions = {},
  ) {
    const clock = (this.clock = options.clock ?? systemClock);
    const random = options.random ?? Math.random;
    this.#observedLog = createObservedLog({
      config,
      clock,
      writeLine: options.writeLine ?? writeToStandardError,
      onEntry: (entry) => this.#emit({ type: "log", entry }),
    });
    this.log = this.#observedLog.log;
    this.console = this.#observedLog.console;
    this.startedAt = clock.now();
    this.store = openStore({
      dataDir: config.dataDir,
      clock,
      version: config.version,
      defaults: config.defaults,
      ...(config.secrets.storage !== undefined && { storageKey: config.secrets.storage }),
    });
    this.access = createAccess({ store: this.store, config, clock });
    this.proofs = new ProofKeeper(this.store.vault, clock);
    this.latency = new LatencyMeter(clock);
    this.proxies = new ProxyBook(this.store);
    this.#proxied = new ProxiedOutbound({
      outbound: options.outbound ?? createOutbound({ config, clock, ownPort: () => this.#ownPort }),
      clock,
      config,
      choose: (request) => this.proxies.choose(request),
      log: (entry) => this.store.proxyLog.add(entry),
    });
    this.outbound = this.#proxied;
    this.notices = new Notices({
      clock,
      log: this.log,
      outbound: this.outbound,
      instanceName: () => this.settings().instanceName,
      kinds: () => this.settings().noticeKinds,
      webhook: () => readWebhook(this.store),
      emit: (notice) => this.#emit({ type: "notice", notice }),
    });
    this.health = new HealthBoard({
      clock,
      random,
      onChange: (change) => {
        if (change.type === "breaker") this.notices.tellBreaker(change);
        this.#emit({ type: "changed", what: "health" });
      },
      onCredentialFailure: (target) => this.#recheck.soon(target.connection.id),
    });
    this.catalogueData = new CatalogueData(this.store, this.log);
    this.router = new Router(
      this.store,
      clock,
      random,
      this.health,
      environmentConnections(config),
      this.catalogueData,
    );
    this.modelLists = new ModelLists({
      clock,
      discover: async (connection, signal) => {
        const provider = this.catalogue.byId.get(connection.provider)?.provider;
        if (!provider) throw new GatewayError("not_found", "The provider of this connection is gone.");
        const usable = await this.relayDeps.tokens.ready(connection);
        return discoverModels({ provider, connection: usable, outbound: this.outbound, signal });
      },
    });
    this.#notes = new ConnectionNotes({
      clock,
      log: this.log,
      connections: () => this.router.connections,
      save: (id, note) => noteConnection(this.store, id, note),
    });
    this.#live = new LiveRequests(
      (request) => this.#emit({ type: "request-started", request }),
      (record) => this.#ended(record),
    );
    this.#accounts = new Accounts({
      config,
      store: this.store,
      clock,
      log: this.log,
      random,
      outbound: this.outbound,
      health: this.health,
      connections: () => this.router.connections,
      manage: () => this.manage,
      onSignInNeeded: (connection, why) =>
        this.log.warn("accounts", why, { connectionId: connection.id, provider: connection.provider }),
    });
    const { desk, tokens } = this.#accounts;
    this.quotas = new Quotas({
      config,
      store: this.store,
      clock,
      random,
      log: this.log,
      outbound: this.outbound,
      tokens,
      health: this.health,
      quotas: this.router.quotas,
      connections: () => this.router.connections,
      provider: (id) => {
        const entry = this.catalogue.byId.get(id);
        return entry && { provider: entry.provider, modelIds: [...entry.models.keys()] };
      },
      isProtected: (id) => this.router.limits.isProtected(id),
      tell: (notice) => this.notices.tell(notice),
    });
    this.#memory = new Memory(
      this.store,
      {
        health: this.health,
        routing: this.router.memory,
        combos: this.comboMetrics,
        quotas: this.quotas,
      },
      clock,
      this.log,
    );
    this.manage = createManage({
      store: this.store,
      clock,
      health: this.health,
      limits: this.router.limits,
      settings: () => this.router.settings,
      locks: () => this.access.listLocks(),
      unlock: (peer) => this.access.unlock(peer),
      catalogue: () => this.router.catalogue,
      catalogueData: this.catalogueData,
      listPrices: this.router.listPrices,
      customModels: () => listCustomModels(this.store),
      outbound: this.outbound,
      modelsOf: (connection, fresh) => this.modelLists.list(connection, fresh),
      connections: () => this.router.connections,
      addressPolicy: () => this.addressPolicy(),
      desk,
      oauthSettings: config.oauth,
      tokens,
      installationId: this.#accounts.installationId,
      clientHome: config.clientHome,
      quotas: this.quotas,
      noted: () => this.#reload("connections"),
      test: (provider, connection, signal) =>
        testSignedIn(tokens, connection, clock, (usable) =>
          testConnection({ provider, connection: usable, outbound: this.outbound, clock, signal }),
        ),
      testNode: (input) => testNode({ ...input, outbound: this.outbound, clock }),
    });
    this.#comboChecks = new ComboChecks({
      clock,
      random,
      log: this.log,
      health: this.health,
      timeoutMs: (combo) => this.router.comboCheckMs(combo),
      targets: (combo) => this.router.targetsOf(combo),
      test: (id, signal) => this.manage.connections.test(id, signal),
    });
    this.#localModels = new LocalModels({
      clock,
      entries: () => this.catalogue.entries,
      list: (connection) => this.modelLists.list(connection, true),
      found: (providerId, models) => this.router.found(providerId, models),
    });
    this.#recheck = new Recheck({
      clock,
      log: this.log,
      test: (id, signal) => this.manage.connections.test(id, signal),
      awaiting: () =>
        this.router.connections.filter((connection) => connection.needsSignIn).map(({ id }) => id),
    });
    this.relayDeps = {
      version: config.version,
      clock,
      random,
      outbound: this.outbound,
      formats: PROVIDER_FORMATS,
      health: this.health,
      limits: this.router.limits,
      memory: this.router.memory,
      quotas: this.router.quotas,
      journal: this.#live,
      proofs: this.proofs,
      tokens,
      settings: () => this.router.settings,
      plan: (call, options) => this.router.plan(call, options),
      planService: (call, options) => this.router.planService(call, options),
      priceOf: (target) => this.router.priceOf(target),
      expectedPrice: (target, inputTokens, units) => this.router.expectedPrice(target, inputTokens, units),
      streamIdleMs: config.streamIdleTimeoutMs,
    };
    this.relay = createRelay(this.relayDeps);
    this.#stopBackups = keepDailyBackups(this.store, clock, this.log);
    this.store.onChange((what) => this.#reload(what));
    this.notices.watchSignIns(this.router.connections, true);
    this.#accounts.start();
    this.quotas.start();
    this.access.onBudgetWarning(({ key, budget }) => {
      const message = `The ${budget.period} budget of the API key ${key.name} is nearly spent.`;
      const { used, limit, period } = budget;
      this.log.warn("budget", message, { used, limit });
      const facts = { key: key.name, period, used, limit };
      this.notices.tell({ kind: "budget", level: "warning", message, facts });
    });
    for (const warning of [...this.store.warnings, ...this.access.warnings]) this.log.warn("start", warning);
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
    this.#localModels.refresh();
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

  /** The calls in work right now. */
  liveRequests(): LiveRequest[] {
    return this.#live.list();
  }

  /** Where a person's own addresses may lie. */
  addressPolicy() {
    return {
      allowPrivate: this.config.allowPrivateUpstreams,
      ...(this.#ownPort !== undefined && { ownPort: this.#ownPort }),
    };
  }

  /** Tells the engine which port it is served on, so that no node can point at it. */
  onOwnPort(port: number): void {
    this.#ownPort = port;
  }

  /**
   * Takes a place for a caller's call at a path; the result gives it back. Throws 402, 403 and 429 for what the key
   * may not or may not now, 503 when all places are taken. Counting tokens is held to no limit (`counts: false`).
   */
  admit(caller: Caller, path: string, { counts = true } = {}): () => void {
    checkEndpoint(caller.key, path);
    if (this.#live.admitted >= this.config.maxConcurrentRequests) {
      throw new GatewayError(
        "service_unavailable",
        "OmniRoute is at its limit of calls in work (MAX_CONCURRENT_REQUESTS).",
        {
          retryAfterMs: 1000,
        },
      );
    }
    const over = counts ? this.access.admitCall(caller) : () => {};
    const free = this.#live.admit();
    return () => {
      over();
      free();
    };
  }

  /** Calls back at every event; the result ends that. */
  subscribe(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  readiness(): { ready: true } | { ready: false; reason: string } {
    if (this.#draining) return { ready: false, reason: "shutting down" };
    return this.store.isReady() ? { ready: true } : { ready: false, reason: "the database does not answer" };
  }

  /** Asks the process to end or to begin anew; whoever runs it listens for `stop-requested`. */
  requestStop(how: "shutdown" | "restart"): void {
    this.#emit({ type: "stop-requested", how });
  }

  isDraining(): boolean {
    return this.#draining;
  }

  /** Takes no more calls, and tells open event streams to end. */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#emit({ type: "draining" });
  }

  /** Resolves when no call is in work. */
  idle(): Promise<void> {
    return this.#live.idle();
  }

  /** Writes what waits and gives the data directory free. */
  async close(): Promise<void> {
    this.drain();
    this.#recheck.close();
    this.#stopBackups();
    this.#proxied.close();
    this.quotas.close();
    this.notices.close();
    await this.#accounts.close();
    this.#memory.close();
    this.#notes.save();
    this.#comboChecks.close();
    this.access.close();
    this.store.close();
    await this.#observedLog.close();
  }

  #reload(what: StoreChange): void {
    this.router.reload();
    this.notices.watchSignIns(this.router.connections);
    this.#emit({ type: "changed", what });
  }

  #ended(record: RequestRecord): void {
    this.store.requestLog.add(record);
    this.#notes.record(record);
    this.quotas.record(record);
    this.#comboChecks.record(record);
    this.access.countCall(record);
    if (this.router.tracksMetrics(record.combo)) this.comboMetrics.record(record);
    if (record.provider !== undefined && record.status < 400) {
      this.latency.record(record.provider, record.durationMs, record.firstContentMs);
    }
    this.#logCall(record);
    this.#emit({ type: "request-ended", request: record });
  }

  /** What went wrong on the way is of interest to everybody, what went well only to those who look closely. */
  #logCall({
    id,
    path,
    requestedModel,
    model,
    status,
    errorCode,
    durationMs,
    attempts,
  }: RequestRecord): void {
    const wentWell = (status < 400 && errorCode === undefined && attempts.length < 2) || status === 499;
    const message = wentWell ? "Answered." : status < 400 && !errorCode ? "Answered at last." : "Failed.";
    const facts = { id, path, asked: requestedModel, model, status, error: errorCode, durationMs };
    this.log[wentWell ? "debug" : "info"]("relay", message, { ...facts, attempts: attempts.length });
  }

  #emit(event: EngineEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

/** Opens the data directory and wires everything. Throws `StoreError` when the data directory cannot be used. */
export async function createEngine(config: Config, options: EngineOptions = {}): Promise<Engine> {
  return Promise.resolve(new Engine(config, options));
}
