import type { Database } from "bun:sqlite";
import type { Settings } from "../core/settings.ts";
import type { Clock } from "../lib/clock.ts";
import { checkpoint, withTables, type ConfigDatabase, type LogDatabase } from "./database.ts";
import type { DataPaths } from "./data-dir.ts";
import type { Lock } from "./lock.ts";
import { AnswerShelf } from "./answers.ts";
import { createProxyLog, type ProxyLog } from "./proxy-log.ts";
import { createRequestLog, type RequestLog } from "./request-log.ts";
import { keepTrimmed } from "./retention.ts";
import { ChangeTracker, type RowChange } from "./row-changes.ts";
import type { Sealer } from "./sealer.ts";
import { readSettings } from "./settings.ts";
import type { Secrets } from "./secrets.ts";
import { isDiskProblem, storageFull } from "./store-error.ts";
import { Vault } from "./vault.ts";
import type { QueueLosses } from "./write-queue.ts";

/** What a save has changed, so that those who hold it in memory read it again. */
export type StoreChange =
  | "connections"
  | "nodes"
  | "combos"
  | "keys"
  | "key-groups"
  | "settings"
  | "aliases"
  | "chains"
  | "custom-models"
  | "prices"
  | "values";

/** The disk keeps more answers of the cache than memory does. */
const ROWS_PER_ENTRY_IN_MEMORY = 10;

/** What `openStore` has got ready for a store. */
export type StoreParts = {
  paths: DataPaths;
  lock: Lock;
  config: Database;
  logs: Database;
  sealer: Sealer;
  secrets: Secrets;
  clock: Clock;
  version: string;
  warnings: string[];
  defaults: Partial<Settings>;
};

/**
 * Everything that is remembered. Work is done by the functions of this room, which take the store first; what stands
 * here is what they and the process need.
 */
export class Store {
  readonly dataDir: string;
  readonly paths: DataPaths;
  readonly clock: Clock;
  readonly version: string;
  /** What the settings of this installation are where nobody has changed them. */
  readonly defaults: Partial<Settings>;
  /** Lines to print at the start. */
  readonly warnings: readonly string[];
  /** The secrets made by this installation, for whom the environment gives none. */
  readonly secrets: Pick<Secrets, "jwt" | "apiKey">;
  readonly sealer: Sealer;
  readonly config: ConfigDatabase;
  readonly logs: LogDatabase;
  readonly requestLog: RequestLog;
  readonly proxyLog: ProxyLog;
  readonly vault: Vault;
  /** Answers of the cache. */
  readonly answers: AnswerShelf;
  /** The open files, for copies and upkeep. */
  readonly files: { config: Database; logs: Database };
  readonly #lock: Lock;
  readonly #listeners = new Set<(change: StoreChange) => void>();
  readonly #stopTrimming: () => void;
  readonly #tracker: ChangeTracker;
  readonly #changes: RowChange[] = [];
  /** Looks at changes before they are committed; what it throws keeps them from being made. */
  guard: ((changes: readonly RowChange[]) => void) | undefined;
  #closed = false;

  constructor(parts: StoreParts) {
    this.dataDir = parts.paths.root;
    this.paths = parts.paths;
    this.clock = parts.clock;
    this.version = parts.version;
    this.warnings = parts.warnings;
    this.defaults = parts.defaults;
    this.secrets = parts.secrets;
    this.sealer = parts.sealer;
    this.files = { config: parts.config, logs: parts.logs };
    this.#tracker = new ChangeTracker(parts.config);
    this.config = withTables(parts.config);
    this.logs = withTables(parts.logs);
    this.requestLog = createRequestLog(parts.logs, this.logs, parts.clock);
    this.proxyLog = createProxyLog(parts.logs, this.logs, parts.clock);
    this.vault = new Vault(parts.logs, this.logs, parts.clock, parts.sealer);
    this.answers = new AnswerShelf(
      parts.logs,
      parts.clock,
      parts.sealer,
      () => readSettings(this).cacheMaxEntries * ROWS_PER_ENTRY_IN_MEMORY,
    );
    this.#lock = parts.lock;
    this.#stopTrimming = keepTrimmed(this);
  }

  /** Calls back after each save, with what it changed; the result ends that. */
  onChange(listener: (change: StoreChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Makes a change to the configuration and tells the listeners (none when `what` is undefined). Throws `GatewayError`
   * `storage_full` (507) when the disk refuses; then nothing was changed.
   */
  change<T>(what: StoreChange | undefined, work: () => T): T {
    return what === undefined ? this.#changed([], work) : this.changeSeen([what], work);
  }

  /** A change of several kinds, all or nothing; `kinds` is read once the work is done. */
  changeSeen<T>(kinds: Iterable<StoreChange>, work: () => T): T {
    return this.#changed(kinds, () => this.#seen(work));
  }

  #changed<T>(kinds: Iterable<StoreChange>, work: () => T): T {
    let result: T;
    try {
      result = work();
    } catch (error) {
      throw isDiskProblem(error) ? storageFull(error) : error;
    }
    for (const what of kinds) for (const listener of this.#listeners) listener(what);
    return result;
  }

  /** Several changes, all or nothing. When it comes to nothing, listeners hear of what they heard once more. */
  atOnce<T>(work: () => T): T {
    const told = new Set<StoreChange>();
    const stop = this.onChange((what) => told.add(what));
    try {
      return this.files.config.transaction(work)();
    } catch (error) {
      for (const what of told) for (const listener of this.#listeners) listener(what);
      throw isDiskProblem(error) ? storageFull(error) : error;
    } finally {
      stop();
    }
  }

  /**
   * What was changed since somebody asked last, in the same turn of the loop: whoever changes something says so in the
   * audit log at once, and what nobody says so of was not changed by people.
   */
  takeChanges(): RowChange[] {
    return this.#changes.splice(0);
  }

  /** Adds to what `takeChanges` gives. */
  tellChange(change: RowChange): void {
    if (this.#changes.length === 0) queueMicrotask(() => this.takeChanges());
    this.#changes.push(change);
  }

  /** Does work in a transaction and remembers what it changed. */
  #seen<T>(work: () => T): T {
    return this.#tracker.watch(work, (changes) => {
      this.guard?.(changes);
      for (const change of changes) this.tellChange(change);
    });
  }

  /**
   * Writes down what was learned on the way and may be lost with the power: does not wait for the disk, as a change
   * does, which would hold up every stream. Tells no listener. Throws as `change` does.
   */
  note(work: () => void): void {
    this.files.config.run("PRAGMA synchronous = NORMAL");
    try {
      this.change(undefined, work);
    } finally {
      this.files.config.run("PRAGMA synchronous = FULL");
    }
  }

  /** Does the database answer? For readiness probes. */
  isReady(): boolean {
    if (this.#closed) return false;
    try {
      return this.files.config.query("SELECT 1 FROM migrations LIMIT 1").get() !== null;
    } catch {
      return false;
    }
  }

  /** Rows of the log that were lost or wait because the disk refuses, of all queues together. */
  losses(): QueueLosses {
    const all = [this.requestLog, this.proxyLog, this.vault, this.answers].map(({ losses }) => losses);
    return {
      dropped: all.reduce((sum, losses) => sum + losses.dropped, 0),
      refused: all.reduce((sum, losses) => sum + losses.refused, 0),
      trouble: all.find((losses) => losses.trouble !== undefined)?.trouble,
    };
  }

  /** Writes what waits, tidies the journals and gives the data directory free. May be called twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopTrimming();
    this.requestLog.close();
    this.proxyLog.close();
    this.vault.close();
    this.answers.close();
    for (const database of [this.files.config, this.files.logs]) {
      checkpoint(database);
      database.close(true);
    }
    this.#lock.release();
  }
}
