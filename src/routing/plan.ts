import { COMBO_DEFAULTS, type Combo, type ComboConfig } from "../core/combo.ts";
import { healthKey, type Plan, type PlanConfig, type Target } from "../core/target.ts";
import { globMatches } from "../lib/glob.ts";
import type { Catalogue } from "./catalogue.ts";
import { emptyPlanError, notAllowed } from "./empty-plan.ts";
import { accountStrategyIdOf, expand, tryResolve, type Expansion } from "./expand.ts";
import { isSoft } from "./fitness.ts";
import { isLeftToProvider, type Overrides, preferred } from "./overrides.ts";
import { forbids, type PlanRequest } from "./plan-request.ts";
import { resolveForProvider, resolveModel, type Resolution } from "./resolve.ts";
import type { RoutingView } from "./view.ts";

/** A model named directly waits as long as the limits on first byte and silence allow; a combo has its own. */
const LONGEST_TIMEOUT_MS = 600_000;

/**
 * Decides which targets a request is tried at, in which order. A pure function of its input: nothing is counted or
 * advanced. Throws `GatewayError` when the name leads nowhere or nothing can be tried.
 */
export function makePlan(request: PlanRequest, catalogue: Catalogue, view: RoutingView): Plan {
  const resolution =
    request.provider === undefined
      ? resolveModel(request.model, catalogue, visibleTo(request, catalogue))
      : resolveForProvider(request.provider, request.model, catalogue);
  const combo = resolution.type === "combo" ? resolution.combo : undefined;
  const forbidden = combo && forbids(request.allowed, "combo", combo.name);
  if (forbidden) throw notAllowed(forbidden, `the combo "${combo.name}"`);
  const affinity = isAffinityOn(combo, catalogue);
  const strict = expansionOf(request, catalogue, view, combo, affinity, true);
  let expansion = strict;
  let parts = targetsAndChain(strict, resolution);
  if (parts.count === 0 && strict.excluded.some(isSoft)) {
    expansion = expansionOf(request, catalogue, view, combo, affinity, false);
    parts = targetsAndChain(expansion, resolution);
  }
  if (parts.count === 0 && !request.evenEmpty)
    throw emptyPlanError(request.model.trim(), expansion.excluded, view.now);
  return {
    requested: request.model,
    resolved: resolution.steps,
    strategy: strategyName(resolution, catalogue),
    ...(combo && { combo: combo.name }),
    targets: [...parts.targets, ...parts.chained],
    excluded: expansion.excluded,
    config: configOf(combo, catalogue),
    ...providerConfigs(combo, catalogue),
    turns: [...expansion.turns],
    ...(affinity && request.sessionKey !== undefined && { sessionKey: request.sessionKey }),
    ...(request.overrides && !isLeftToProvider(resolution) && { overridden: true }),
    ...(expansion.held.size > 0 && { affinity: [...expansion.held] }),
    ...(parts.behind.length > 0 && { behind: parts.behind }),
    ...(parts.chain !== undefined &&
      parts.chained.length > 0 && { chain: { name: parts.chain, from: parts.targets.length } }),
  };
}

/** Near names may not tell a key of models it cannot use. */
function visibleTo(request: PlanRequest, catalogue: Catalogue): (name: string) => boolean {
  const { allowed } = request;
  return (name) => forbids(allowed, catalogue.combos.has(name) ? "combo" : "model", name) === undefined;
}

function isAffinityOn(combo: Combo | undefined, catalogue: Catalogue): boolean {
  if (catalogue.settings.affinityEnabled === false) return false;
  return combo?.config.affinity ?? catalogue.settings.comboDefaults.affinity ?? COMBO_DEFAULTS.affinity;
}

function expansionOf(
  request: PlanRequest,
  catalogue: Catalogue,
  view: RoutingView,
  combo: Combo | undefined,
  affinity: boolean,
  strict: boolean,
): Expansion {
  const depth =
    combo?.config.maxComboDepth ??
    catalogue.settings.comboDefaults.maxComboDepth ??
    COMBO_DEFAULTS.maxComboDepth;
  return {
    request,
    catalogue,
    view,
    strict,
    affinity,
    depth,
    excluded: [],
    turns: new Set(),
    held: new Set(),
  };
}

type Parts = {
  targets: readonly Target[];
  chained: readonly Target[];
  chain: string | undefined;
  behind: readonly Target[];
  count: number;
};

function targetsAndChain(expansion: Expansion, resolution: Resolution): Parts {
  const overrides = overridesFor(expansion, resolution);
  const own = distinct(expand(expansion, resolution), []);
  const wanted = overrides?.models
    ? distinct([...own, ...namesExpanded(expansion, overrides.models)], [])
    : own;
  const chosen = overrides?.provider ? preferred(wanted, overrides.provider, expansion) : wanted;
  const [targets, late] = failedBehind(chosen, expansion.view);
  const chain = overrides?.provider ? undefined : chainFor(expansion, resolution);
  const following = chain ? namesExpanded(expansion, chain.models) : [];
  const [chained, lateChained] = failedBehind(distinct(following, targets), expansion.view);
  const behind = [...late, ...lateChained];
  return { targets, chained, chain: chain?.name, behind, count: targets.length + chained.length };
}

/** The request's own wishes, where they are ours to follow. */
function overridesFor({ request }: Expansion, resolution: Resolution): Overrides | undefined {
  return request.overrides && !isLeftToProvider(resolution) ? request.overrides : undefined;
}

function namesExpanded(expansion: Expansion, names: readonly string[]): Target[] {
  return names.flatMap((name) => {
    const found = tryResolve(expansion, name);
    return found ? expand(expansion, found) : [];
  });
}

/** The first chain for the name asked for, or for the model it led to; none where one connection was asked for. */
function chainFor({ catalogue, request }: Expansion, resolution: Resolution) {
  if (request.connectionId !== undefined || catalogue.chains.length === 0) return undefined;
  const name = request.model.trim();
  const ids = resolution.type === "models" ? resolution.models.map(({ modelId }) => modelId) : [];
  return catalogue.chains.find(
    ({ match, modelId }) => globMatches(match, name) || (modelId !== undefined && ids.includes(modelId)),
  );
}

/** The same model over the same connection is asked once, however often a combo lists it or `earlier` holds it. */
function distinct(targets: readonly Target[], earlier: readonly Target[]): readonly Target[] {
  if (targets.length + earlier.length < 2) return targets;
  const seen = new Set(earlier.map(targetKey));
  return targets.filter((target) => {
    const key = targetKey(target);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

const targetKey = (target: Target): string => `${healthKey(target)}\u0000${target.effort ?? ""}`;

/** What failed transiently a moment ago goes behind the others; gives the new order, and whom that set back. */
function failedBehind(
  targets: readonly Target[],
  view: RoutingView,
): [order: readonly Target[], behind: readonly Target[]] {
  if (targets.length < 2) return [targets, []];
  const isBehind = (target: Target) => {
    const standing = view.standing(target);
    return standing.usable ? standing.behind : standing.reason === "probing";
  };
  const failed = new Set(targets.filter(isBehind));
  if (failed.size === 0) return [targets, []];
  const sound = targets.filter((target) => !failed.has(target));
  const last = sound.at(-1);
  const setBack = last ? [...failed].filter((target) => targets.indexOf(target) < targets.indexOf(last)) : [];
  return [[...sound, ...failed], setBack];
}

function strategyName(resolution: Resolution, catalogue: Catalogue): string {
  if (resolution.type === "combo") return resolution.combo.strategy;
  const [first] = resolution.models;
  return first ? accountStrategyIdOf(catalogue, first.entry) : "priority";
}

/** A combo's own value wins, then the provider's, then that of all combos. */
function configOf(combo: Combo | undefined, catalogue: Catalogue, provider: ComboConfig = {}): PlanConfig {
  const { maxRetries, retryDelayMs, maxAttempts } = COMBO_DEFAULTS;
  if (!combo) return { maxRetries, retryDelayMs, maxAttempts, timeoutMs: LONGEST_TIMEOUT_MS };
  const all: ComboConfig = { ...catalogue.settings.comboDefaults, ...provider, ...combo.config };
  return {
    maxRetries: all.maxRetries ?? maxRetries,
    retryDelayMs: all.retryDelayMs ?? retryDelayMs,
    maxAttempts: all.maxAttempts ?? maxAttempts,
    timeoutMs: all.timeoutMs ?? COMBO_DEFAULTS.timeoutMs,
    ...Object.fromEntries(
      OPTIONAL.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]] as const])),
    ),
  };
}

const OPTIONAL = [
  "connectTimeoutMs",
  "headersTimeoutMs",
  "idleTimeoutMs",
  "totalTimeoutMs",
  "continueStream",
] as const;

function providerConfigs(combo: Combo | undefined, catalogue: Catalogue): Pick<Plan, "providerConfig"> {
  const overrides = Object.entries(catalogue.settings.comboProviderDefaults ?? {});
  if (!combo || overrides.length === 0) return {};
  const configs = overrides.map(([id, override]) => [id, configOf(combo, catalogue, override)] as const);
  return { providerConfig: Object.fromEntries(configs) };
}
