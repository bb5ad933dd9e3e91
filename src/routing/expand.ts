import type { Combo, ComboEntry } from "../core/combo.ts";
import type { Connection } from "../core/connection.ts";
import { GatewayError } from "../core/errors.ts";
import type { Exclusion, Target } from "../core/target.ts";
import { accountStrategyOf, type Account, type AccountStrategyId } from "./account-strategies/index.ts";
import type { Catalogue, ProviderEntry } from "./catalogue.ts";
import { surplus } from "./expiry.ts";
import { barred, excluded } from "./exclusions.ts";
import { accountCounter, comboCounter } from "./memory.ts";
import { unfit } from "./fitness.ts";
import { allowedWithin, forbids, type PlanRequest } from "./plan-request.ts";
import type { ResolvedModel } from "./provider-model.ts";
import { MOST_NESTED_COMBOS, resolveModel, type Resolution } from "./resolve.ts";
import { strategyOf, type Leg } from "./strategies/index.ts";
import type { RoutingView } from "./view.ts";

/** What an expansion is made from and what it leaves behind. */
export type Expansion = {
  readonly request: PlanRequest;
  readonly catalogue: Catalogue;
  readonly view: RoutingView;
  /** Leave out models that are too small or lack an ability? */
  readonly strict: boolean;
  /** Prefer the connection that served the conversation last? */
  readonly affinity: boolean;
  /** Deepest nesting of combos. */
  readonly depth: number;
  readonly excluded: Exclusion[];
  /** Turn counters that were looked at. */
  readonly turns: Set<string>;
  /** Connections that lead because they served the conversation before. */
  readonly held: Set<string>;
};

/** Where in a combo a model stands. */
type Place = { combos: readonly string[]; connectionId?: string };

const DEFAULT_STICKY = 3;

/** All usable targets of a name, in the order they are to be tried. */
export function expand(expansion: Expansion, resolution: Resolution): Target[] {
  return expandWithin(expansion, resolution, { combos: [] });
}

function expandWithin(expansion: Expansion, resolution: Resolution, place: Place): Target[] {
  if (resolution.type === "combo") return expandCombo(expansion, resolution.combo, place);
  return resolution.models.flatMap((model) => expandModel(expansion, model, place));
}

function expandCombo(expansion: Expansion, combo: Combo, place: Place): Target[] {
  if (place.combos.length >= Math.min(expansion.depth, MOST_NESTED_COMBOS)) {
    expansion.excluded.push(excluded("nested", combo.name));
    return [];
  }
  const combos = [...place.combos, combo.id];
  const allowed = allowedWithin(combo.name, expansion.request.allowed);
  const inside = allowed ? { ...expansion, request: { ...expansion.request, allowed } } : expansion;
  const legs = combo.models.flatMap((entry, position) => legOf(inside, entry, position, combos));
  return strategyOf(combo.strategy)
    .order(legs, strategyView(expansion, combo))
    .flatMap((leg) => leg.targets);
}

function legOf(expansion: Expansion, entry: ComboEntry, position: number, combos: readonly string[]): Leg[] {
  const resolution = tryResolve(expansion, entry.model);
  if (!resolution) return [];
  const place = { combos, ...(entry.connectionId !== undefined && { connectionId: entry.connectionId }) };
  const [first, ...others] = expandWithin(expansion, resolution, place);
  return first ? [{ position, weight: entry.weight, targets: [first, ...others] }] : [];
}

/** A name inside a combo or chain; one that leads nowhere is a dead leg, not an error. */
export function tryResolve(expansion: Expansion, name: string): Resolution | undefined {
  try {
    return resolveModel(name, expansion.catalogue, () => false);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    expansion.excluded.push(excluded(error.code === "model_not_allowed" ? "blocked" : "unknown", name));
    return undefined;
  }
}

function strategyView(expansion: Expansion, combo: Combo) {
  const { view, request, catalogue } = expansion;
  const sticky = combo.config.stickyLimit ?? catalogue.settings.comboDefaults.stickyLimit ?? 1;
  const counter = comboCounter(combo.id);
  if (combo.strategy === "round-robin") expansion.turns.add(counter);
  return {
    turn: Math.floor(view.turn(counter) / sticky),
    length: combo.models.length,
    random: view.random,
    uses: (leg: Leg) =>
      [...new Set(leg.targets.map((target) => target.label))].reduce(
        (sum, label) => sum + view.uses(combo.id, label),
        0,
      ),
    cost: (leg: Leg) => expectedCost(view, leg.targets[0], request),
    vitals: (leg: Leg) => view.vitals(leg.targets[0]),
    surplus: (leg: Leg) => surplus(view.quotas(leg.targets[0].connection.id), view.now),
  };
}

function expectedCost(view: RoutingView, target: Target, request: PlanRequest): number | undefined {
  const price = view.price(target, request.estimatedInputTokens, request.expectedUnits);
  return price && price.kind !== "billed" ? 0 : price?.cost;
}

function expandModel(expansion: Expansion, model: ResolvedModel, place: Place): Target[] {
  const { request, view } = expansion;
  const { entry } = model;
  const reason = unfit(expansion, model);
  if (reason) {
    expansion.excluded.push(reason);
    return [];
  }
  const isAsked = ({ id }: Connection) =>
    (request.connectionId ?? id) === id && (place.connectionId ?? id) === id;
  if (!entry.connections.some(isAsked)) {
    const kind = isLost(expansion, place) ? "lost-connection" : "other-connection";
    expansion.excluded.push(excluded(kind, model.label));
    return [];
  }
  const targets = entry.connections
    .filter(isAsked)
    .map((connection) => targetOf(model, connection, place))
    .filter((target) => isOpen(expansion, target));
  const preferred =
    expansion.affinity && request.sessionKey !== undefined && !request.opening
      ? view.servedBy(request.sessionKey, entry.provider.id)
      : undefined;
  if (preferred !== undefined && targets.some(({ connection }) => connection.id === preferred))
    expansion.held.add(preferred);
  return targets.length < 2 ? targets : preferredFirst(inAccountOrder(expansion, entry, targets), preferred);
}

/** Is the account gone that a combo's entry names? */
const isLost = ({ catalogue }: Expansion, { connectionId }: Place): boolean =>
  connectionId !== undefined &&
  !catalogue.entries.some(({ connections }) => connections.some(({ id }) => id === connectionId));

function targetOf(model: ResolvedModel, connection: Connection, place: Place): Target {
  return {
    provider: model.entry.provider,
    connection,
    modelId: model.modelId,
    model: model.model,
    label: model.label,
    ...(model.effort !== undefined && { effort: model.effort }),
    ...(place.combos.length > 0 && { combos: place.combos }),
  };
}

/** May the target be tried? Otherwise says why not. */
function isOpen(expansion: Expansion, target: Target): boolean {
  const bar = barOf(expansion, target);
  if (bar) expansion.excluded.push(bar);
  return bar === undefined;
}

function barOf(expansion: Expansion, target: Target): Exclusion | undefined {
  const { request, view } = expansion;
  const { id, isActive, needsSignIn } = target.connection;
  const of = { connectionId: id };
  const forbidden = forbids(request.allowed, "connection", id);
  if (forbidden) return excluded(forbidden, target.label, of);
  if (!isActive) return excluded("off", target.label, of);
  if (needsSignIn) return excluded("sign-in", target.label, of);
  const standing = view.standing(target);
  // Whether it works is known in a moment: it stays in the plan, behind the others.
  if (standing.usable || standing.reason === "probing") return undefined;
  return barred(target, standing.reason, standing.until);
}

/** The account strategy that holds for a provider. */
export function accountStrategyIdOf(catalogue: Catalogue, entry: ProviderEntry): AccountStrategyId {
  const own = catalogue.settings.providerStrategies?.[entry.provider.id];
  return own?.fallbackStrategy ?? catalogue.settings.fallbackStrategy ?? "fill-first";
}

function inAccountOrder(expansion: Expansion, entry: ProviderEntry, targets: readonly Target[]): Target[] {
  const { view, catalogue } = expansion;
  const { settings } = catalogue;
  const byConnection = new Map(targets.map((target) => [target.connection, target]));
  const targetFor = ({ connection }: Account) => byConnection.get(connection) as Target;
  const accounts = targets.map(({ connection }) => ({
    connection,
    position: entry.connections.indexOf(connection),
  }));
  const sticky =
    settings.providerStrategies?.[entry.provider.id]?.stickyRoundRobinLimit ??
    settings.stickyRoundRobinLimit ??
    DEFAULT_STICKY;
  const ordered = accountStrategyOf(accountStrategyIdOf(catalogue, entry)).order(accounts, {
    turn: Math.floor(view.turn(accountCounter(entry.provider.id)) / Math.max(1, sticky)),
    length: entry.connections.length,
    random: view.random,
    vitals: (account) => view.vitals(targetFor(account)),
    lastUsedAt: (account) => view.lastUsedAt(account.connection.id) ?? account.connection.lastUsedAt,
    quotaLeft: (account) => view.quotaLeft(account.connection.id),
    surplus: (account) => surplus(view.quotas(account.connection.id), view.now),
  });
  return ordered.map(targetFor);
}

/** A conversation stays with the connection that holds its prompt cache. */
function preferredFirst(targets: readonly Target[], connectionId: string | undefined): Target[] {
  const isPreferred = (target: Target) => target.connection.id === connectionId;
  return [...targets.filter(isPreferred), ...targets.filter((target) => !isPreferred(target))];
}
