import { z } from "zod";
import type { Connection } from "../core/connection.ts";
import { GatewayError } from "../core/errors.ts";
import { type CooldownEntry, findProvider, type LockedIdentifier, splitPrefix } from "../routing/index.ts";
import { patchSettings } from "../store/index.ts";
import { type Actor, audit } from "./actor.ts";
import type { ManageDeps } from "./deps.ts";
import { parseInput } from "../core/parse-input.ts";

/** How much a connection is used and what is set aside of it. Times in milliseconds since 1970. */
export type RateLimitView = {
  connectionId: string;
  provider: string;
  name: string;
  /** Do limits keep calls from it: ours, and those its answers tell of? */
  rateLimitProtection: boolean;
  cooling: { model: string | null; until: number; reason: string }[];
  inFlight: number;
  /** Calls of the last minute. */
  rpm: number;
  /** Calls that wait for their turn. */
  waiting: number;
  limits: {
    requestsPerMinute: number;
    minTimeBetweenRequests: number;
    concurrentRequests: number;
    maxWaitMs: number;
  };
};

/** Every connection with what limits say of it. */
export function rateLimits(deps: ManageDeps): RateLimitView[] {
  const cooling = Map.groupBy(deps.health.cooldowns(), ({ connectionId }) => connectionId);
  return deps.connections().map((connection) => ({
    connectionId: connection.id,
    provider: connection.provider,
    name: connection.name,
    rateLimitProtection: deps.limits.isProtected(connection.id),
    cooling: (cooling.get(connection.id) ?? []).map(({ modelId, until, kind }) => ({
      model: modelId ?? null,
      until,
      reason: kind,
    })),
    ...deps.limits.read(connection.id),
    limits: deps.limits.limitsOf(connection.id),
  }));
}

export const protectionInput = z.object({ connectionId: z.string().min(1).max(200), enabled: z.boolean() });

/** Switches the protection of one connection. Throws `not_found`. */
export function protectConnection(deps: ManageDeps, input: unknown, actor: Actor): RateLimitView {
  const { connectionId, enabled } = parseInput(protectionInput, input);
  connectionOf(deps, connectionId);
  const { connectionLimits } = deps.settings();
  patchSettings(deps.store, {
    connectionLimits: { ...connectionLimits, [connectionId]: { ...connectionLimits[connectionId], enabled } },
  });
  audit(deps.store, actor, "limits.protection", connectionId, { enabled });
  return rateLimits(deps).find((view) => view.connectionId === connectionId)!;
}

/** A model, or all models of a connection, that cannot be used just now. */
export type Unavailable = {
  provider: string;
  /** `null`: every model of the connection. */
  model: string | null;
  connectionId: string;
  reason: string;
  /** Milliseconds since 1970. */
  until: number;
};

/** What is set aside, the first to return first. */
export function unavailable(deps: ManageDeps): Unavailable[] {
  return deps.health.cooldowns().map(({ provider, modelId, connectionId, kind, until }) => ({
    provider,
    model: modelId ?? null,
    connectionId,
    reason: kind,
    until,
  }));
}

export const modelToFree = z.object({
  provider: z.string().min(1).max(200),
  model: z.string().min(1).max(256),
});

/** Frees a model of a provider over all its connections. Says whether there was anything to free. */
export function makeAvailable(deps: ManageDeps, input: unknown, actor: Actor): boolean {
  const { provider, model } = parseInput(modelToFree, input);
  const id = findProvider(deps.catalogue(), provider)?.provider.id ?? provider;
  const split = splitPrefix(deps.catalogue(), model);
  const names = [model, ...(split?.entry.provider.id === id ? [split.rest] : [])];
  const isMeant = (entry: CooldownEntry) =>
    entry.provider === id && entry.modelId !== undefined && names.includes(entry.modelId);
  const freed = deps.health
    .cooldowns()
    .filter(isMeant)
    .filter(({ connectionId, modelId }) => deps.health.forceUnlock(`model:${connectionId}/${modelId}`));
  if (freed.length > 0) audit(deps.store, actor, "model.free", `${id}/${model}`);
  return freed.length > 0;
}

/** Everything that is locked, with the identifier that frees it. */
export type Locked = Omit<LockedIdentifier, "kind"> & { kind: LockedIdentifier["kind"] | "peer" };

/** Addresses that tried too often, cooling connections and models, open breakers. */
export function locked(deps: ManageDeps): Locked[] {
  const peers = deps.locks().map(({ peer, until }): Locked => ({
    identifier: `peer:${peer}`,
    kind: "peer",
    reason: "too many wrong tries",
    until,
  }));
  return [...peers, ...deps.health.locked()];
}

export const lockToFree = z.object({ action: z.literal("unlock"), identifier: z.string().min(1).max(1000) });

/** Frees one locked identifier. Throws `not_found` when nothing of that name is locked. */
export function unlock(deps: ManageDeps, input: unknown, actor: Actor): string {
  const { identifier } = parseInput(lockToFree, input);
  const peer = identifier.replace(/^peer:/, "");
  if (!deps.health.forceUnlock(identifier) && !deps.unlock(peer))
    throw new GatewayError("not_found", "Nothing of that name is locked.");
  audit(deps.store, actor, "policy.unlock", identifier);
  return identifier;
}

function connectionOf(deps: ManageDeps, id: string): Connection {
  const connection = deps.connections().find((candidate) => candidate.id === id);
  if (!connection) throw new GatewayError("not_found", "There is no such connection.");
  return connection;
}
