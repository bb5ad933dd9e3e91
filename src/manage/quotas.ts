import type { Connection } from "../core/connection.ts";
import { GatewayError } from "../core/errors.ts";
import type { QuotaView } from "../core/quota.ts";
import { totalUsage } from "../store/index.ts";
import { type Actor, audit } from "./actor.ts";
import type { ManageDeps } from "./deps.ts";

/** Whoever knows the accounts' quotas. */
export type QuotaDesk = {
  windows(connection: Connection): QuotaView[];
  plan(connectionId: string): string | undefined;
  message(connectionId: string): string | undefined;
  /** Asks the provider now, unless that was done a moment ago. */
  check(connection: Connection): Promise<void>;
  /** Limits a person wrote down. */
  limits(connectionId: string): readonly object[];
  /** Checks and keeps them. Throws `bad_request`. */
  setLimits(connectionId: string, limits: unknown): void;
  forget(connectionId: string): void;
};

/** What is known of an account's quota and of what it cost this month. Money in USD. */
export type QuotaReport = {
  plan: string | null;
  windows: QuotaView[];
  message: string | null;
  ownLimits: readonly object[];
  month: { requests: number; tokens: number; billed: number; shadow: number; unknownPrice: number };
};

/** Throws `not_found`. */
export function quotaOf(deps: ManageDeps, connectionId: string): QuotaReport {
  const connection = connectionOf(deps, connectionId);
  const now = deps.clock.now();
  const today = new Date(now);
  const from = Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), 1);
  const used = totalUsage(deps.store, { from, to: now + 1, per: "day", connectionId });
  return {
    plan: deps.quotas.plan(connectionId) ?? null,
    windows: deps.quotas.windows(connection),
    message: deps.quotas.message(connectionId) ?? null,
    ownLimits: deps.quotas.limits(connectionId),
    month: {
      requests: used.requests,
      tokens: used.input + used.output + used.cacheRead + used.cacheWrite,
      billed: used.cost,
      shadow: used.shadowCost,
      unknownPrice: used.unknownPrice,
    },
  };
}

/** Asks the provider, and gives what is known then. Throws `not_found`. */
export async function checkQuota(deps: ManageDeps, connectionId: string): Promise<QuotaReport> {
  await deps.quotas.check(connectionOf(deps, connectionId));
  return quotaOf(deps, connectionId);
}

/** Keeps the limits that a person wrote down for an account whose provider tells none. */
export function changeQuotaLimits(
  deps: ManageDeps,
  connectionId: string,
  limits: unknown,
  actor: Actor,
): QuotaReport {
  connectionOf(deps, connectionId);
  deps.quotas.setLimits(connectionId, limits);
  audit(deps.store, actor, "connection.quota", connectionId, { limits: deps.quotas.limits(connectionId) });
  return quotaOf(deps, connectionId);
}

function connectionOf(deps: ManageDeps, connectionId: string): Connection {
  const connection = deps.connections().find(({ id }) => id === connectionId);
  if (!connection) throw new GatewayError("not_found", "There is no such connection.");
  return connection;
}
