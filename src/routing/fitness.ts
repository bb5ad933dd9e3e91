import { type Exclusion, serviceFor } from "../core/target.ts";
import { excluded, type ExclusionKind } from "./exclusions.ts";
import type { Expansion } from "./expand.ts";
import { forbids } from "./plan-request.ts";
import type { ResolvedModel } from "./provider-model.ts";

/** Our estimate of the input may be this much too low. */
const ESTIMATE_MARGIN = 1.1;
/** Reasons that are guesses of ours: given up when they would leave nothing. */
const SOFT: readonly string[] = ["context", "tools", "vision", "kind"];

/** Is this exclusion a guess about the model that the provider may know better? */
export const isSoft = (exclusion: Exclusion): boolean => SOFT.includes(exclusion.kind ?? "");

/** Why a model cannot serve the request over any connection; undefined when it may. */
export function unfit(expansion: Expansion, resolved: ResolvedModel): Exclusion | undefined {
  const { entry, label, modelId } = resolved;
  const { allowed } = expansion.request;
  if (entry.blocked) return excluded("blocked", label);
  const forbidden = forbids(allowed, "provider", entry.provider.id) ?? forbids(allowed, "model", label);
  if (forbidden) return excluded(forbidden, label);
  const { status } = entry.provider;
  if (status?.state === "shut-down" || status?.state === "not-offered") {
    return excluded(status.state, label, { detail: closedSince(resolved) });
  }
  if (entry.connections.length === 0) return excluded("no-connection", label);
  const lack = expansion.strict ? lackOf(expansion, resolved) : undefined;
  return lack && excluded(lack, label, lack === "context" ? { detail: contextOf(resolved, modelId) } : {});
}

function lackOf(expansion: Expansion, resolved: ResolvedModel): ExclusionKind | undefined {
  const { request } = expansion;
  const { model } = resolved;
  const wanted = request.modelType ?? "chat";
  if (model && (model.type ?? "chat") !== wanted) return "kind";
  const { provider } = resolved.entry;
  if (wanted === "chat" && provider.chat.length === 0) return "kind";
  if (request.service && !serviceFor({ provider, model }, request.service)) return "kind";
  if (!model) return undefined;
  if (model.context !== undefined && request.estimatedInputTokens * ESTIMATE_MARGIN > model.context)
    return "context";
  if (request.needsTools && model.tools === false) return "tools";
  if (request.needsVision && model.vision === false) return "vision";
  return undefined;
}

function closedSince({ entry }: ResolvedModel): string {
  const { since, note, replacement } = entry.provider.status ?? {};
  return [
    since === undefined ? undefined : `since ${since}`,
    note?.replace(/\.$/, ""),
    replacement === undefined ? undefined : `use ${replacement} instead`,
  ]
    .filter((part) => part !== undefined)
    .join("; ");
}

const contextOf = (resolved: ResolvedModel, modelId: string): string =>
  `${modelId} takes ${resolved.model?.context ?? 0} tokens`;
