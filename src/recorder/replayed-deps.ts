import type { Connection } from "../core/connection.ts";
import { badRequest, CODES, type ErrorCode, GatewayError } from "../core/errors.ts";
import type { ModelDefinition, ProviderDefinition } from "../core/provider.ts";
import type { RequestRecord } from "../core/record.ts";
import type { Effort } from "../core/request.ts";
import { DEFAULT_SETTINGS } from "../core/settings.ts";
import type { Plan, PlanConfig, Target } from "../core/target.ts";
import { ProofKeeper } from "../caching/index.ts";
import { PROVIDER_FORMATS } from "../formats/index.ts";
import type { Clock } from "../lib/clock.ts";
import { providerOfNode, PROVIDERS } from "../providers/index.ts";
import type { RelayDeps } from "../relay/index.ts";
import { HealthBoard, LimitBoard, QuotaBook, RoutingMemory } from "../routing/index.ts";
import { failureOf } from "./faults.ts";
import type { PlayedOutbound } from "./played-outbound.ts";
import type { KeptTarget, Recording } from "./recording.ts";

/** What a call needs on its way, out of a recording: its plan, its settings, and nothing of this machine. */
export function replayedDeps(
  recording: Recording,
  clock: Clock,
  outbound: PlayedOutbound,
  ended: (record: RequestRecord) => void,
): RelayDeps {
  const random = () => 0.5;
  const settings = { ...DEFAULT_SETTINGS, ...recording.settings };
  const plan = planner(recording);
  return {
    version: recording.release,
    clock,
    random,
    boundary: () => outbound.nextBoundary,
    outbound,
    formats: PROVIDER_FORMATS,
    health: new HealthBoard({ clock, random }),
    limits: new LimitBoard(clock),
    memory: new RoutingMemory(clock),
    quotas: new QuotaBook(clock),
    journal: { started: () => {}, ended },
    proofs: new ProofKeeper({ save: () => {}, find: () => undefined }, clock),
    tokens: tokensOf(recording, outbound),
    settings: () => settings,
    plan,
    planService: plan,
    priceOf: () => undefined,
    expectedPrice: () => undefined,
    streamIdleMs: recording.streamIdleMs,
  };
}

/** Signed-in accounts fail as often as they did then. */
function tokensOf({ accountFaults }: Recording, outbound: PlayedOutbound): RelayDeps["tokens"] {
  const asked = new Map<string, number>();
  return {
    ready(connection) {
      const nth = (asked.get(connection.id) ?? 0) + 1;
      asked.set(connection.id, nth);
      const failed = accountFaults.find((each) => each.connectionId === connection.id && each.nth === nth);
      if (failed) throw failureOf(failed.fault);
      return connection;
    },
    renew: (connection) => Promise.resolve(outbound.hasMore(connection.id) ? connection : undefined),
  };
}

/** The error a recorded call was refused with. */
export function refusalOf({ outcome, planFault }: Recording): GatewayError {
  const { errorCode, errorMessage = "No plan was recorded.", errorParam, status } = outcome;
  const code = planFault?.code ?? errorCode ?? "";
  return new GatewayError(isCode(code) ? code : "internal_server_error", planFault?.message ?? errorMessage, {
    ...(errorParam !== undefined && { param: errorParam }),
    ...(errorCode !== undefined && status >= 400 && { status }),
  });
}

function planner(recording: Recording): () => Plan {
  return () => {
    if (!recording.plan) throw refusalOf(recording);
    const { config, providerConfig, targets, ...rest } = recording.plan;
    return {
      ...rest,
      excluded: [],
      config: config as PlanConfig,
      ...(providerConfig && { providerConfig: providerConfig as NonNullable<Plan["providerConfig"]> }),
      targets: targets.map(targetOf),
    };
  };
}

const isCode = (code: string): code is ErrorCode => Object.hasOwn(CODES, code);

function targetOf(kept: KeptTarget): Target {
  return {
    provider: providerOf(kept),
    connection: connectionOf(kept),
    modelId: kept.modelId,
    model: kept.model as ModelDefinition | undefined,
    label: kept.label,
    ...(kept.effort !== undefined && { effort: kept.effort as Effort }),
  };
}

function providerOf({ provider: id, node }: KeptTarget): ProviderDefinition {
  if (node) return providerOfNode({ ...node, id, name: node.prefix, createdAt: 0, updatedAt: 0 });
  const known = PROVIDERS.find((provider) => provider.id === id);
  if (!known) throw badRequest(`This bundle cannot be played: the provider ${id} is not known here.`);
  return known;
}

/** An account whose credentials are the stars that were put over them. */
function connectionOf({ provider, connectionId, authType, credentials, baseUrl }: KeptTarget): Connection {
  return {
    id: connectionId,
    provider,
    authType: authType as Connection["authType"],
    name: "replayed",
    priority: 1,
    isActive: true,
    credentials: Object.fromEntries(
      Object.entries(credentials).map(([field, length]) => [field, "*".repeat(length)]),
    ),
    ...(baseUrl !== undefined && { baseUrl }),
    createdAt: 0,
    updatedAt: 0,
  };
}
