import { Database } from "bun:sqlite";
import { CONFIG_MIGRATIONS } from "../../drizzle/index.ts";
import type { Alias } from "../core/alias.ts";
import type { ModelChain } from "../core/chain.ts";
import type { Combo } from "../core/combo.ts";
import type { Connection } from "../core/connection.ts";
import type { CustomModel, PriceOverride } from "../core/custom-model.ts";
import type { ApiKey } from "../core/key.ts";
import type { ProviderNode } from "../core/node.ts";
import type { Settings } from "../core/settings.ts";
import { connectionToRow } from "./connections.ts";
import { withTables } from "./database.ts";
import { makePrivateFile } from "./data-dir.ts";
import { keyToRow } from "./keys.ts";
import { applyMigrations, inOrder } from "./migrator.ts";
import {
  aliases,
  apiKeys,
  combos,
  customModels,
  keyValue,
  prices,
  providerConnections,
  providerNodes,
} from "./config-schema.ts";
import type { Store } from "./store.ts";
import { readValue } from "./values.ts";

/** A whole configuration, not yet in force. */
export type Configuration = {
  connections: Connection[];
  nodes: ProviderNode[];
  combos: Combo[];
  keys: ApiKey[];
  aliases: Alias[];
  chains: ModelChain[];
  customModels: CustomModel[];
  prices: PriceOverride[];
  settings: Partial<Settings>;
  /** Kept sealed, as `saveSecretValue` does. */
  secrets: { namespace: string; key: string; value: string }[];
};

/**
 * Writes a configuration into a new private file of our own form, credentials sealed with our key, so that it can be
 * taken over as any copy of ours is. Where two rows claim one name the first stays.
 */
export function writeDraft(store: Store, path: string, configuration: Configuration): void {
  makePrivateFile(path);
  const database = new Database(path, { strict: true, readwrite: true, create: false });
  try {
    const stamp = { now: store.clock.now(), version: store.version };
    applyMigrations(database, inOrder(CONFIG_MIGRATIONS), stamp);
    database.transaction(() => fill(store, withTables(database), configuration))();
  } finally {
    database.close(true);
  }
}

function fill(store: Store, draft: ReturnType<typeof withTables>, from: Configuration): void {
  const { sealer } = store;
  for (const connection of from.connections)
    draft.insert(providerConnections).values(connectionToRow(connection, sealer)).onConflictDoNothing().run();
  for (const node of from.nodes) draft.insert(providerNodes).values(node).onConflictDoNothing().run();
  for (const combo of from.combos) draft.insert(combos).values(combo).onConflictDoNothing().run();
  for (const key of from.keys) draft.insert(apiKeys).values(keyToRow(key)).onConflictDoNothing().run();
  for (const alias of from.aliases) draft.insert(aliases).values(alias).onConflictDoNothing().run();
  for (const model of from.customModels)
    draft
      .insert(customModels)
      .values({ ...model, context: model.context ?? null })
      .onConflictDoNothing()
      .run();
  for (const price of from.prices) draft.insert(prices).values(price).onConflictDoNothing().run();
  const keep = (namespace: string, key: string, value: unknown) =>
    draft.insert(keyValue).values({ namespace, key, value }).onConflictDoNothing().run();
  for (const [name, value] of Object.entries(from.settings)) keep("settings", name, value);
  for (const chain of from.chains) keep("model-chains", chain.model, chain);
  for (const { namespace, key, value } of from.secrets)
    keep(namespace, key, sealer.seal(value, `${namespace} ${key}`));
  // The keys were hashed by this installation.
  const mark = readValue(store, "access", "api-key-check");
  if (mark !== undefined) keep("access", "api-key-check", mark);
}
