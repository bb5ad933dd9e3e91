import { COMBO_DEFAULTS } from "../core/combo.ts";
import type { Connection } from "../core/connection.ts";
import { type Caller, KEYLESS } from "../core/key.ts";
import type { Settings } from "../core/settings.ts";
import type { ModelDefinition, Price, ProviderDefinition } from "../core/provider.ts";
import type { Units } from "../core/reply.ts";
import type { Plan, Target } from "../core/target.ts";
import type { Clock } from "../lib/clock.ts";
import { Lru } from "../lib/lru.ts";
import { allowedFor } from "./key-scope.ts";
import { costKindOf, costOf, ListPrices, priceOf } from "../metering/index.ts";
import { MODEL_TYPE_OF } from "../core/services.ts";
import {
  type Call,
  conversationOf,
  overridesOf,
  type PlanOptions,
  type ServiceInbound,
} from "../relay/index.ts";
import {
  buildCatalogue,
  type Catalogue,
  type HealthBoard,
  LimitBoard,
  liveView,
  makePlan,
  NO_LIMITS,
  profilesWith,
  QuotaBook,
  type PlanRequest,
  type PriceReading,
  RoutingMemory,
  type Ticket,
} from "../routing/index.ts";
import {
  listAliases,
  listChains,
  listCombos,
  listConnections,
  listCustomModels,
  listModelChains,
  listNodes,
  listPrices,
  readSettings,
  type Store,
} from "../store/index.ts";

const EXPECTED_OUTPUT_TOKENS = 500;
const PRICES_REMEMBERED = 2000;

/** What routing reads, kept in memory and read anew when the store says that it changed. */
export class Router {
  readonly memory: RoutingMemory;
  readonly listPrices = new ListPrices();
  readonly #found = new Map<string, readonly ModelDefinition[]>();
  readonly limits: LimitBoard;
  /** What is left of the quotas of connections. */
  readonly quotas: QuotaBook;
  #catalogue: Catalogue;
  #connections: readonly Connection[];
  #settings: Settings;
  #prices: ReadonlyMap<string, Partial<Price>>;
  /** What the prices of models came to, since each call asks several times; as old as the catalogue. */
  #priced = new Lru<string, Price | "unknown">(PRICES_REMEMBERED);

  constructor(
    readonly store: Store,
    readonly clock: Clock,
    readonly random: () => number,
    readonly health: HealthBoard,
    readonly environment: readonly Connection[],
    readonly data: { readonly providers: readonly ProviderDefinition[] },
  ) {
    this.memory = new RoutingMemory(clock);
    this.limits = new LimitBoard(clock);
    this.quotas = new QuotaBook(clock);
    this.#settings = readSettings(store);
    this.#connections = this.#readConnections();
    this.#prices = readPrices(store);
    this.#catalogue = this.#build();
    this.#configure();
  }

  get catalogue(): Catalogue {
    return this.#catalogue;
  }

  get settings(): Settings {
    return this.#settings;
  }

  get connections(): readonly Connection[] {
    return this.#connections;
  }

  /** Reads everything again after a change. */
  reload(): void {
    this.#settings = readSettings(this.store);
    this.#connections = this.#readConnections();
    this.#prices = readPrices(this.store);
    this.#catalogue = this.#build();
    this.#configure();
  }

  /** Targets for a call, in order. Throws `GatewayError` when there are none. */
  plan(call: Call, options: PlanOptions = {}): Plan {
    const request = { ...planRequest(call, this.#settings), evenEmpty: options.evenEmpty ?? false };
    return makePlan(this.#held(request), this.#catalogue, this.#view(options.ticket));
  }

  /** Targets for a call for something beside chat, in order. Throws `GatewayError` when there are none. */
  planService(call: ServiceInbound, options: PlanOptions = {}): Plan {
    const request = { ...serviceRequest(call), evenEmpty: options.evenEmpty ?? false };
    return makePlan(this.#held(request), this.#catalogue, this.#view(options.ticket));
  }

  /** Targets for a name by itself, for pages and the command line. */
  planFor(model: string, caller: Caller): Plan {
    const request = {
      model,
      clientFormat: "other",
      estimatedInputTokens: 0,
      needsTools: false,
      needsVision: false,
      caller,
    };
    return makePlan(this.#held(request), this.#catalogue, this.#view());
  }

  /** Are calls through a combo of this name counted? */
  tracksMetrics(comboName: string | undefined): boolean {
    if (comboName === undefined) return false;
    const own = this.#catalogue.combos.get(comboName)?.config.trackMetrics;
    return own ?? this.#settings.comboDefaults.trackMetrics ?? true;
  }

  /** How long each background test of a combo's targets may take; undefined where none are wanted. */
  comboCheckMs(comboName: string): number | undefined {
    const combo = this.#catalogue.combos.get(comboName);
    const config = { ...COMBO_DEFAULTS, ...this.#settings.comboDefaults, ...combo?.config };
    return combo?.isActive && config.healthCheckEnabled ? config.healthCheckTimeoutMs : undefined;
  }

  /** The targets a call to a name would find now; none when nothing can be used. */
  targetsOf(name: string): readonly Target[] {
    try {
      return this.planFor(name, KEYLESS).targets;
    } catch {
      return [];
    }
  }

  /** What a server of the user's own has just said that it has; in force on the next request. */
  found(providerId: string, models: readonly ModelDefinition[]): void {
    const before = this.#found.get(providerId) ?? [];
    if (before.length === models.length && before.every(({ id }, index) => id === models[index]?.id)) return;
    this.#found.set(providerId, models);
    this.#catalogue = this.#build();
  }

  #withFound(provider: ProviderDefinition): ProviderDefinition {
    const found = this.#found.get(provider.id);
    return found ? { ...provider, models: [...provider.models, ...found] } : provider;
  }

  /** USD per 1M tokens; undefined when nobody knows. */
  priceOf(target: Target): Price | undefined {
    const { provider, model, modelId } = target;
    const key = priceKey(provider.id, modelId);
    let price = this.#priced.get(key);
    if (price === undefined) {
      const list = () => this.listPrices.find(provider.id, modelId);
      this.#priced.set(key, (price = priceOf(model, this.#prices.get(key), list) ?? "unknown"));
    }
    return price === "unknown" ? undefined : price;
  }

  /** What a call of so many input tokens and an answer of usual length would cost. */
  expectedPrice(target: Target, inputTokens: number, units?: Units): PriceReading {
    const price = this.priceOf(target);
    const kind = costKindOf(target.provider);
    const cost = costOf(
      { input: inputTokens, output: units ? 0 : EXPECTED_OUTPUT_TOKENS, ...(units && { units }) },
      price,
    );
    return cost === undefined ? { kind } : { cost, kind };
  }

  /** A request held to what the caller's key may use. */
  #held(request: PlanRequest): PlanRequest {
    const allowed = allowedFor(request.caller, this.#catalogue);
    return allowed ? { ...request, allowed } : request;
  }

  #view(ticket?: Ticket) {
    return liveView({
      clock: this.clock,
      random: this.random,
      health: this.health,
      limits: this.limits,
      memory: this.memory,
      quotas: this.quotas,
      ...(ticket && { ticket }),
      price: (target, inputTokens, units) => this.expectedPrice(target, inputTokens, units),
    });
  }

  /** Changed profiles and limits hold from the next call on. */
  #configure(): void {
    const { resilienceProfiles, limitDefaults, connectionLimits } = this.#settings;
    this.health.configure(profilesWith(resilienceProfiles));
    this.limits.configure({
      defaults: { ...NO_LIMITS.defaults, ...limitDefaults },
      connections: connectionLimits,
    });
  }

  #readConnections(): Connection[] {
    return [...listConnections(this.store), ...this.environment];
  }

  #build(): Catalogue {
    this.#priced.clear();
    return buildCatalogue({
      providers: this.data.providers.map((provider) => this.#withFound(provider)),
      nodes: listNodes(this.store),
      connections: this.#connections,
      combos: listCombos(this.store),
      aliases: listAliases(this.store),
      chains: listChains(this.store),
      modelChains: listModelChains(this.store),
      customModels: listCustomModels(this.store),
      settings: this.#settings,
    });
  }
}

function planRequest(call: Call, settings: Settings): PlanRequest {
  const { inbound, facts } = call;
  const overrides = overridesOf(call, settings);
  const conversation = conversationOf(call);
  const connectionId = inbound.headers.get("x-omniroute-connection");
  return {
    model: call.model,
    clientFormat: inbound.format.id,
    estimatedInputTokens: facts.estimatedInput,
    needsTools: facts.needsTools,
    needsVision: facts.needsVision,
    caller: inbound.caller,
    sessionKey: conversation.key,
    opening: conversation.guessed && conversation.opening,
    ...(overrides && { overrides }),
    ...(inbound.providerRoute !== undefined && { provider: inbound.providerRoute }),
    ...(connectionId && { connectionId }),
  };
}

function serviceRequest(call: ServiceInbound): PlanRequest {
  const connectionId = call.headers.get("x-omniroute-connection");
  return {
    model: call.model,
    clientFormat: "other",
    modelType: MODEL_TYPE_OF[call.kind],
    service: call.kind,
    estimatedInputTokens: call.expected.inputTokens,
    expectedUnits: call.expected.units,
    needsTools: false,
    needsVision: false,
    caller: call.caller,
    ...(call.providerRoute !== undefined && { provider: call.providerRoute }),
    ...(connectionId && { connectionId }),
  };
}

function readPrices(store: Store): Map<string, Partial<Price>> {
  return new Map(listPrices(store).map(({ provider, model, price }) => [priceKey(provider, model), price]));
}

const priceKey = (provider: string, model: string): string => `${provider}\u0000${model}`;
