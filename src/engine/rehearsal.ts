import type { Combo } from "../core/combo.ts";
import type { Caller } from "../core/key.ts";
import { badRequest, GatewayError } from "../core/errors.ts";
import type { ProviderDefinition } from "../core/provider.ts";
import type { RequestRecord } from "../core/record.ts";
import { healthKey, type Plan, type Target } from "../core/target.ts";
import { CLIENT_FORMATS } from "../formats/index.ts";
import { sleep } from "../lib/clock.ts";
import { SimulatedClock } from "../lib/simulated-clock.ts";
import { parseInput } from "../core/parse-input.ts";
import { receipt, type Receipt } from "../manage/index.ts";
import { createRelay, type RelayDeps } from "../relay/index.ts";
import {
  type Catalogue,
  HealthBoard,
  LimitBoard,
  liveView,
  makePlan,
  QuotaBook,
  resolveModel,
  RoutingMemory,
} from "../routing/index.ts";
import { faultFor, refuseStray, rehearsalInput, type RehearsalPlan } from "./rehearsal-input.ts";
import { type Part, rehearsedOutbound } from "./rehearsed-outbound.ts";

export type { Fault, RehearsalInput } from "./rehearsal-input.ts";
export { FAULT_KINDS } from "./rehearsal-input.ts";

/** How a combo got through what was done to it. */
export type Rehearsal = {
  combo: string;
  strategy: string;
  requests: RehearsedRequest[];
};

export type RehearsedRequest = {
  /** Milliseconds after the first request. */
  at_ms: number;
  /** The path in short: who was asked and what came of it. */
  path: { model: string; connection: string; outcome: string }[];
  /** `prefix/id` that answered whole; null when nothing did, or not to the end. */
  answered: string | null;
  status: number;
  /** The whole story, as a real call's receipt would tell it. */
  receipt: Receipt;
};

export type RehearsalDeps = { relay: RelayDeps; catalogue: Catalogue };

const REHEARSER: Caller = { keyId: "rehearsal", name: "rehearsal" };
const SAID = "This is a rehearsal: nobody outside is asked, and what is said here comes back.";

/**
 * Plays a combo through with faults put in the way of its targets. Planning, fallback, health and streaming are the
 * real ones; the providers are played inside this process, on a clock of its own. Throws `GatewayError`.
 */
export async function rehearse(deps: RehearsalDeps, combo: Combo, input: unknown): Promise<Rehearsal> {
  const wishes = parseInput(rehearsalInput, input);
  const stage = new Stage(deps, combo, wishes);
  const requests: RehearsedRequest[] = [];
  for (let turn = 0; turn < wishes.requests; turn++) {
    if (turn > 0) await stage.pause(wishes.gapMs);
    requests.push(await stage.play());
  }
  return { combo: combo.name, strategy: combo.strategy, requests };
}

/** Everything a request needs, made anew, so that nothing of a rehearsal is left behind. */
class Stage {
  readonly #clock: SimulatedClock;
  readonly #relay: RelayDeps;
  readonly #parts = new Map<string, Part>();
  readonly #places: Map<string, string[]>;
  #ended: RequestRecord | undefined;
  #turn = 0;

  constructor(
    readonly deps: RehearsalDeps,
    readonly combo: Combo,
    readonly wishes: RehearsalPlan,
  ) {
    const { cache: _cache, promptCache: _promptCache, ...real } = deps.relay;
    const clock = (this.#clock = new SimulatedClock(real.clock.now()));
    const { random } = real;
    const health = new HealthBoard({ clock, random, profiles: real.health.profiles });
    const memory = new RoutingMemory(clock);
    memory.restore(real.memory.snapshot());
    if (wishes.fromNow) health.restore(real.health.snapshot());
    this.#places = placesOf(combo, deps.catalogue);
    refuseStray(wishes.faults, this.#knownNames());
    this.#relay = {
      ...real,
      clock,
      health,
      memory,
      limits: new LimitBoard(clock, real.limits.options),
      quotas: new QuotaBook(clock),
      outbound: rehearsedOutbound(clock, (address) => this.#parts.get(address)),
      tokens: { ready: (connection) => connection, renew: () => Promise.resolve(undefined) },
      journal: { started: () => {}, ended: (record) => (this.#ended = record) },
      plan: () => this.#plan(),
    };
  }

  pause(ms: number): Promise<boolean> {
    return this.#clock.run(sleep(this.#clock, ms));
  }

  async play(): Promise<RehearsedRequest> {
    const at = this.#clock.monotonic();
    this.#ended = undefined;
    this.#turn++;
    await this.#clock.run(this.#call());
    const record = this.#ended as RequestRecord | undefined;
    if (!record) throw new Error("A rehearsed request left no record.");
    const names = new Map(
      this.deps.catalogue.entries.flatMap(({ connections }) => connections.map(({ id, name }) => [id, name])),
    );
    return {
      at_ms: Math.round(at),
      path: record.attempts.map(({ model, connectionName, outcome }) => ({
        model,
        connection: connectionName,
        outcome,
      })),
      answered: record.errorCode === undefined && record.status < 400 ? (record.model ?? null) : null,
      status: record.status,
      receipt: receipt(record, { connectionName: (id) => names.get(id) ?? id }),
    };
  }

  async #call(): Promise<void> {
    const { stream } = this.wishes;
    const body = { model: this.combo.name, stream, messages: [{ role: "user", content: SAID }] };
    try {
      const { response, ended } = await createRelay(this.#relay).chat({
        requestId: `rehearsal_${this.#turn}`,
        path: "/v1/chat/completions",
        format: CLIENT_FORMATS["openai-chat"],
        body: Buffer.from(JSON.stringify(body)),
        headers: new Headers(),
        caller: REHEARSER,
        signal: new AbortController().signal,
      });
      await response.text();
      await ended;
    } catch (error) {
      // That is one of the ways in which it can end; the record tells it.
      if (!(error instanceof GatewayError)) throw error;
    }
  }

  #plan(): Plan {
    const { clock, random, health, limits, memory, quotas, expectedPrice } = this.#relay;
    const request = {
      model: this.combo.name,
      clientFormat: "openai-chat",
      estimatedInputTokens: Math.ceil(SAID.length / 4),
      needsTools: false,
      needsVision: false,
      caller: REHEARSER,
    };
    const view = liveView({
      clock,
      random,
      health,
      limits,
      memory,
      quotas,
      price: (target, tokens) => expectedPrice(target, tokens) ?? { kind: "billed" },
    });
    const plan = makePlan(request, this.deps.catalogue, view);
    return { ...plan, targets: plan.targets.map((target) => this.#played(target)) };
  }

  /** The same target with a provider that is played here. */
  #played(target: Target): Target {
    const address = healthKey(target);
    const fault = faultFor(this.wishes.faults, this.#namesOf(target));
    this.#parts.set(address, {
      ...(fault && { fault }),
      ...(target.provider.builtIn && { model: target.modelId }),
    });
    const provider: ProviderDefinition = {
      ...target.provider,
      baseUrl: `mock://rehearsal/${encodeURIComponent(address)}`,
      auth: { type: "none" },
      chat: [{ format: "openai-chat", path: "/chat/completions", quirks: { clean: true } }],
    };
    const { baseUrl: _baseUrl, ...connection } = target.connection;
    const { formats: _formats, ...model } = target.model ?? { id: target.modelId };
    return { ...target, provider, connection: { ...connection, credentials: {} }, model };
  }

  #namesOf({ label, connection }: Target): string[] {
    return [connection.id, connection.name, label, ...(this.#places.get(label) ?? [])];
  }

  #knownNames(): Set<string> {
    const labels = [...this.#places.keys()];
    const places = this.combo.models.map((_entry, index) => String(index + 1));
    const connections = this.deps.catalogue.entries.flatMap((entry) => entry.connections);
    return new Set([...labels, ...places, ...connections.flatMap(({ id, name }) => [id, name])]);
  }
}

/** The places in the combo (from 1) at which each model stands, itself or through aliases and other combos. */
function placesOf(combo: Combo, catalogue: Catalogue): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const [index, { model }] of combo.models.entries()) {
    for (const label of labelsOf(model, catalogue, 0))
      places.set(label, [...(places.get(label) ?? []), String(index + 1)]);
  }
  return places;
}

const DEEPEST = 3;

function labelsOf(name: string, catalogue: Catalogue, depth: number): string[] {
  if (depth > DEEPEST) return [];
  try {
    const found = resolveModel(name, catalogue);
    return found.type === "models"
      ? found.models.map(({ label }) => label)
      : found.combo.models.flatMap(({ model }) => labelsOf(model, catalogue, depth + 1));
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return [];
  }
}

/** The combo of this id or name, the ready-made one included. Throws `bad_request`. */
export function comboToRehearse(catalogue: Catalogue, idOrName: string): Combo {
  const all = [...catalogue.combos.values(), ...(catalogue.auto ? [catalogue.auto] : [])];
  const found = all.find(({ id }) => id === idOrName) ?? all.find(({ name }) => name === idOrName);
  if (!found) throw badRequest(`There is no combo \`${idOrName}\`.`, "combo");
  return found;
}
