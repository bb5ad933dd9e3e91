import type { KeptConnection, Outcome, PendingView, SignedIn, SignInFlow } from "../accounts/index.ts";
import { findFlow, missingClient, SIGN_IN_FLOWS } from "../accounts/index.ts";
import type { Connection } from "../core/connection.ts";
import { badRequest, GatewayError } from "../core/errors.ts";
import type { ProviderDefinition, Status } from "../core/provider.ts";
import { newId } from "../lib/ids.ts";
import { findProvider } from "../routing/index.ts";
import { saveConnection } from "../store/index.ts";
import { type Actor, audit } from "./actor.ts";
import type { ManageDeps } from "./deps.ts";

/** What a finished sign-in is for. */
export type SignInWish = { asker: Actor; connectionId?: string };

/** A vendor one can sign in at, as people see it before they begin. */
export type SignInOffer = {
  provider: string;
  name: string;
  ways: ("browser" | "device")[];
  /** Whether its vendor allows this use, and what it says; shown before connecting. */
  status: Status;
  /** It can be begun only by somebody who has read the vendor's rule. */
  needsAcceptance: boolean;
  /** What has to be set first, and how. */
  missing?: { variables: string[]; recipe: string };
  connections: number;
};

/** Every vendor with a sign-in of its own. */
export function listSignIns(deps: ManageDeps): SignInOffer[] {
  return SIGN_IN_FLOWS.flatMap((flow) => {
    const entry = deps.catalogue().byId.get(flow.provider);
    if (!entry) return [];
    const status = entry.provider.status ?? { state: "works" };
    const missing = missingClient(flow, deps.oauthSettings);
    const offer: SignInOffer = {
      provider: flow.provider,
      name: entry.provider.name,
      ways: waysOf(flow),
      status,
      needsAcceptance: status.state === "restricted",
      connections: entry.connections.length,
      ...(missing && { missing }),
    };
    return [offer];
  });
}

export type BeginSignIn = {
  /** Provider id or prefix. */
  provider: string;
  way: "browser" | "device";
  session: string;
  /** The person has read the vendor's rule and goes on. */
  acceptTerms: boolean;
  connectionId?: string;
  choices?: { readonly [name: string]: string | undefined };
  redirectUri?: string;
  origin?: string;
};

/** Begins a sign-in. Throws `GatewayError`: 409 with what has to be set or accepted first, 410 for vendors that are gone. */
export async function beginSignIn(deps: ManageDeps, input: BeginSignIn, actor: Actor): Promise<PendingView> {
  const flow = offered(deps, input.provider, input.acceptTerms);
  const missing = missingClient(flow, deps.oauthSettings);
  if (missing) {
    throw new GatewayError("conflict", `Set ${missing.variables.join(" and ")} first.\n${missing.recipe}`, {
      details: missing.variables.map((field) => ({ field, message: "is not set" })),
    });
  }
  if (input.connectionId !== undefined) renewable(deps, flow, input.connectionId);
  const { provider: _name, acceptTerms: _accepted, ...rest } = input;
  const view = await deps.desk.begin({ ...rest, flow, asker: actor });
  audit(deps.store, actor, "sign-in.begin", flow.provider, {
    way: input.way,
    ...(input.acceptTerms && { acceptedTerms: true }),
  });
  return view;
}

/** Takes what a person pasted. */
export function pasteSignIn(
  deps: ManageDeps,
  input: { provider: string; session: string; text: string; state?: string },
): Promise<Outcome> {
  const flow = flowOf(deps, input.provider);
  return deps.desk.paste(input.session, flow.provider, input.text, input.state);
}

/**
 * Keeps what a sign-in brought: in the connection that the same account has already (or that is to be renewed), else
 * in a new one.
 */
export function keepSignIn(
  deps: ManageDeps,
  gained: SignedIn,
  { asker, connectionId }: SignInWish,
): KeptConnection {
  const existing = connectionFor(deps, gained, connectionId);
  const now = deps.clock.now();
  const { email } = gained.account;
  const fresh: Connection = {
    id: newId(),
    provider: gained.provider,
    authType: gained.authType,
    name: freeName(deps, gained),
    priority: 1,
    isActive: true,
    credentials: gained.credentials,
    createdAt: now,
    updatedAt: now,
  };
  const { needsSignIn: _needsSignIn, lastError: _lastError, ...kept } = existing ?? fresh;
  const connection: Connection = {
    ...kept,
    ...(email !== undefined && { email }),
    authType: gained.authType,
    credentials: gained.credentials,
    updatedAt: now,
  };
  saveConnection(deps.store, connection);
  deps.tokens.forget(connection.id);
  deps.health.forget(connection.id);
  audit(deps.store, asker, existing ? "connection.sign-in" : "connection.create", connection.id, {
    provider: connection.provider,
    name: connection.name,
  });
  return {
    id: connection.id,
    provider: connection.provider,
    email: connection.email ?? null,
    displayName: connection.name,
  };
}

/** Lets this installation use a sign-in that another one held. Throws `GatewayError` when that comes to nothing. */
export async function takeOverSignIn(deps: ManageDeps, connectionId: string, actor: Actor): Promise<void> {
  const connection = deps.connections().find(({ id }) => id === connectionId);
  if (!connection) throw new GatewayError("not_found", "There is no such connection.");
  await deps.tokens.takeOver(connectionId);
  audit(deps.store, actor, "connection.take-over", connectionId, { provider: connection.provider });
}

/** Throws 409 when a vendor limits this use and the person has not agreed to its rule. */
export function refuseUnaccepted(provider: { name: string; status?: Status }, accepted: boolean): void {
  const { status } = provider;
  if (status?.state !== "restricted" || accepted) return;
  const rule = `${status.note ?? "Its vendor limits this use."}${status.source ? ` (${status.source})` : ""}`;
  throw new GatewayError(
    "conflict",
    `${provider.name}: ${rule} Send acceptTerms: true to go on all the same.`,
    {
      details: [{ field: "acceptTerms", message: rule }],
    },
  );
}

function waysOf(flow: SignInFlow): SignInOffer["ways"] {
  return [...(flow.browser ? (["browser"] as const) : []), ...(flow.device ? (["device"] as const) : [])];
}

/** The sign-in of a provider that can be connected. Throws 409 for an unread rule, 410 for providers that are gone. */
export function offered(deps: ManageDeps, name: string, accepted: boolean): SignInFlow {
  const flow = flowOf(deps, name);
  const provider = deps.catalogue().byId.get(flow.provider)?.provider;
  const state = provider?.status?.state;
  if (state === "shut-down" || state === "not-offered") {
    const since = provider?.status?.since === undefined ? "" : ` since ${provider.status.since}`;
    throw new GatewayError(
      "provider_shut_down",
      `${provider?.name ?? name} cannot be connected${since}: ${provider?.status?.note ?? "it is gone."}`,
    );
  }
  if (provider) refuseUnaccepted(provider, accepted);
  return flow;
}

/** The provider that a name or prefix means. Throws `not_found`. */
export function providerOf(deps: ManageDeps, name: string): ProviderDefinition {
  const entry = findProvider(deps.catalogue(), name);
  if (!entry) throw new GatewayError("not_found", `There is no provider \`${name}\`.`);
  return entry.provider;
}

function flowOf(deps: ManageDeps, name: string): SignInFlow {
  const provider = providerOf(deps, name);
  if (provider.status?.state === "not-offered")
    throw new GatewayError(
      "provider_shut_down",
      `${provider.name} is not offered: ${provider.status.note ?? ""}`,
    );
  const flow = findFlow(provider.id);
  if (!flow) throw badRequest(`${provider.name} is connected by an API key, not by signing in.`, "provider");
  return flow;
}

function renewable(deps: ManageDeps, flow: SignInFlow, connectionId: string): void {
  const connection = deps.connections().find(({ id }) => id === connectionId);
  if (!connection) throw new GatewayError("not_found", "There is no such connection.");
  if (connection.provider !== flow.provider || connection.fromEnvironment)
    throw badRequest("This connection cannot be renewed by this sign-in.", "connectionId");
}

/** The connection that the account has, or that was to be renewed where nothing speaks against it. */
function connectionFor(
  deps: ManageDeps,
  { provider, authType, account, credentials }: SignedIn,
  connectionId: string | undefined,
): Connection | undefined {
  const own = deps.connections().filter((each) => each.provider === provider && !each.fromEnvironment);
  const isKnown = (each: Connection) =>
    each.authType === authType &&
    (account.id === undefined
      ? account.email !== undefined && each.email === account.email
      : each.credentials.accountId === account.id);
  const isAnother = ({ credentials: { accountId } }: Connection) =>
    account.id !== undefined && accountId !== undefined && accountId !== account.id;
  const isCopy = (each: Connection) =>
    credentials.refreshToken !== undefined && each.credentials.refreshToken === credentials.refreshToken;
  return (
    own.find(isKnown) ?? own.find(isCopy) ?? own.find((each) => each.id === connectionId && !isAnother(each))
  );
}

/** The account's mail address or name, told apart from connections that have it already. */
function freeName(deps: ManageDeps, { provider, account }: SignedIn): string {
  const wanted =
    account.email ?? account.name ?? deps.catalogue().byId.get(provider)?.provider.name ?? provider;
  const taken = new Set(
    deps
      .connections()
      .filter((each) => each.provider === provider)
      .map(({ name }) => name),
  );
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted} ${number}`;
    if (!taken.has(name)) return name;
  }
}
