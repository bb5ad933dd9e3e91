import type { Alias } from "../core/alias.ts";
import type { FallbackChain, ModelChain } from "../core/chain.ts";
import type { Combo, ComboConfig } from "../core/combo.ts";
import type { Connection } from "../core/connection.ts";
import type { CustomModel } from "../core/custom-model.ts";
import type { ProviderNode } from "../core/node.ts";
import type { Settings } from "../core/settings.ts";
import { TIERS, type ModelDefinition, type ProviderDefinition } from "../core/provider.ts";
import { providerOfNode } from "../providers/nodes.ts";
import { autoCombo } from "./auto-combo.ts";
import type { AccountStrategyId } from "./account-strategies/index.ts";

/** The settings that planning reads. Fields beyond `Settings` are optional and off when absent. */
export type RoutingSettings = Pick<Settings, "blockedProviders" | "mockEnabled" | "comboDefaults"> & {
  /** Order of a provider's connections. Default: `fill-first`. */
  fallbackStrategy?: AccountStrategyId;
  /** Calls in a row to one connection under `round-robin`. Default: 3. */
  stickyRoundRobinLimit?: number;
  /** By provider id. */
  providerStrategies?: {
    readonly [provider: string]:
      { fallbackStrategy?: AccountStrategyId; stickyRoundRobinLimit?: number } | undefined;
  };
  /** Default: on. */
  affinityEnabled?: boolean;
  /** Combo settings for the targets of one provider, by its id. */
  comboProviderDefaults?: { readonly [provider: string]: ComboConfig | undefined };
};

export type CatalogueInput = {
  providers: readonly ProviderDefinition[];
  nodes: readonly ProviderNode[];
  connections: readonly Connection[];
  combos: readonly Combo[];
  aliases: readonly Alias[];
  chains: readonly FallbackChain[];
  /** Chains of single models. */
  modelChains?: readonly ModelChain[];
  customModels: readonly CustomModel[];
  settings: RoutingSettings;
};

/** A provider with what the user added to it. */
export type ProviderEntry = {
  provider: ProviderDefinition;
  /** The prefix shown before the slash: the first alias, else the id. */
  prefix: string;
  /** The provider's own models and the user's, by id. */
  models: ReadonlyMap<string, ModelDefinition>;
  /** All of them, the first to be used first. */
  connections: readonly Connection[];
  /** Named in Settings → Security: behaves as not connected. */
  blocked: boolean;
  isNode: boolean;
};

/** A chain as plans look for it. `modelId`: it also holds for every name that leads to this model of some provider. */
export type RoutingChain = Pick<FallbackChain, "name" | "models" | "match"> & { modelId?: string };

/** What there is to route to, at one moment. Never changes; a change of any part makes a new one. */
export type Catalogue = {
  /** In tier order, then as listed; nodes stand with the API-key tier. */
  readonly entries: readonly ProviderEntry[];
  /** By every accepted prefix, in lower case. */
  readonly byPrefix: ReadonlyMap<string, ProviderEntry>;
  readonly byId: ReadonlyMap<string, ProviderEntry>;
  /** By name; inactive ones too. */
  readonly combos: ReadonlyMap<string, Combo>;
  /** The ready-made combo; absent while nothing is connected. */
  readonly auto?: Combo;
  readonly aliases: readonly Alias[];
  /** The enabled ones, in order of priority. */
  readonly chains: readonly RoutingChain[];
  readonly settings: RoutingSettings;
};

/** Builds the snapshot that resolution and planning read. */
export function buildCatalogue(input: CatalogueInput): Catalogue {
  const { settings } = input;
  const builtIn = input.providers.filter((provider) => !provider.builtIn || settings.mockEnabled);
  const nodes = input.nodes.map(providerOfNode);
  const takenByNodes = new Set(input.nodes.map((node) => node.prefix.toLowerCase()));
  const custom = Map.groupBy(input.customModels, (model) => model.provider.toLowerCase());
  const connections = Map.groupBy(input.connections, (connection) => connection.provider.toLowerCase());
  const blockedNames = new Set(settings.blockedProviders.map((name) => name.toLowerCase()));

  const entryOf = (provider: ProviderDefinition, isNode: boolean): ProviderEntry => {
    const names = acceptedPrefixes(provider, isNode ? new Set() : takenByNodes);
    const own = names.flatMap((name) => custom.get(name) ?? []);
    const stored = allNames(provider).flatMap((name) => connections.get(name) ?? []);
    return {
      provider,
      prefix: shownPrefix(provider, names),
      models: withCustomModels(provider.models, own),
      connections: inOrder(stored.length === 0 ? implicitConnections(provider, isNode) : stored),
      blocked: allNames(provider).some((name) => blockedNames.has(name)),
      isNode,
    };
  };

  const entries = byTier([
    ...builtIn.map((provider) => entryOf(provider, false)),
    ...nodes.map((provider) => entryOf(provider, true)),
  ]);
  const byPrefix = prefixTable(entries, takenByNodes);
  const auto = autoCombo(entries);
  return {
    ...(auto && { auto }),
    entries,
    byPrefix,
    byId: new Map(entries.map((entry) => [entry.provider.id, entry])),
    combos: new Map(input.combos.map((combo) => [combo.name, combo])),
    aliases: input.aliases,
    chains: [
      ...(input.modelChains ?? []).map((chain) => chainOfModel(chain, byPrefix)),
      ...input.chains.filter((chain) => chain.enabled).toSorted(byPriority),
    ],
    settings,
  };
}

/** The provider or node of an id, alias or node prefix, in any letter case. */
export function findProvider(catalogue: Catalogue, name: string): ProviderEntry | undefined {
  return catalogue.byPrefix.get(name.toLowerCase());
}

/** Is anything there that could serve this provider's models, now or after a wait? */
export function isConnected(entry: ProviderEntry): boolean {
  return entry.connections.length > 0 && !entry.blocked;
}

/** The connections that may be used as far as their own state goes. */
export function usableConnections(entry: ProviderEntry): Connection[] {
  return entry.connections.filter((connection) => connection.isActive && !connection.needsSignIn);
}

/** Splits `prefix/rest` at the first slash when the prefix is known. */
export function splitPrefix(
  catalogue: Catalogue,
  name: string,
): { entry: ProviderEntry; rest: string } | undefined {
  const slash = name.indexOf("/");
  if (slash <= 0) return undefined;
  const entry = findProvider(catalogue, name.slice(0, slash));
  return entry && { entry, rest: name.slice(slash + 1) };
}

/** `prefix/id` as shown to people. */
export const labelOf = (entry: ProviderEntry, modelId: string): string => `${entry.prefix}/${modelId}`;

const allNames = (provider: ProviderDefinition): string[] => [
  ...new Set([provider.id, ...(provider.prefixes ?? [])].map((name) => name.toLowerCase())),
];

/** A user's node may take the built-in mock's prefix, and no other's. */
function acceptedPrefixes(provider: ProviderDefinition, takenByNodes: ReadonlySet<string>): string[] {
  const names = allNames(provider);
  return provider.builtIn ? names.filter((name) => !takenByNodes.has(name)) : names;
}

/** A built-in provider goes by its id as long as no node took it; its other prefix is the way out then. */
function shownPrefix(provider: ProviderDefinition, names: readonly string[]): string {
  if (provider.builtIn) return names[0] ?? provider.id;
  return provider.prefixes?.[0] ?? provider.id;
}

function prefixTable(
  entries: readonly ProviderEntry[],
  takenByNodes: ReadonlySet<string>,
): Map<string, ProviderEntry> {
  const table = new Map<string, ProviderEntry>();
  // Nodes last and never over another: an imported node with a provider's prefix is still reached by its id.
  for (const entry of entries.toSorted((a, b) => Number(a.isNode) - Number(b.isNode))) {
    for (const name of acceptedPrefixes(entry.provider, takenByNodes)) {
      if (!table.has(name)) table.set(name, entry);
    }
  }
  return table;
}

function withCustomModels(
  models: readonly ModelDefinition[],
  custom: readonly CustomModel[],
): Map<string, ModelDefinition> {
  const all = new Map(models.map((model) => [model.id, model]));
  for (const model of custom) {
    all.set(model.id, {
      ...all.get(model.id),
      id: model.id,
      name: model.name,
      type: model.type,
      ...(model.context !== undefined && { context: model.context }),
    });
  }
  return all;
}

/** What needs no account is connected from the start. */
function implicitConnections(provider: ProviderDefinition, isNode: boolean): Connection[] {
  const state = provider.status?.state;
  if (isNode || state === "shut-down" || state === "not-offered") return [];
  const { type } = provider.auth;
  if (!provider.builtIn && (type === "key" || type === "sign-in")) return [];
  return [
    {
      id: `builtin:${provider.id}`,
      provider: provider.id,
      authType: "none",
      name: provider.name,
      priority: 1,
      isActive: true,
      credentials: {},
      createdAt: 0,
      updatedAt: 0,
    },
  ];
}

/** By priority, then the oldest; keys from the environment serve after those that a person stored. */
function inOrder(connections: readonly Connection[]): Connection[] {
  return connections.toSorted(
    (a, b) =>
      Number(a.fromEnvironment ?? false) - Number(b.fromEnvironment ?? false) ||
      a.priority - b.priority ||
      a.createdAt - b.createdAt,
  );
}

function byTier(entries: readonly ProviderEntry[]): ProviderEntry[] {
  return entries.toSorted((a, b) => TIERS.indexOf(a.provider.tier) - TIERS.indexOf(b.provider.tier));
}

/** The same id at each of its providers, in order of priority. */
function chainOfModel(chain: ModelChain, byPrefix: ReadonlyMap<string, ProviderEntry>): RoutingChain {
  const slash = chain.model.indexOf("/");
  const hasPrefix = slash > 0 && byPrefix.has(chain.model.slice(0, slash).toLowerCase());
  const modelId = hasPrefix ? chain.model.slice(slash + 1) : chain.model;
  const inUse = chain.chain.filter(({ enabled }) => enabled).toSorted((a, b) => a.priority - b.priority);
  return {
    name: `model ${chain.model}`,
    models: inUse.map(({ provider }) => `${provider}/${modelId}`),
    match: chain.model,
    modelId,
  };
}

const byPriority = (a: FallbackChain, b: FallbackChain): number =>
  a.priority - b.priority || a.createdAt - b.createdAt;
