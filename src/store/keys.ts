import { asc, eq } from "drizzle-orm";
import type { ApiKey, KeyRules } from "../core/key.ts";
import { apiKeys } from "./config-schema.ts";
import type { Store } from "./store.ts";

/** All client keys, also revoked ones, oldest first. */
export function listKeys(store: Store): ApiKey[] {
  return store.config
    .select()
    .from(apiKeys)
    .orderBy(asc(apiKeys.createdAt), asc(apiKeys.id))
    .all()
    .map(fromRow);
}

/** A client key by its id, revoked ones too; undefined when there is none. */
export function findKey(store: Store, id: string): ApiKey | undefined {
  const row = store.config.select().from(apiKeys).where(eq(apiKeys.id, id)).get();
  return row && fromRow(row);
}

/** Adds a key, or replaces the one with its id. */
export function saveKey(store: Store, key: ApiKey): ApiKey {
  const row = keyToRow(key);
  store.change("keys", () =>
    store.config.insert(apiKeys).values(row).onConflictDoUpdate({ target: apiKeys.id, set: row }).run(),
  );
  return key;
}

/** Removes every trace of a key; to end one, save it with `revokedAt`. True when there was one. */
export function removeKey(store: Store, id: string): boolean {
  return store.change(
    "keys",
    () =>
      store.config.delete(apiKeys).where(eq(apiKeys.id, id)).returning({ id: apiKeys.id }).all().length > 0,
  );
}

/** Writes down when keys were last used: key id → milliseconds since 1970. Tells no listener. */
export function saveKeyUses(store: Store, uses: ReadonlyMap<string, number>): void {
  if (uses.size === 0) return;
  store.note(() =>
    store.config.transaction((transaction) => {
      for (const [id, lastUsedAt] of uses) {
        transaction.update(apiKeys).set({ lastUsedAt }).where(eq(apiKeys.id, id)).run();
      }
    }),
  );
}

type Row = typeof apiKeys.$inferSelect;

function fromRow(row: Row): ApiKey {
  const { former, expiresAt, revokedAt, lastUsedAt, rules, groupId, ...rest } = row;
  return {
    ...rest,
    ...rules,
    ...(groupId !== null && { groupId }),
    ...(former !== null && { former }),
    ...(expiresAt !== null && { expiresAt }),
    ...(revokedAt !== null && { revokedAt }),
    ...(lastUsedAt !== null && { lastUsedAt }),
  };
}

/** The row of a key. */
export function keyToRow(key: ApiKey): Row {
  return {
    id: key.id,
    name: key.name,
    hash: key.hash,
    masked: key.masked,
    scopes: key.scopes,
    noLog: key.noLog,
    former: key.former?.length ? key.former : null,
    expiresAt: key.expiresAt ?? null,
    revokedAt: key.revokedAt ?? null,
    lastUsedAt: key.lastUsedAt ?? null,
    createdAt: key.createdAt,
    rules: rulesOf(key),
    groupId: key.groupId ?? null,
  };
}

/** The rules alone; null when there are none. */
export function rulesOf(from: KeyRules): KeyRules | null {
  const { allowedModels, allowedCombos, allowedProviders, allowedConnections, allowedEndpoints } = from;
  const named = { allowedModels, allowedCombos, allowedProviders, allowedConnections, allowedEndpoints };
  const rules = Object.entries({ ...named, limits: from.limits, budget: from.budget }).filter(
    ([, value]) => value !== undefined,
  );
  return rules.length === 0 ? null : (Object.fromEntries(rules) as KeyRules);
}
