import type { ModelDefinition } from "../core/provider.ts";
import type { Effort } from "../core/request.ts";
import { labelOf, type ProviderEntry } from "./catalogue.ts";

/** A model of a provider, as a name led to it. */
export type ResolvedModel = {
  entry: ProviderEntry;
  /** The id the provider knows. */
  modelId: string;
  /** What is known of it; undefined for ids nobody listed. */
  model: ModelDefinition | undefined;
  /** `prefix/id`, as shown to people. */
  label: string;
  /** The reasoning effort a suffix of the name asked for. */
  effort?: Effort;
};

/** `-thinking` asks for thinking without saying how much: the middle. */
const SUFFIXES: readonly (readonly [string, Effort])[] = [
  ["-none", "none"],
  ["-minimal", "minimal"],
  ["-low", "low"],
  ["-medium", "medium"],
  ["-high", "high"],
  ["-xhigh", "xhigh"],
  ["-thinking", "medium"],
];

/**
 * What stands behind the prefix, as a model of that provider. First match: a listed id; the provider's own prefix
 * said twice; a rename; a known id with an effort as suffix; else the words as they are, for any id may be sent to
 * any provider.
 */
export function modelOfProvider(entry: ProviderEntry, rest: string): ResolvedModel {
  return (
    known(entry, rest) ??
    withoutSecondPrefix(entry, rest) ??
    renamed(entry, rest) ??
    withEffort(entry, rest) ??
    verbatim(entry, rest)
  );
}

/** Does the provider list this id, options of the built-in provider aside? */
export function listsModel(entry: ProviderEntry, id: string): boolean {
  return entry.models.has(listedId(entry, id));
}

function known(entry: ProviderEntry, id: string): ResolvedModel | undefined {
  return listsModel(entry, id) ? verbatim(entry, id) : undefined;
}

function renamed(entry: ProviderEntry, id: string): ResolvedModel | undefined {
  const target = Object.hasOwn(entry.provider.renames ?? {}, id) ? entry.provider.renames?.[id] : undefined;
  return target === undefined ? undefined : verbatim(entry, target);
}

/** `nvidia/nvidia/x`: a second prefix goes when what follows is known, and stays where it is part of the id. */
function withoutSecondPrefix(entry: ProviderEntry, rest: string): ResolvedModel | undefined {
  const slash = rest.indexOf("/");
  if (slash <= 0 || !isOwnPrefix(entry, rest.slice(0, slash))) return undefined;
  const remainder = rest.slice(slash + 1);
  return known(entry, remainder) ?? renamed(entry, remainder) ?? withEffort(entry, remainder);
}

function isOwnPrefix(entry: ProviderEntry, name: string): boolean {
  const prefix = name.toLowerCase();
  const { id, prefixes = [] } = entry.provider;
  return [entry.prefix, id, ...prefixes].some((own) => own.toLowerCase() === prefix);
}

function withEffort(entry: ProviderEntry, rest: string): ResolvedModel | undefined {
  for (const [suffix, effort] of SUFFIXES) {
    if (!rest.endsWith(suffix)) continue;
    const id = rest.slice(0, -suffix.length);
    const found = known(entry, id) ?? renamed(entry, id);
    if (found) return { ...found, effort };
  }
  return undefined;
}

function verbatim(entry: ProviderEntry, modelId: string): ResolvedModel {
  return {
    entry,
    modelId,
    model: entry.models.get(listedId(entry, modelId)),
    label: labelOf(entry, modelId),
  };
}

/** The built-in provider takes options after `?`. */
function listedId(entry: ProviderEntry, id: string): string {
  return entry.provider.builtIn ? (id.split("?", 1)[0] ?? id) : id;
}
