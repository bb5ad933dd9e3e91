import { upstreamHeadersFor } from "../net/index.ts";
import { sessionIdOf } from "../routing/index.ts";
import type { CostKind } from "../core/record.ts";
import type { Usage } from "../core/reply.ts";
import type { Plan, Target } from "../core/target.ts";
import type { ClientFormat, Loss } from "../core/format.ts";

export type AnswerFacts = {
  target: Target;
  plan: Plan;
  upstreamHeaders: Headers;
  losses: readonly Loss[];
  /** Tries before the one that answered. */
  fallbacks: number;
  latencyMs: number;
  /** Known for whole answers only. */
  usage?: Usage;
  cost?: number;
  costKind: CostKind;
  /** The answer cache was asked, and had none. */
  missed?: boolean;
};

/** The headers an inference answer carries, under their documented names. */
export function answerHeaders(facts: AnswerFacts): { [name: string]: string } {
  const { target, plan } = facts;
  const headers = upstreamHeadersFor(facts.upstreamHeaders);
  headers["x-omniroute-model"] = headerText(target.label);
  headers["x-omniroute-provider"] = headerText(target.provider.id);
  headers["x-omniroute-connection"] = headerText(target.connection.id);
  headers["x-omniroute-latency-ms"] = String(Math.round(facts.latencyMs));
  headers["x-omniroute-cost-kind"] = facts.costKind;
  Object.assign(headers, cacheHeaders(facts.missed ? "MISS" : "BYPASS"));
  headers["x-omniroute-fallback-attempts"] = String(facts.fallbacks);
  headers["x-omniroute-decision"] = decision(plan, target, facts.fallbacks);
  if (plan.sessionKey !== undefined) headers["x-omniroute-session-id"] = sessionIdOf(plan.sessionKey);
  if (facts.usage) {
    for (const [name, value] of usageFields(facts.usage, facts.cost)) headers[name] = value;
  }
  const warnings = facts.losses.length > 0 ? warningsOf(facts.losses) : [];
  if (warnings.length > 0) headers["x-omniroute-warnings"] = headerText(warnings.join("; "));
  return headers;
}

/** Whether the answer cache had the answer; with how similar a question, where it was only that. */
export function cacheHeaders(
  outcome: "HIT" | "MISS" | "BYPASS" | "SEMANTIC",
  similarity?: number,
): { [name: string]: string } {
  const isHit = outcome === "HIT" || outcome === "SEMANTIC";
  return {
    "x-omniroute-cache": outcome,
    "x-omniroute-cache-hit": String(isHit),
    ...(similarity !== undefined && { "x-omniroute-cache-similarity": similarity.toFixed(4) }),
  };
}

/** What got lost on the way into the provider's format, in words. */
export function warningsOf(losses: readonly Loss[]): string[] {
  return losses.filter((loss) => !loss.silent).map((loss) => `${loss.what}: ${loss.why}`);
}

/** Tokens and cost by header name; a cost that is unknown is left out, never zero. */
export function usageFields(usage: Usage, cost: number | undefined): [name: string, value: string][] {
  const fields: [string, string][] = [
    ["x-omniroute-tokens-in", String(usage.input + (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0))],
    ["x-omniroute-tokens-out", String(usage.output)],
  ];
  if (cost !== undefined) fields.push(["x-omniroute-response-cost", cost.toFixed(10)]);
  return fields;
}

/** Why this target answered, in a few fixed words. */
function decision(plan: Plan, target: Target, fallbacks: number): string {
  const parts = [`strategy=${plan.strategy}`];
  if (plan.combo !== undefined) parts.push(`combo=${headerText(plan.combo)}`);
  const isChained = plan.chain !== undefined && plan.targets.indexOf(target) >= plan.chain.from;
  if (isChained) parts.push(`chain=${headerText(plan.chain?.name ?? "")}`);
  const isHeld = plan.affinity?.includes(target.connection.id) ?? false;
  const isPlain = plan.excluded.length === 0 && plan.behind === undefined;
  const first = isHeld ? "affinity" : isPlain ? "first-choice" : "first-usable";
  parts.push(`reason=${isChained ? "chain" : fallbacks === 0 ? first : "fallback"}`);
  return parts.join("; ");
}

/** The headers that every answer carries. */
export const idHeaders = (version: string, requestId: string): { [name: string]: string } => ({
  "x-request-id": requestId,
  "x-omniroute-request-id": requestId,
  "x-omniroute-version": version,
});

/** What every stream's head says; `progress`: events tell how far it is. */
export const streamHeaders = (
  format: Pick<ClientFormat, "streamType">,
  progress?: object,
): { [name: string]: string } => ({
  ...(progress && { "x-omniroute-progress": "enabled" }),
  "content-type": format.streamType,
  "cache-control": "no-cache",
  "x-accel-buffering": "no",
});

/** Does the client want the plan in place of the answer? */
export const isDryRun = (headers: Headers): boolean =>
  /^(?:true|1|yes)$/i.test(headers.get("x-omniroute-dry-run") ?? "");

/** Header values hold printable ASCII only; everything else is escaped as in a URL. */
export function headerText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\x20-\x7e]/g, (character) => encodeURIComponent(character))
    .slice(0, 1000);
}
