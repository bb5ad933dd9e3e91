import type { ComboConfig } from "./combo.ts";
import type { Connection } from "./connection.ts";
import type { ChatService, ModelDefinition, ProviderDefinition, Service, Services } from "./provider.ts";
import type { Effort } from "./request.ts";
import type { ServiceKind } from "./services.ts";

/** One model over one connection. */
export type Target = {
  provider: ProviderDefinition;
  connection: Connection;
  /** The id the provider knows. */
  modelId: string;
  /** What is known of the model; undefined for ids nobody listed. */
  model: ModelDefinition | undefined;
  /** `prefix/id`, as shown to people. */
  label: string;
  /** How much to think, where the name said so by a suffix (`gpt-5.2-codex-high`). */
  effort?: Effort;
  /** Ids of the combos it came through, outermost first. */
  combos?: readonly string[];
};

/** A target or model that was left out, and why. */
export type Exclusion = {
  model: string;
  connectionId?: string;
  /** For people. */
  reason: string;
  /** The reason as a fixed word. */
  kind?: string;
  /** When it may be used again, in milliseconds since 1970, where that is known. */
  until?: number;
};

/** How long and how often a plan's targets are tried. Times in milliseconds. */
export type PlanConfig = Required<
  Pick<ComboConfig, "maxRetries" | "retryDelayMs" | "timeoutMs" | "maxAttempts">
> &
  Pick<
    ComboConfig,
    "connectTimeoutMs" | "headersTimeoutMs" | "idleTimeoutMs" | "totalTimeoutMs" | "continueStream"
  >;

/** Targets in the order they will be tried. */
export type Plan = {
  requested: string;
  /** How the name was resolved, step by step. */
  resolved: readonly { step: string; from: string; to: string }[];
  strategy: string;
  combo?: string;
  targets: Target[];
  excluded: Exclusion[];
  config: PlanConfig;
  /** What differs for the targets of a provider, by its id. */
  providerConfig?: { readonly [provider: string]: PlanConfig | undefined };
  /** Turn counters that a real call moves on by one. */
  turns?: readonly string[];
  /** The conversation, for affinity; absent when it is off. */
  sessionKey?: string;
  /** The request's own wishes were followed; they are not for the provider's eyes. */
  overridden?: boolean;
  /** Connections that served the conversation before and lead their provider's for that reason. */
  affinity?: readonly string[];
  /** Targets that would stand further ahead, had they not failed a moment ago. */
  behind?: readonly Target[];
  /** Targets from position `from` on are a global fallback chain's. */
  chain?: { name: string; from: number };
};

/** How long and how often a target is tried. */
export const configFor = (plan: Plan, target: Target): PlanConfig =>
  plan.providerConfig?.[target.provider.id] ?? plan.config;

/** The chat service of a provider to use for a client's format: the same format where offered, else the first. */
export function chatServiceFor(target: Target, clientFormat: string): ChatService | undefined {
  const allowed = target.model?.formats;
  const services = allowed
    ? target.provider.chat.filter((service) => allowed.includes(service.format))
    : target.provider.chat;
  return services.find((service) => service.format === clientFormat) ?? services[0];
}

/** The service beside chat that serves a target's model; undefined where the provider has none for it. */
export function serviceFor<Kind extends ServiceKind>(
  { provider, model }: Pick<Target, "provider" | "model">,
  kind: Kind,
): Service<Kind> | undefined {
  if (model?.services && !model.services.includes(kind)) return undefined;
  const services: Services = provider.services ?? {};
  return services[kind];
}

/** The key under which health and cooldowns of a model over a connection are kept. */
export const healthKey = (target: { connection: { id: string }; modelId: string }): string =>
  `${target.connection.id}\u0000${target.modelId}`;
