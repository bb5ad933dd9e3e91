import { z } from "zod";
import { chainInput, modelChainInput } from "../core/chain.ts";
import { comboInput } from "../core/combo.ts";
import { type Connection, connectionInput } from "../core/connection.ts";
import { customModelInput } from "../core/custom-model.ts";
import { GatewayError } from "../core/errors.ts";
import { nodeInput } from "../core/node.ts";
import type { Price } from "../core/provider.ts";
import { type Settings, settingsShape } from "../core/settings.ts";
import { newId } from "../lib/ids.ts";
import {
  findConnection,
  listAliases,
  listChains,
  listCombos,
  listConnections,
  listCustomModels,
  listModelChains,
  listNodes,
  listPrices,
  patchSettings,
  readValues,
  removeAlias,
  removeChain,
  removeCombo,
  removeConnection,
  removeCustomModel,
  removeModelChain,
  removeNode,
  removePrices,
  saveAlias,
  saveChain,
  saveCombo,
  saveConnection,
  saveCustomModel,
  saveModelChain,
  saveNode,
  savePrices,
  saveValues,
  type Store,
} from "../store/index.ts";
import type { LocalRecord } from "./versions.ts";

/** One kind of thing that devices share. Ids are names that mean the same on every device. */
export type RecordKind = {
  kind: string;
  list(store: Store): Omit<LocalRecord, "kind">[];
  /** Takes over what another device says. Throws when it does not fit here. */
  put(store: Store, id: string, value: unknown): void;
  remove(store: Store, id: string): void;
};

/** Settings that mean the same everywhere. What concerns one machine, its people or its keys stays on it. */
const SHARED_SETTINGS = [
  "blockedProviders",
  "noticeKinds",
  "mockEnabled",
  "comboDefaults",
  "comboProviderDefaults",
  "fallbackStrategy",
  "stickyRoundRobinLimit",
  "providerStrategies",
  "affinityEnabled",
  "resilienceProfiles",
  "limitDefaults",
  "connectionLimits",
  "waitForCooldown",
  "systemPrompt",
  "thinkingBudget",
] as const satisfies (keyof Settings)[];

const nodes: RecordKind = {
  kind: "node",
  list: (store) =>
    listNodes(store).map(({ id: _id, createdAt: _made, updatedAt, ...value }) => ({
      id: value.prefix,
      value,
      changedAt: updatedAt,
    })),
  put(store, prefix, value) {
    const fields = present(nodeInput.parse(value));
    if (fields.prefix !== prefix) throw mismatch();
    const existing = nodeOf(store, prefix);
    const now = store.clock.now();
    const made = fields.type === "anthropic-compatible" ? fields.type : `${fields.type}-${fields.apiType}`;
    saveNode(store, {
      ...fields,
      id: existing?.id ?? `${made}-${newId()}`,
      createdAt: existing?.createdAt ?? now,
      updatedAt: now,
    });
  },
  remove(store, prefix) {
    const node = nodeOf(store, prefix);
    if (node) removeNode(store, node.id);
  },
};

const customModels: RecordKind = {
  kind: "model",
  list: (store) =>
    listCustomModels(store).map(({ createdAt, ...model }) => {
      const provider = sharedProvider(store, model.provider);
      return { id: pair(provider, model.id), value: { ...model, provider }, changedAt: createdAt };
    }),
  put(store, _id, value) {
    const fields = present(customModelInput.parse(value));
    const provider = ownProvider(store, fields.provider);
    saveCustomModel(store, {
      ...fields,
      provider,
      name: fields.name ?? fields.id,
      createdAt: store.clock.now(),
    });
  },
  remove(store, id) {
    const [provider, model] = parts(id);
    removeCustomModel(store, ownProvider(store, provider), model);
  },
};

const priceValue = z.record(z.string().max(50), z.number().min(0));
const prices: RecordKind = {
  kind: "price",
  list: (store) =>
    listPrices(store).map(({ provider, model, price, updatedAt }) => ({
      id: pair(sharedProvider(store, provider), model),
      value: price,
      changedAt: updatedAt,
    })),
  put(store, id, value) {
    const [provider, model] = parts(id);
    const price = priceValue.parse(value) as unknown as Price;
    savePrices(store, [
      { provider: ownProvider(store, provider), model, price, updatedAt: store.clock.now() },
    ]);
  },
  remove(store, id) {
    const [provider, model] = parts(id);
    removePrices(store, ownProvider(store, provider), model);
  },
};

const connectionValue = connectionInput
  .omit({ apiKey: true, acceptTerms: true })
  .extend({ authType: z.enum(["apikey", "none"]) });

/** Accounts by key, without the key. Sign-ins are never copied: two holders of one refresh token end each other's. */
const connections: RecordKind = {
  kind: "connection",
  list: (store) =>
    listConnections(store)
      .filter(({ authType }) => authType !== "oauth")
      .map((connection) => ({
        id: connection.id,
        value: sharedConnection(store, connection),
        changedAt: connection.updatedAt,
      })),
  put(store, id, value) {
    const fields = present(connectionValue.parse(value));
    const existing = findConnection(store, id);
    if (existing?.authType === "oauth") throw mismatch();
    const now = store.clock.now();
    // A key that is not there yet cannot be used; it comes with the records of keys, or from a person.
    const fresh = {
      credentials: {},
      createdAt: now,
      ...(fields.authType === "apikey" && { needsSignIn: true }),
    };
    saveConnection(store, {
      ...(existing ? ownPartOf(existing) : fresh),
      ...fields,
      provider: ownProvider(store, fields.provider),
      id,
      updatedAt: now,
    });
  },
  remove: (store, id) => void removeConnection(store, id),
};

const keyValue = z.object({ apiKey: z.string().min(1).max(10_000) });

/** The keys of accounts, for those who ticked that. */
export const apiKeys: RecordKind = {
  kind: "api-key",
  list: (store) =>
    listConnections(store)
      .filter(({ authType, credentials }) => authType === "apikey" && credentials.apiKey !== undefined)
      .map(({ id, credentials: { apiKey } }) => ({ id, value: { apiKey } })),
  put(store, id, value) {
    const connection = findConnection(store, id);
    if (!connection || connection.authType === "oauth") throw mismatch();
    const { needsSignIn: _renewed, lastError: _old, ...rest } = connection;
    saveConnection(store, { ...rest, authType: "apikey", credentials: keyValue.parse(value) });
  },
  // The key goes with its connection; taking only the key away is for each device's own people.
  remove: () => {},
};

const combos: RecordKind = {
  kind: "combo",
  list: (store) =>
    listCombos(store).map(({ id: _id, createdAt: _made, updatedAt, ...value }) => ({
      id: value.name,
      value,
      changedAt: updatedAt,
    })),
  put(store, name, value) {
    const fields = comboInput.parse(value);
    if (fields.name !== name) throw mismatch();
    const existing = comboOf(store, name);
    const now = store.clock.now();
    saveCombo(store, {
      ...fields,
      id: existing?.id ?? newId(),
      createdAt: existing?.createdAt ?? now,
      updatedAt: now,
    });
  },
  remove(store, name) {
    const combo = comboOf(store, name);
    if (combo) removeCombo(store, combo.id);
  },
};

const name = z.string().min(1).max(256);
const aliases: RecordKind = {
  kind: "alias",
  list: (store) =>
    listAliases(store).map(({ pattern, target, createdAt }) => ({
      id: pattern,
      value: target,
      changedAt: createdAt,
    })),
  put: (store, pattern, target) =>
    void saveAlias(store, {
      pattern: name.parse(pattern),
      target: name.parse(target),
      createdAt: store.clock.now(),
    }),
  remove: (store, pattern) => void removeAlias(store, pattern),
};

const chains: RecordKind = {
  kind: "chain",
  list: (store) =>
    listChains(store).map(({ createdAt: _made, updatedAt, ...value }) => ({
      id: value.name,
      value,
      changedAt: updatedAt,
    })),
  put(store, _name, value) {
    const now = store.clock.now();
    saveChain(store, { ...chainInput.parse(value), createdAt: now, updatedAt: now });
  },
  remove: (store, chain) => void removeChain(store, chain),
};

const modelChains: RecordKind = {
  kind: "model-chain",
  list: (store) => listModelChains(store).map((value) => ({ id: value.model, value })),
  put: (store, _model, value) => void saveModelChain(store, modelChainInput.parse(value)),
  remove: (store, model) => void removeModelChain(store, model),
};

const settings: RecordKind = {
  kind: "setting",
  list(store) {
    const saved = readValues(store, "settings");
    return SHARED_SETTINGS.filter((setting) => saved[setting] !== undefined).map((setting) => ({
      id: setting,
      value: saved[setting],
    }));
  },
  put(store, id, value) {
    const setting = SHARED_SETTINGS.find((shared) => shared === id);
    if (!setting) throw mismatch();
    patchSettings(store, { [setting]: settingsShape.shape[setting].parse(value) });
  },
  remove(store, id) {
    if (SHARED_SETTINGS.some((shared) => shared === id))
      saveValues(store, "settings", { [id]: undefined }, "settings");
  },
};

/** Everything that is shared, in the order it is taken over: what others speak of comes first. */
export const RECORD_KINDS: readonly RecordKind[] = [
  nodes,
  customModels,
  prices,
  connections,
  apiKeys,
  combos,
  aliases,
  chains,
  modelChains,
  settings,
];

function sharedConnection(store: Store, connection: Connection): object {
  const {
    authType,
    name: label,
    priority,
    globalPriority,
    defaultModel,
    isActive,
    baseUrl,
    group,
  } = connection;
  const provider = sharedProvider(store, connection.provider);
  return {
    provider,
    authType,
    name: label,
    priority,
    isActive,
    ...(globalPriority !== undefined && { globalPriority }),
    ...(defaultModel !== undefined && { defaultModel }),
    ...(baseUrl !== undefined && { baseUrl }),
    ...(group !== undefined && { group }),
  };
}

/** What a connection has here and does not share. */
function ownPartOf({
  credentials,
  createdAt,
  needsSignIn,
  lastTest,
  lastError,
  lastUsedAt,
  email,
}: Connection) {
  return {
    credentials,
    createdAt,
    ...(needsSignIn !== undefined && { needsSignIn }),
    ...(lastTest !== undefined && { lastTest }),
    ...(lastError !== undefined && { lastError }),
    ...(lastUsedAt !== undefined && { lastUsedAt }),
    ...(email !== undefined && { email }),
  };
}

/** A node has another id on every device; its prefix is the same. */
const NODE = "node:";

function sharedProvider(store: Store, id: string): string {
  const node = listNodes(store).find((candidate) => candidate.id === id);
  return node ? NODE + node.prefix : id;
}

function ownProvider(store: Store, shared: string): string {
  if (!shared.startsWith(NODE)) return shared;
  const node = nodeOf(store, shared.slice(NODE.length));
  if (!node) throw new GatewayError("conflict", `The node \`${shared.slice(NODE.length)}\` is not here.`);
  return node.id;
}

const nodeOf = (store: Store, prefix: string) => listNodes(store).find((node) => node.prefix === prefix);
const comboOf = (store: Store, named: string) => listCombos(store).find((combo) => combo.name === named);

/** Provider and model as one id; a provider's id holds no space. */
const pair = (provider: string, model: string) => `${provider} ${model}`;
function parts(id: string): [string, string] {
  const at = id.indexOf(" ");
  return [id.slice(0, at), id.slice(at + 1)];
}

function present<T extends object>(fields: T) {
  type Present = { [K in keyof T]: Exclude<T[K], null> };
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined),
  ) as Present;
}

const mismatch = () => new GatewayError("conflict", "It does not fit what is here.");
