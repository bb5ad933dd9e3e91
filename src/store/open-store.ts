import { CONFIG_MIGRATIONS, LOG_MIGRATIONS } from "../../drizzle/index.ts";
import type { Settings } from "../core/settings.ts";
import { isTrustedSecret } from "../core/published-secrets.ts";
import type { Clock } from "../lib/clock.ts";
import { dataPaths, prepareDataDir, removeDrafts, unusable } from "./data-dir.ts";
import { checkKey, findKeyCheck, saveKeyCheck, type StorageKey } from "./key-check.ts";
import { takeLock } from "./lock.ts";
import { examine, openExamined, type DatabaseFile } from "./open-file.ts";
import { createSealer } from "./sealer.ts";
import { makeSecrets, readSecrets } from "./secrets.ts";
import { Store } from "./store.ts";

export type StoreOptions = {
  /** Absolute path. Made when it is missing. */
  dataDir: string;
  clock: Clock;
  /** Encrypts credentials in place of the stored key: STORAGE_ENCRYPTION_KEY. */
  storageKey?: string;
  /** What the settings are where nobody has changed them. */
  defaults?: Partial<Settings>;
  /** The program's version, kept beside each migration. */
  version: string;
};

/**
 * Opens everything this installation remembers, and makes it on the first start. Whatever speaks against it is found
 * before anything is changed, and thrown as `StoreError` with an exit code and a one-line message.
 */
export function openStore(options: StoreOptions): Store {
  const paths = dataPaths(options.dataDir);
  const warnings = prepareDataDir(paths);
  const opened: { close(): void }[] = [];
  try {
    const lock = takeLock(paths.lock, paths.root);
    opened.push({ close: () => lock.release() });
    removeDrafts(paths);

    const found = readSecrets(paths.secrets);
    const given = trustedKey(options.storageKey, warnings);
    const files = databaseFiles(options);
    const state = { hasSealedData: false };
    const config = examine(files.config, (database) => {
      const sealed = findKeyCheck(database);
      if (sealed === undefined) return;
      state.hasSealedData = true;
      checkKey(sealed, storageKey(given, found?.storage), paths.secrets);
    });
    const logs = examine(files.logs);

    const secrets = found ?? makeSecrets(paths.secrets);
    if (!found && state.hasSealedData) warnings.push(SECRETS_MADE_ANEW);
    const key = storageKey(given, secrets.storage)!;
    const sealer = createSealer(key.value);
    const configDatabase = openExamined(files.config, config);
    opened.push({ close: () => configDatabase.close(true) });
    const logDatabase = openExamined(files.logs, logs);
    opened.push({ close: () => logDatabase.close(true) });
    if (!state.hasSealedData) saveKeyCheck(configDatabase, sealer, key.source);

    const { clock, version } = options;
    return new Store({
      paths,
      lock,
      config: configDatabase,
      logs: logDatabase,
      sealer,
      secrets,
      clock,
      version,
      warnings,
      defaults: options.defaults ?? {},
    });
  } catch (error) {
    for (const resource of opened.toReversed()) resource.close();
    throw unusable(paths.root, error);
  }
}

function databaseFiles(options: StoreOptions): { config: DatabaseFile; logs: DatabaseFile } {
  const paths = dataPaths(options.dataDir);
  const shared = { backups: paths.backups, version: options.version, now: options.clock.now() };
  return {
    config: {
      ...shared,
      path: paths.config,
      family: "omniroute",
      durability: "config",
      care: "whole",
      migrations: CONFIG_MIGRATIONS,
    },
    logs: {
      ...shared,
      path: paths.logs,
      family: "logs",
      durability: "logs",
      care: "after-crash",
      migrations: LOG_MIGRATIONS,
    },
  };
}

function trustedKey(value: string | undefined, warnings: string[]): string | undefined {
  if (value === undefined || value === "") return undefined;
  if (isTrustedSecret(value)) return value;
  warnings.push(
    "STORAGE_ENCRYPTION_KEY is a published or short value and is not used; the stored random key is. Make a good one with: openssl rand -base64 48",
  );
  return undefined;
}

function storageKey(given: string | undefined, stored: string | undefined): StorageKey | undefined {
  if (given !== undefined) return { value: given, source: "environment" };
  return stored === undefined ? undefined : { value: stored, source: "file" };
}

const SECRETS_MADE_ANEW =
  "secrets.json was missing and has been made anew: logins have ended, and client keys work only if API_KEY_SECRET is what it was.";
