import type { Alias } from "../core/alias.ts";
import type { Combo } from "../core/combo.ts";
import { GatewayError, badRequest } from "../core/errors.ts";
import { TIERS } from "../core/provider.ts";
import { Lru } from "../lib/lru.ts";
import { exactAlias, fillTarget, wildcardAlias } from "./aliases.ts";
import { findProvider, isConnected, splitPrefix, type Catalogue, type ProviderEntry } from "./catalogue.ts";
import { globMatches } from "../lib/glob.ts";
import { AUTO_COMBO } from "./auto-combo.ts";
import { nearNames } from "./near-names.ts";
import { listsModel, modelOfProvider, type ResolvedModel } from "./provider-model.ts";

export type ResolutionStep = { step: string; from: string; to: string };

/** What a name stands for. */
export type Resolution =
  | { type: "combo"; combo: Combo; steps: readonly ResolutionStep[] }
  | { type: "models"; models: readonly ResolvedModel[]; steps: readonly ResolutionStep[] };

/** Ids that a vendor's own names begin with, and who serves them. */
const FAMILIES: readonly { begins: readonly string[]; providers: readonly string[] }[] = [
  { begins: ["gpt-", "chatgpt-", "o1", "o3", "o4"], providers: ["openai", "codex"] },
  { begins: ["claude-"], providers: ["anthropic", "claude"] },
  { begins: ["gemini-"], providers: ["gemini", "gemini-cli"] },
];

const LONGEST_NAME = 256;
/** Beyond every global priority a person would write. */
const LAST_RANK = 1_000_000_000;
const MOST_ALIAS_STEPS = 5;
/** A combo, in a combo, in a combo. */
export const MOST_NESTED_COMBOS = 3;

/**
 * Finds what a model name stands for, step by step: combo, exact alias, alias with a slash, prefix, alias without,
 * listed id, known family. Throws `GatewayError`: `bad_request` for what is no name, `model_not_found` with near
 * names, `model_not_allowed` for a blocked provider. `visible` limits the near names.
 */
export function resolveModel(
  asked: string,
  catalogue: Catalogue,
  visible?: (name: string) => boolean,
): Resolution {
  const known = resolutionsOf(catalogue);
  let resolution = known.get(asked);
  if (!resolution) {
    resolution = resolveAnew(asked, catalogue, visible);
    if (asked.length <= LONGEST_NAME) known.set(asked, resolution);
  }
  return resolution;
}

/** What names stand for never changes within a snapshot, so each is found out once. */
const RESOLUTIONS = new WeakMap<Catalogue, Lru<string, Resolution>>();
const NAMES_REMEMBERED = 1000;

function resolutionsOf(catalogue: Catalogue): Lru<string, Resolution> {
  let known = RESOLUTIONS.get(catalogue);
  if (!known) RESOLUTIONS.set(catalogue, (known = new Lru(NAMES_REMEMBERED)));
  return known;
}

function resolveAnew(
  asked: string,
  catalogue: Catalogue,
  visible: ((name: string) => boolean) | undefined,
): Resolution {
  const steps: ResolutionStep[] = [];
  let name = cleanName(asked, steps);
  for (let round = 0; round <= MOST_ALIAS_STEPS; round++) {
    const found = resolveOnce(name, catalogue, steps);
    if (found === undefined) throw notFound(name, asked, catalogue, visible);
    if (typeof found !== "string") return { ...found, steps };
    name = found;
  }
  throw new GatewayError(
    "model_not_found",
    `The aliases for "${asked}" lead from one to the next more than ${MOST_ALIAS_STEPS} times. Mend them under Settings → Routing.`,
    { param: "model" },
  );
}

/**
 * The model of a `/v1/providers/{provider}/…` call: combos and aliases are not asked. Throws `bad_request` for an
 * unknown provider or a name with another provider's prefix, `model_not_allowed` for a blocked one.
 */
export function resolveForProvider(providerName: string, asked: string, catalogue: Catalogue): Resolution {
  const entry = findProvider(catalogue, providerName);
  if (!entry) throw badRequest(`There is no provider "${clipped(providerName)}".`);
  const steps: ResolutionStep[] = [];
  const name = cleanName(asked, steps);
  refuseBlocked(entry);
  const split = listsModel(entry, name) ? undefined : splitPrefix(catalogue, name);
  if (split && split.entry !== entry) {
    throw badRequest(
      `"${name}" belongs to ${split.entry.provider.name}; this path takes models of ${entry.provider.name}, written \`${entry.prefix}/…\` or without a prefix.`,
      "model",
    );
  }
  const model = modelOfProvider(entry, split ? split.rest : name);
  steps.push({ step: "provider route", from: name, to: model.label });
  return { type: "models", models: [model], steps };
}

/** Does following this alias never come to an end? The catalogue already holds it; asked before it is saved. */
export function isEndlessAlias(alias: Alias, catalogue: Catalogue): boolean {
  let name: string | undefined = alias.pattern.replace(/[*?]/g, "x");
  for (let round = 0; round <= MOST_ALIAS_STEPS; round++) {
    const found: Found | string | undefined = resolveOnce(name, catalogue, []);
    if (typeof found !== "string") return false;
    name = found;
  }
  return true;
}

/**
 * The way from a combo back to itself through the combos it names, or past the deepest nesting; undefined when there
 * is none. The catalogue already holds the combo; asked before it is saved.
 */
export function comboCycle(combo: Combo, catalogue: Catalogue): string[] | undefined {
  return cycleFrom(combo, [], catalogue);
}

function cycleFrom(combo: Combo, path: readonly string[], catalogue: Catalogue): string[] | undefined {
  const way = [...path, combo.name];
  if (path.includes(combo.name) || way.length > MOST_NESTED_COMBOS) return way;
  for (const entry of combo.models) {
    const inner = innerCombo(entry.model, catalogue);
    const cycle = inner && cycleFrom(inner, way, catalogue);
    if (cycle) return cycle;
  }
  return undefined;
}

function innerCombo(name: string, catalogue: Catalogue): Combo | undefined {
  let current = name;
  for (let round = 0; round <= MOST_ALIAS_STEPS; round++) {
    const found = resolveOnce(current, catalogue, []);
    if (typeof found !== "string") return found?.type === "combo" ? found.combo : undefined;
    current = found;
  }
  return undefined;
}

type Found = { type: "combo"; combo: Combo } | { type: "models"; models: ResolvedModel[] };

/** One pass over the rules; a string is a new name to resolve. */
function resolveOnce(
  name: string,
  catalogue: Catalogue,
  steps: ResolutionStep[],
): Found | string | undefined {
  const combo = catalogue.combos.get(name);
  if (combo?.isActive) {
    steps.push({ step: "combo", from: name, to: combo.name });
    return { type: "combo", combo };
  }
  const exact = exactAlias(catalogue.aliases, name);
  if (exact) return follow(exact, name, "alias", steps);
  const withSlash = wildcardAlias(catalogue.aliases, name, (pattern) => pattern.includes("/"));
  if (withSlash) return follow(withSlash, name, "wildcard alias", steps);
  const split = splitPrefix(catalogue, name);
  if (split) {
    refuseBlocked(split.entry);
    const all = split.rest.includes("*") ? everyModel(name, split, steps) : undefined;
    if (all) return all;
    return told("prefix", name, [modelOfProvider(split.entry, split.rest)], steps);
  }
  const withoutSlash = wildcardAlias(catalogue.aliases, name, (pattern) => !pattern.includes("/"));
  if (withoutSlash) return follow(withoutSlash, name, "wildcard alias", steps);
  if (name === AUTO_COMBO && catalogue.auto) {
    steps.push({
      step: "ready-made combo",
      from: name,
      to: catalogue.auto.models.map(({ model }) => model).join(", "),
    });
    return { type: "combo", combo: catalogue.auto };
  }
  return listed(name, catalogue, steps) ?? ofFamily(name, catalogue, steps);
}

/** `prefix/*`: the provider's models that fit the pattern, as listed. */
function everyModel(
  name: string,
  { entry, rest }: { entry: ProviderEntry; rest: string },
  steps: ResolutionStep[],
): Found | undefined {
  const models = [...entry.models.values()]
    .filter(({ id, status }) => globMatches(rest, id) && status?.state !== "shut-down")
    .map(({ id }) => modelOfProvider(entry, id));
  return models.length === 0 ? undefined : told("wildcard router", name, models, steps);
}

/** Every connected provider that lists the id: in tier order, then the one with the better connection first. */
function listed(name: string, catalogue: Catalogue, steps: ResolutionStep[]): Found | undefined {
  const entries = catalogue.entries
    .filter((entry) => isConnected(entry) && listsModel(entry, name))
    .map((entry, index) => ({ entry, index, rank: connectionRank(entry) }))
    .toSorted((a, b) => tierOf(a.entry) - tierOf(b.entry) || a.rank - b.rank || a.index - b.index)
    .map(({ entry }) => modelOfProvider(entry, name));
  return entries.length === 0 ? undefined : told("listed id", name, entries, steps);
}

const tierOf = (entry: ProviderEntry): number => TIERS.indexOf(entry.provider.tier);

/** A connection's global priority, where somebody set one, ranks its provider before those without. */
function connectionRank(entry: ProviderEntry): number {
  const ranks = entry.connections.map((connection) =>
    connection.globalPriority === undefined ? LAST_RANK + connection.priority : connection.globalPriority,
  );
  return Math.min(...ranks);
}

function ofFamily(name: string, catalogue: Catalogue, steps: ResolutionStep[]): Found | undefined {
  const family = FAMILIES.find(({ begins }) => begins.some((start) => name.startsWith(start)));
  const entries = (family?.providers ?? [])
    .map((id) => catalogue.byId.get(id))
    .filter((entry) => entry !== undefined);
  const open = entries.filter((entry) => !entry.blocked);
  const [first] = entries;
  if (open.length === 0 && first) refuseBlocked(first);
  if (open.length === 0) return undefined;
  return told(
    "known family",
    name,
    open.map((entry) => modelOfProvider(entry, name)),
    steps,
  );
}

function follow(alias: Alias, name: string, step: string, steps: ResolutionStep[]): string {
  const target = fillTarget(alias, name);
  steps.push({ step, from: name, to: target });
  return target;
}

function told(step: string, from: string, models: ResolvedModel[], steps: ResolutionStep[]): Found {
  for (const model of models) steps.push({ step, from, to: model.label });
  return { type: "models", models };
}

function refuseBlocked(entry: ProviderEntry): void {
  if (!entry.blocked) return;
  throw new GatewayError(
    "model_not_allowed",
    `${entry.provider.name} is blocked on this gateway (Settings → Security).`,
    { param: "model" },
  );
}

/** Trims and checks a name. Throws `bad_request`. */
function cleanName(asked: string, steps: ResolutionStep[]): string {
  const trimmed = asked.trim();
  const name = trimmed.startsWith("models/") ? trimmed.slice("models/".length) : trimmed;
  if (name === "")
    throw badRequest("`model` is empty: name a model as `provider/model`, or a combo.", "model");
  if (name.length > LONGEST_NAME)
    throw badRequest(`\`model\` is longer than ${LONGEST_NAME} characters.`, "model");
  if (hasControls(name)) throw badRequest("`model` holds control characters.", "model");
  if (name !== asked) steps.push({ step: "trimmed", from: clipped(asked), to: name });
  return name;
}

// oxlint-disable-next-line no-control-regex
const hasControls = (text: string): boolean => /[\u0000-\u001f\u007f-\u009f]/.test(text);

const clipped = (text: string): string =>
  text.length > LONGEST_NAME ? `${text.slice(0, LONGEST_NAME)}…` : text;

function notFound(
  name: string,
  asked: string,
  catalogue: Catalogue,
  visible: ((name: string) => boolean) | undefined,
): GatewayError {
  if (catalogue.combos.has(name))
    return new GatewayError("model_not_found", `The combo "${name}" is switched off.`, { param: "model" });
  const near = nearNames(catalogue, name, visible);
  const through = name === asked.trim() ? "" : ` (asked for as "${clipped(asked.trim())}")`;
  const hint =
    near.length > 0
      ? ` Did you mean ${near.map((candidate) => `"${candidate}"`).join(" or ")}?`
      : " `GET /v1/models` lists what is there.";
  return new GatewayError("model_not_found", `There is no model or combo "${name}"${through}.${hint}`, {
    param: "model",
  });
}
