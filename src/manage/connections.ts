import type { TestResult } from "../accounts/index.ts";
import {
  type Connection,
  type ConnectionInput,
  connectionInput,
  connectionPatch,
} from "../core/connection.ts";
import type { LimitsPatch } from "../core/resilience.ts";
import { badRequest, GatewayError } from "../core/errors.ts";
import type { QuotaView } from "../core/quota.ts";
import { newId } from "../lib/ids.ts";
import { checkBaseUrl } from "../net/index.ts";
import { findProvider, type ProviderEntry } from "../routing/index.ts";
import {
  findConnection,
  noteConnection,
  patchSettings,
  removeConnection,
  saveConnection,
} from "../store/index.ts";
import { type Actor, audit } from "./actor.ts";
import type { ManageDeps } from "./deps.ts";
import { parseInput } from "../core/parse-input.ts";
import { withoutNulls } from "./without-nulls.ts";
import { refuseUnaccepted } from "./sign-in.ts";

/** What people see of a connection; the credential shows as its last four characters at most. */
export type ConnectionView = Omit<Connection, "credentials"> & {
  hasCredentials: boolean;
  /** Its own limits; what is not there is as the defaults say. */
  limits: LimitsPatch & { enabled?: boolean };
  /** What is known of the account's quota. */
  quota: QuotaView[];
  /** When the token of a signed-in account ends, in milliseconds since 1970; it is renewed before. */
  expiresAt?: number;
  /** `…wxyz`, or undefined when nothing is stored. */
  maskedKey?: string;
  status: ConnectionStatus;
  /** Milliseconds since 1970 until which `status` holds. */
  statusUntil?: number;
};

export type ConnectionStatus =
  | "ready"
  | "cooling"
  | "quota spent"
  | "sign in again"
  | "never tested"
  | "failing"
  | "off"
  | "provider shut down";

/** Every connection, stored and from the environment, as pages and the API list them. */
export function listConnectionViews(deps: ManageDeps): ConnectionView[] {
  return deps
    .connections()
    .map((connection) => viewOf(deps, connection))
    .toSorted(
      (a, b) => a.provider.localeCompare(b.provider) || a.priority - b.priority || a.createdAt - b.createdAt,
    );
}

/** One connection as people see it. Throws `not_found`. */
export function connectionView(deps: ManageDeps, id: string): ConnectionView {
  return viewOf(deps, connectionOf(deps, id));
}

/** Stores a new connection; it is used from the next request on. Throws `GatewayError` for bad input. */
export function createConnection(deps: ManageDeps, input: ConnectionInput, actor: Actor): ConnectionView {
  const { apiKey, acceptTerms = false, ...fields } = withoutNulls(parseInput(connectionInput, input));
  const entry = connectable(deps, fields.provider);
  refuseUnaccepted(entry.provider, acceptTerms);
  const key = apiKey?.trim();
  if (entry.provider.auth.type === "sign-in")
    throw badRequest(`${entry.provider.name} is connected by signing in, not by a key.`, "apiKey");
  if (!key && entry.provider.auth.type === "key")
    throw badRequest(`${entry.provider.name} needs an API key.`, "apiKey");
  const now = deps.clock.now();
  const connection: Connection = {
    ...fields,
    ...(fields.baseUrl !== undefined && { baseUrl: checkedBaseUrl(deps, fields.baseUrl) }),
    id: newId(),
    provider: entry.provider.id,
    authType: key ? "apikey" : "none",
    credentials: key ? { apiKey: key } : {},
    createdAt: now,
    updatedAt: now,
  };
  saveConnection(deps.store, connection);
  audit(deps.store, actor, "connection.create", connection.id, {
    provider: connection.provider,
    name: connection.name,
  });
  return viewOf(deps, connection);
}

/** Changes what the patch names. A new key clears what was held against the old one. */
export function updateConnection(deps: ManageDeps, id: string, patch: unknown, actor: Actor): ConnectionView {
  const existing = stored(deps, id);
  const { apiKey, limits, ...rest } = parseInput(connectionPatch, patch);
  // Defaults are for new connections: a patch changes only what it names.
  const named = Object.keys(patch as object);
  const fields = Object.fromEntries(Object.entries(rest).filter(([field]) => named.includes(field)));
  const changed = withoutNulls({ ...existing, ...fields, updatedAt: deps.clock.now() }) as Connection;
  if (typeof fields["baseUrl"] === "string") changed.baseUrl = checkedBaseUrl(deps, fields["baseUrl"]);
  const key = apiKey?.trim();
  if (key) {
    changed.credentials = { ...existing.credentials, apiKey: key };
    if (changed.authType === "none") changed.authType = "apikey";
    delete changed.needsSignIn;
    delete changed.lastError;
  }
  saveConnection(deps.store, changed);
  changeLimits(deps, id, limits);
  // What was held against it was held against the old key or address.
  if (key || changed.baseUrl !== existing.baseUrl) deps.health.forget(id);
  audit(deps.store, actor, "connection.update", id, { fields: named });
  return viewOf(deps, changed);
}

/** Removes a connection and its credential. Throws `not_found`. */
export function deleteConnection(deps: ManageDeps, id: string, actor: Actor): void {
  const connection = stored(deps, id);
  dropConnection(deps, id);
  audit(deps.store, actor, "connection.delete", id, { provider: connection.provider, name: connection.name });
}

/** Takes a connection away, with everything that is remembered of it. */
export function dropConnection(deps: ManageDeps, id: string): void {
  removeConnection(deps.store, id);
  dropLimits(deps, id);
  deps.health.forget(id);
  deps.quotas.forget(id);
  deps.tokens.forget(id);
}

/** Asks the provider whether the connection works, and remembers the result. Throws `not_found`. */
export async function testStoredConnection(
  deps: ManageDeps,
  id: string,
  signal: AbortSignal,
): Promise<TestResult> {
  const connection = connectionOf(deps, id);
  const entry = deps.catalogue().byId.get(connection.provider);
  if (!entry)
    throw new GatewayError("not_found", `The provider of this connection, ${connection.provider}, is gone.`);
  const result = await deps.test(entry.provider, connection, signal);
  if (findConnection(deps.store, id)) {
    const { valid, latencyMs, statusCode, error } = result;
    noteConnection(deps.store, id, {
      lastTest: {
        at: deps.clock.now(),
        ok: valid,
        latencyMs,
        ...(statusCode !== undefined && { status: statusCode }),
        ...(error && { error }),
      },
      ...(valid
        ? isRenewable(connection) && { needsSignIn: false }
        : isRefused(result) && { needsSignIn: true }),
    });
  }
  deps.noted();
  if (result.valid && result.probed !== "none") deps.health.reached(connection);
  // A test asks for no model and spends nothing: it says that the credential is good, not that a limit is over.
  if (result.valid && connection.needsSignIn) deps.health.forget(id);
  return result;
}

const isRefused = (result: TestResult): boolean => result.diagnosis?.type === "bad-key";

/** A sign-in that has ended is not healed by the last minutes of its access token. */
const isRenewable = ({ credentials }: Connection): boolean => credentials.refreshEnded === undefined;

function viewOf(deps: ManageDeps, connection: Connection): ConnectionView {
  const { credentials, ...rest } = connection;
  const key = credentials.apiKey ?? credentials.accessToken;
  return {
    ...rest,
    hasCredentials: key !== undefined,
    ...(key !== undefined && { maskedKey: `…${key.length > 12 ? key.slice(-4) : ""}` }),
    limits: deps.settings().connectionLimits[connection.id] ?? {},
    quota: deps.quotas.windows(connection),
    ...(credentials.expiresAt !== undefined && { expiresAt: credentials.expiresAt }),
    ...statusOf(deps, connection),
  };
}

function changeLimits(deps: ManageDeps, id: string, limits: LimitsPatch | null | undefined): void {
  if (limits === undefined) return;
  if (limits === null) return dropLimits(deps, id);
  const { connectionLimits } = deps.settings();
  patchSettings(deps.store, {
    connectionLimits: { ...connectionLimits, [id]: { ...connectionLimits[id], ...limits } },
  });
}

function dropLimits(deps: ManageDeps, id: string): void {
  const { [id]: own, ...others } = deps.settings().connectionLimits;
  if (own) patchSettings(deps.store, { connectionLimits: others });
}

function statusOf(deps: ManageDeps, connection: Connection): Pick<ConnectionView, "status" | "statusUntil"> {
  const provider = deps.catalogue().byId.get(connection.provider)?.provider;
  if (provider?.status?.state === "shut-down") return { status: "provider shut down" };
  if (!connection.isActive) return { status: "off" };
  if (connection.needsSignIn) return { status: "sign in again" };
  const held = deps.health
    .cooldowns()
    .find((entry) => entry.connectionId === connection.id && entry.modelId === undefined);
  if (held) return { status: held.kind === "quota" ? "quota spent" : "cooling", statusUntil: held.until };
  if (connection.lastTest && !connection.lastTest.ok) return { status: "failing" };
  return { status: connection.lastTest || connection.lastUsedAt ? "ready" : "never tested" };
}

/** The provider an input names, if one can connect to it. Throws `GatewayError` that says why not. */
export function connectable(deps: ManageDeps, name: string): ProviderEntry {
  const entry = findProvider(deps.catalogue(), name);
  if (!entry) {
    if (/-compatible-/.test(name))
      throw new GatewayError("not_found", "There is no such provider node; make it first.");
    throw badRequest(`There is no provider \`${name}\`. GET /api/providers/catalog lists them.`, "provider");
  }
  const { provider } = entry;
  const state = provider.status?.state;
  if (state === "shut-down" || state === "not-offered") {
    throw new GatewayError(
      "provider_shut_down",
      `${provider.name} cannot be connected: ${provider.status?.note ?? "it is gone"}`,
    );
  }
  if (provider.builtIn) throw badRequest(`${provider.name} is built in and needs no connection.`, "provider");
  return entry;
}

/** A base URL without a slash at the end. Throws `bad_request` for one that must not be called. */
export function checkedBaseUrl(deps: ManageDeps, text: string): string {
  return checkBaseUrl(text, deps.addressPolicy()).href.replace(/\/+$/, "");
}

function connectionOf(deps: ManageDeps, id: string): Connection {
  const connection = deps.connections().find((candidate) => candidate.id === id);
  if (!connection) throw new GatewayError("not_found", "There is no such connection.");
  return connection;
}

function stored(deps: ManageDeps, id: string): Connection {
  const connection = connectionOf(deps, id);
  if (connection.fromEnvironment) {
    throw new GatewayError(
      "conflict",
      "This connection comes from the environment: change the variable and restart.",
    );
  }
  return connection;
}
