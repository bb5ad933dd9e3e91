import type { Combo } from "../../src/core/combo.ts";
import type { Connection } from "../../src/core/connection.ts";
import { KEYLESS } from "../../src/core/key.ts";
import type { ProviderNode } from "../../src/core/node.ts";
import { defineProvider, type ProviderDefinition } from "../../src/core/provider.ts";
import type { Target } from "../../src/core/target.ts";
import {
  buildCatalogue,
  type Catalogue,
  type CatalogueInput,
  type PlanRequest,
  type RoutingView,
} from "../../src/routing/index.ts";

/** Eight made-up services that stand for the kinds there are, and the built-in one. */
export const PROVIDERS: readonly ProviderDefinition[] = [
  provider("claude", {
    prefixes: ["cc"],
    tier: "subscription",
    models: ["claude-opus-4-6", "claude-sonnet-4-5"],
  }),
  provider("openai", { models: ["gpt-5", "gpt-5-mini", "text-embedding-3-small"] }),
  provider("groq", {
    models: ["llama-3.3-70b-versatile", "shared-model"],
    renames: { "llama-3.3-70b": "llama-3.3-70b-versatile" },
  }),
  provider("nvidia", {
    models: ["meta/llama-3.3-70b-instruct", "nvidia/nv-embedqa-e5-v5"],
    renames: { "llama-3.3-70b-instruct": "meta/llama-3.3-70b-instruct" },
  }),
  provider("openrouter", { prefixes: ["or"], models: ["anthropic/claude-sonnet-4"] }),
  provider("glm", { tier: "cheap", models: ["glm-4.7", "shared-model"] }),
  defineProvider({
    ...provider("iflow", { prefixes: ["if"], tier: "free", models: ["kimi-k2-thinking"] }),
    auth: { type: "none" },
    status: { state: "shut-down", since: "2026-04-17", note: "It closed.", replacement: "glm/glm-4.7" },
  }),
  defineProvider({
    ...provider("mock", { prefixes: ["omniroute-mock"], tier: "free", models: ["echo", "slow", "429"] }),
    auth: { type: "none" },
    builtIn: true,
  }),
];

export function provider(
  id: string,
  facts: {
    prefixes?: string[];
    tier?: ProviderDefinition["tier"];
    models?: (string | ProviderDefinition["models"][number])[];
    renames?: { [id: string]: string };
  } = {},
): ProviderDefinition {
  return defineProvider({
    id,
    ...(facts.prefixes && { prefixes: facts.prefixes }),
    name: id.toUpperCase(),
    tier: facts.tier ?? "api-key",
    auth: { type: "key", header: "authorization", prefix: "Bearer " },
    baseUrl: `https://${id}.invalid/v1`,
    chat: [{ format: "openai-chat", path: "/chat/completions" }],
    models: (facts.models ?? []).map((model) =>
      typeof model === "string"
        ? { id: model, ...(model.includes("embed") && { type: "embedding" as const }) }
        : model,
    ),
    ...(facts.renames && { renames: facts.renames }),
  });
}

let created = 0;

/** A connection; `id` begins with the provider's id, as in `groq:1`. */
export function connection(id: string, facts: Partial<Connection> = {}): Connection {
  created++;
  return {
    id,
    provider: id.split(":")[0] ?? id,
    authType: "apikey",
    name: `account ${id}`,
    priority: 1,
    isActive: true,
    credentials: { apiKey: `secret-of-${id}` },
    createdAt: created,
    updatedAt: created,
    ...facts,
  };
}

export function combo(name: string, models: Combo["models"] | string[], facts: Partial<Combo> = {}): Combo {
  return {
    id: `id-of-${name}`,
    name,
    models: models.map((model) => (typeof model === "string" ? { model } : model)),
    strategy: "priority",
    config: {},
    isActive: true,
    createdAt: 1,
    updatedAt: 1,
    ...facts,
  };
}

export function node(prefix: string, facts: Partial<ProviderNode> = {}): ProviderNode {
  return {
    id: `openai-compatible-chat-${prefix}`,
    name: `Node ${prefix}`,
    prefix,
    type: "openai-compatible",
    apiType: "chat",
    baseUrl: "http://localhost:9/v1",
    createdAt: 1,
    updatedAt: 1,
    ...facts,
  };
}

export function catalogueOf(input: Partial<CatalogueInput> = {}): Catalogue {
  return buildCatalogue({
    providers: PROVIDERS,
    nodes: [],
    connections: [connection("claude:1"), connection("openai:1"), connection("groq:1"), connection("glm:1")],
    combos: [],
    aliases: [],
    chains: [],
    customModels: [],
    ...input,
    settings: { blockedProviders: [], mockEnabled: true, comboDefaults: {}, ...input.settings },
  });
}

/** A moment in which everything works and nothing was used yet. */
export function calmView(facts: Partial<RoutingView> = {}): RoutingView {
  return {
    now: Date.UTC(2026, 10, 21, 9, 30),
    random: () => 0,
    turn: () => 0,
    uses: () => 0,
    lastUsedAt: () => undefined,
    servedBy: () => undefined,
    standing: () => ({ usable: true, behind: false }),
    vitals: () => ({ failureShare: 0, inFlight: 0 }),
    price: () => undefined,
    quotaLeft: () => undefined,
    quotas: () => [],
    ...facts,
  };
}

export function ask(model: string, facts: Partial<PlanRequest> = {}): PlanRequest {
  return {
    model,
    clientFormat: "openai-chat",
    estimatedInputTokens: 100,
    needsTools: false,
    needsVision: false,
    caller: KEYLESS,
    ...facts,
  };
}

/** `label@connection`, as tests compare plans. */
export const told = (targets: readonly Target[]): string[] =>
  targets.map((target) => `${target.label}@${target.connection.id}`);

/** A target of a made-up provider: `groq/model` over `groq:1`. */
export function target(label: string, connectionId: string, facts: Partial<Target> = {}): Target {
  const slash = label.indexOf("/");
  const definition =
    PROVIDERS.find(({ id }) => id === label.slice(0, slash)) ?? provider(label.slice(0, slash));
  return {
    provider: definition,
    connection: connection(connectionId, { provider: definition.id }),
    modelId: label.slice(slash + 1),
    model: undefined,
    label,
    ...facts,
  };
}
