import { asc, eq } from "drizzle-orm";
import type { Connection, Credentials } from "../core/connection.ts";
import { GatewayError } from "../core/errors.ts";
import { isObject } from "../lib/json.ts";
import { providerConnections } from "./config-schema.ts";
import type { Sealer } from "./sealer.ts";
import type { Store } from "./store.ts";

/** All stored connections, oldest first, credentials opened. One whose seal is broken needs a new sign-in. */
export function listConnections(store: Store): Connection[] {
  const rows = store.config
    .select()
    .from(providerConnections)
    .orderBy(asc(providerConnections.createdAt), asc(providerConnections.id))
    .all();
  return rows.map((row) => connectionFromRow(row, store.sealer));
}

/** A connection by its id; undefined when there is none. */
export function findConnection(store: Store, id: string): Connection | undefined {
  const row = store.config.select().from(providerConnections).where(eq(providerConnections.id, id)).get();
  return row && connectionFromRow(row, store.sealer);
}

/** Adds a connection, or replaces the one with its id. Gives it back. */
export function saveConnection(store: Store, connection: Connection): Connection {
  if (connection.fromEnvironment) {
    throw new GatewayError(
      "conflict",
      "This connection comes from the environment: change the variable there, or add a connection of its own.",
    );
  }
  const row = withSameSeal(store, connectionToRow(connection, store.sealer));
  store.change("connections", () =>
    store.config
      .insert(providerConnections)
      .values(row)
      .onConflictDoUpdate({ target: providerConnections.id, set: row })
      .run(),
  );
  return connection;
}

/** Sealing gives another text each time: credentials that stay the same keep theirs, so that nothing seems changed. */
function withSameSeal(store: Store, row: Row): Row {
  const place = placeOf(row.id);
  const { credentials } =
    store.config
      .select({ credentials: providerConnections.credentials })
      .from(providerConnections)
      .where(eq(providerConnections.id, row.id))
      .get() ?? {};
  if (credentials === undefined) return row;
  const isSame = store.sealer.open(credentials, place) === store.sealer.open(row.credentials, place);
  return isSame ? { ...row, credentials } : row;
}

/** What is learned about a connection in use. */
export type ConnectionNote = Partial<
  Pick<Connection, "lastUsedAt" | "lastTest" | "lastError" | "needsSignIn">
>;

/**
 * Writes down what was learned about a connection while it was used; an absent field stays, `undefined` clears.
 * Tells no listener: who learned it has it in memory already.
 */
export function noteConnection(store: Store, id: string, note: ConnectionNote): void {
  const set = {
    ...("lastUsedAt" in note && { lastUsedAt: note.lastUsedAt ?? null }),
    ...("lastTest" in note && { lastTest: note.lastTest ?? null }),
    ...("lastError" in note && { lastError: note.lastError ?? null }),
    ...("needsSignIn" in note && { needsSignIn: note.needsSignIn ?? false }),
  };
  if (Object.keys(set).length === 0) return;
  store.note(() =>
    store.config.update(providerConnections).set(set).where(eq(providerConnections.id, id)).run(),
  );
}

/** True when there was one. */
export function removeConnection(store: Store, id: string): boolean {
  return store.change(
    "connections",
    () =>
      store.config
        .delete(providerConnections)
        .where(eq(providerConnections.id, id))
        .returning({ id: providerConnections.id })
        .all().length > 0,
  );
}

type Row = typeof providerConnections.$inferSelect;

const placeOf = (id: string) => `connection ${id}`;

/** A stored row with its credentials opened. One whose seal is broken needs a new sign-in. */
export function connectionFromRow(row: Row, sealer: Sealer): Connection {
  const credentials = openCredentials(row, sealer);
  return {
    id: row.id,
    provider: row.provider,
    authType: row.authType,
    name: row.name,
    priority: row.priority,
    isActive: row.isActive,
    credentials: credentials ?? {},
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    ...(row.email !== null && { email: row.email }),
    ...(row.globalPriority !== null && { globalPriority: row.globalPriority }),
    ...(row.defaultModel !== null && { defaultModel: row.defaultModel }),
    ...(row.baseUrl !== null && { baseUrl: row.baseUrl }),
    ...(row.group !== null && { group: row.group }),
    ...(row.healthCheckMinutes !== null && { healthCheckInterval: row.healthCheckMinutes }),
    ...(row.lastTest !== null && { lastTest: row.lastTest }),
    ...(row.lastError !== null && { lastError: row.lastError }),
    ...(row.lastUsedAt !== null && { lastUsedAt: row.lastUsedAt }),
    ...((row.needsSignIn || credentials === undefined) && { needsSignIn: true }),
  };
}

/** The row of a connection, its credentials sealed. */
export function connectionToRow(connection: Connection, sealer: Sealer): Row {
  return {
    id: connection.id,
    provider: connection.provider,
    authType: connection.authType,
    name: connection.name,
    email: connection.email ?? null,
    priority: connection.priority,
    globalPriority: connection.globalPriority ?? null,
    defaultModel: connection.defaultModel ?? null,
    isActive: connection.isActive,
    baseUrl: connection.baseUrl ?? null,
    group: connection.group ?? null,
    credentials: sealer.seal(JSON.stringify(connection.credentials), placeOf(connection.id)),
    needsSignIn: connection.needsSignIn ?? false,
    lastTest: connection.lastTest ?? null,
    lastError: connection.lastError ?? null,
    lastUsedAt: connection.lastUsedAt ?? null,
    createdAt: connection.createdAt,
    updatedAt: connection.updatedAt,
    healthCheckMinutes: connection.healthCheckInterval ?? null,
  };
}

function openCredentials(row: Row, sealer: Sealer): Credentials | undefined {
  const text = sealer.open(row.credentials, placeOf(row.id));
  if (text === undefined) return undefined;
  const credentials: unknown = JSON.parse(text);
  return isObject(credentials) ? credentials : undefined;
}
