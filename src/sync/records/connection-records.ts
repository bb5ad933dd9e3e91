import { z } from "zod";
import { type Connection, connectionInput } from "../../core/connection.ts";
import {
  findConnection,
  listConnections,
  removeConnection,
  saveConnection,
  type Store,
} from "../../store/index.ts";
import { mismatch, present, type RecordKind } from "./record-kind.ts";
import { ownProvider, sharedProvider } from "./shared-provider.ts";

const connectionValue = connectionInput
  .omit({ apiKey: true, acceptTerms: true, healthCheckInterval: true })
  .extend({ authType: z.enum(["apikey", "none"]) });

/** Accounts by key, without the key. Sign-ins are never copied: two holders of one refresh token end each other's. */
export const connections: RecordKind = {
  kind: "connection",
  list: (store) =>
    listConnections(store)
      .filter(({ authType }) => authType !== "oauth")
      .map((connection) => ({
        id: connection.id,
        value: sharedConnection(store, connection),
        changedAt: connection.updatedAt,
      })),
  put(store, id, value) {
    const fields = present(connectionValue.parse(value));
    const existing = findConnection(store, id);
    if (existing?.authType === "oauth") throw mismatch();
    const now = store.clock.now();
    // A key that is not there yet cannot be used; it comes with the records of keys, or from a person.
    const fresh = {
      credentials: {},
      createdAt: now,
      ...(fields.authType === "apikey" && { needsSignIn: true }),
    };
    saveConnection(store, {
      ...(existing ? ownPartOf(existing) : fresh),
      ...fields,
      provider: ownProvider(store, fields.provider),
      id,
      updatedAt: now,
    });
  },
  remove: (store, id) => void removeConnection(store, id),
};

const keyValue = z.object({ apiKey: z.string().min(1).max(10_000) });

/** The keys of accounts, for those who ticked that. */
export const apiKeys: RecordKind = {
  kind: "api-key",
  list: (store) =>
    listConnections(store)
      .filter(({ authType, credentials }) => authType === "apikey" && credentials.apiKey !== undefined)
      .map(({ id, credentials: { apiKey } }) => ({ id, value: { apiKey } })),
  put(store, id, value) {
    const connection = findConnection(store, id);
    if (!connection || connection.authType === "oauth") throw mismatch();
    const { needsSignIn: _renewed, lastError: _old, ...rest } = connection;
    saveConnection(store, { ...rest, authType: "apikey", credentials: keyValue.parse(value) });
  },
  // The key goes with its connection; taking only the key away is for each device's own people.
  remove: () => {},
};

function sharedConnection(store: Store, connection: Connection): object {
  const {
    authType,
    name: label,
    priority,
    globalPriority,
    defaultModel,
    isActive,
    baseUrl,
    group,
  } = connection;
  const provider = sharedProvider(store, connection.provider);
  return {
    provider,
    authType,
    name: label,
    priority,
    isActive,
    ...(globalPriority !== undefined && { globalPriority }),
    ...(defaultModel !== undefined && { defaultModel }),
    ...(baseUrl !== undefined && { baseUrl }),
    ...(group !== undefined && { group }),
  };
}

/** What a connection has here and does not share. */
function ownPartOf({
  credentials,
  createdAt,
  needsSignIn,
  lastTest,
  lastError,
  lastUsedAt,
  email,
  healthCheckInterval,
}: Connection) {
  return {
    credentials,
    createdAt,
    ...(needsSignIn !== undefined && { needsSignIn }),
    ...(lastTest !== undefined && { lastTest }),
    ...(lastError !== undefined && { lastError }),
    ...(lastUsedAt !== undefined && { lastUsedAt }),
    ...(email !== undefined && { email }),
    ...(healthCheckInterval !== undefined && { healthCheckInterval }),
  };
}
