import { authHeaders } from "../accounts/index.ts";
import type { Connection } from "../core/connection.ts";
import { TargetFailure } from "../core/errors.ts";
import type { ProviderDefinition } from "../core/provider.ts";
import type { QuotaView, QuotaWindow } from "../core/quota.ts";
import type { RequestRecord } from "../core/record.ts";
import type { Clock } from "../lib/clock.ts";
import { isObject, tryParseJson } from "../lib/json.ts";
import type { Log } from "../lib/log.ts";
import {
  countedWindows,
  findQuotaSource,
  type OwnLimit,
  type QuotaMeter,
  type QuotaSource,
  type ReadWindow,
  type UseCounter,
  windowName,
} from "../metering/quota/index.ts";
import type { Outbound, OutboundResponse } from "../net/index.ts";
import type { Tokens } from "../relay/index.ts";
import type { HealthBoard, QuotaBook } from "../routing/index.ts";

export type WatchDeps = {
  clock: Clock;
  /** A number from 0 up to, not including, 1. */
  random: () => number;
  log: Log;
  outbound: Outbound;
  tokens: Tokens;
  meter: QuotaMeter;
  counter: UseCounter;
  health: HealthBoard;
  /** What plans read of quotas. */
  quotas: QuotaBook;
  connections(): readonly Connection[];
  provider(id: string): { provider: ProviderDefinition; modelIds: readonly string[] } | undefined;
  /** An address of the environment in place of the built-in one. */
  address(provider: string): string | undefined;
  ownLimits(connectionId: string): readonly OwnLimit[];
  /** May quotas keep calls from this connection? */
  isProtected(connectionId: string): boolean;
};

const LOOK_EVERY_MS = 30_000;
const WHILE_USED_MS = 5 * 60_000;
const WHILE_IDLE_MS = 60 * 60_000;
/** Somebody who presses the button again and again. */
const ON_DEMAND_MS = 15_000;
const PATIENCE_MS = 15_000;
const MAX_BYTES = 1024 * 1024;
/** Below this, an account that was spent has room again; nearer to the end, providers round. */
const ROOM_PERCENT = 95;
const SPENT_WITHOUT_RESET_MS = 60 * 60_000;
const MOST_AT_ONCE = 4;

/** Keeps what is known of quotas up to date, gently, and draws what follows from it. */
export class QuotaWatch {
  readonly #deps: WatchDeps;
  /** Steady clock: when a connection was asked about last, and when it may be again. */
  readonly #asked = new Map<string, { at: number; failures: number }>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #usedAt = new Map<string, number>();
  readonly #closing = new AbortController();
  #cancelLook: () => void = () => {};

  constructor(deps: WatchDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#schedule();
  }

  close(): void {
    this.#closing.abort();
    this.#cancelLook();
  }

  /** Does the connection's provider tell its quota? */
  isTold({ provider }: Connection): boolean {
    return findQuotaSource(provider) !== undefined;
  }

  /** The windows of a connection as they stand, counted ones brought up to now. */
  windows(connection: Connection): QuotaView[] {
    const limits = this.#deps.ownLimits(connection.id);
    if (limits.length > 0 || !this.isTold(connection)) this.#count(connection.id, limits);
    return this.#deps.meter.windows(connection.id).map((window) => this.#withTokens(connection.id, window));
  }

  /** What went over this gateway in a window of the whole account. */
  #withTokens(connectionId: string, window: QuotaView): QuotaView {
    const { scope, resetsAt, lengthMs, unit, used } = window;
    if (scope === "model") return window;
    if (unit === "tokens" && window.source === "counted" && used !== undefined)
      return { ...window, tokens: used };
    if (resetsAt === undefined || lengthMs === undefined) return window;
    return { ...window, tokens: this.#deps.counter.since(connectionId, resetsAt - lengthMs).tokens };
  }

  /** Takes what a call used. */
  record(record: RequestRecord): void {
    const { connectionId, usage } = record;
    if (connectionId === undefined) return;
    const { clock, counter, connections, ownLimits } = this.#deps;
    this.#usedAt.set(connectionId, clock.monotonic());
    if (!usage) return;
    const { input, output, cacheRead = 0, cacheWrite = 0 } = usage;
    const tokens = input + output + cacheRead + cacheWrite;
    counter.add(connectionId, clock.now(), { requests: 1, tokens, cost: record.cost ?? 0 });
    const limits = ownLimits(connectionId);
    const connection = limits.length > 0 && connections().find(({ id }) => id === connectionId);
    if (connection) this.#settle(connection, this.#count(connectionId, limits));
  }

  /** Takes what an answer's headers told. */
  headers(connectionId: string, windows: readonly QuotaWindow[]): void {
    this.#deps.meter.note(connectionId, { windows: windows.map(fromHeader) }, "header");
  }

  /** Asks now, unless that was done a moment ago. */
  async check(connection: Connection): Promise<void> {
    const source = findQuotaSource(connection.provider);
    const last = this.#asked.get(connection.id)?.at;
    const isRecent = last !== undefined && this.#deps.clock.monotonic() - last < ON_DEMAND_MS;
    if (!source || (isRecent && !this.#running.has(connection.id))) return;
    await this.#ask(connection, source);
  }

  /** The connection is gone, or another account is behind it. */
  forget(connectionId: string): void {
    const { meter, counter, quotas } = this.#deps;
    this.#asked.delete(connectionId);
    this.#usedAt.delete(connectionId);
    meter.forget(connectionId);
    counter.forget(connectionId);
    quotas.forget(connectionId);
  }

  #schedule(): void {
    const { clock, random } = this.#deps;
    this.#cancelLook = clock.after(LOOK_EVERY_MS * (0.8 + 0.4 * random()), () => {
      this.#look();
      this.#schedule();
    });
  }

  #look(): void {
    for (const connection of this.#deps.connections()) {
      const source = findQuotaSource(connection.provider);
      const isAskable = source && connection.isActive && connection.needsSignIn !== true;
      if (isAskable && this.#isDue(connection.id) && this.#running.size < MOST_AT_ONCE)
        void this.#ask(connection, source);
    }
  }

  #isDue(connectionId: string): boolean {
    const asked = this.#asked.get(connectionId);
    if (!asked) return true;
    const now = this.#deps.clock.monotonic();
    const isUsed = now - (this.#usedAt.get(connectionId) ?? -Infinity) < WHILE_USED_MS;
    const pause = Math.min(WHILE_IDLE_MS, (isUsed ? WHILE_USED_MS : WHILE_IDLE_MS) * 2 ** asked.failures);
    return now - asked.at >= pause;
  }

  /** One call per connection at a time. */
  #ask(connection: Connection, source: QuotaSource): Promise<void> {
    const running = this.#running.get(connection.id);
    if (running) return running;
    const failures = this.#asked.get(connection.id)?.failures ?? 0;
    this.#asked.set(connection.id, { at: this.#deps.clock.monotonic(), failures });
    const work = this.#askNow(connection, source).finally(() => this.#running.delete(connection.id));
    this.#running.set(connection.id, work);
    return work;
  }

  async #askNow(connection: Connection, source: QuotaSource): Promise<void> {
    const asked = this.#asked.get(connection.id)!;
    try {
      const usable = await this.#deps.tokens.ready(connection);
      const response = await this.#call(usable, source);
      if (!response) return;
      const refused = response.status === 401 ? await this.#deps.tokens.renew(usable) : undefined;
      const answer = refused ? await this.#call(refused, source) : response;
      await this.#take(connection, source, answer ?? response);
      asked.failures = 0;
    } catch (error) {
      const isTheirs = error instanceof TargetFailure;
      if (!isTheirs) this.#deps.log.error("quota", "A quota check failed.", { cause: error });
      asked.failures = Math.min(asked.failures + 1, 6);
      const reason = isTheirs ? error.message : "something went wrong here.";
      this.#deps.meter.failed(connection.id, `The quota could not be asked for: ${reason}`);
    }
  }

  async #call(connection: Connection, source: QuotaSource): Promise<OutboundResponse | undefined> {
    const { provider: findProvider, address, outbound } = this.#deps;
    const entry = findProvider(connection.provider);
    const own = address(connection.provider);
    const call =
      entry && source.call(own ?? source.url, own === undefined ? connection : withoutBase(connection));
    if (!call) return undefined;
    const { method, url, headers = {}, json } = call;
    return outbound.send({
      method,
      url,
      headers: {
        accept: "application/json",
        ...(json && { "content-type": "application/json" }),
        ...(headers.authorization === undefined && authHeaders(entry.provider, connection)),
        ...headers,
      },
      ...(json && { body: JSON.stringify(json) }),
      signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(PATIENCE_MS)]),
      userEntered: own !== undefined || connection.baseUrl !== undefined,
      headersTimeoutMs: PATIENCE_MS,
      via: { provider: connection.provider, connectionId: connection.id },
    });
  }

  async #take(connection: Connection, source: QuotaSource, response: OutboundResponse): Promise<void> {
    const text = await response.text(MAX_BYTES);
    if (response.status !== 200)
      throw new TargetFailure("malformed", `the provider answered with status ${response.status}.`);
    const { clock, meter } = this.#deps;
    const body = tryParseJson(text);
    const reading = isObject(body) ? source.read(body, clock.now(), connection) : undefined;
    if (!reading) throw new TargetFailure("malformed", "the provider answered with something unexpected.");
    meter.note(connection.id, reading, "endpoint");
    this.#settle(connection, reading.windows);
  }

  #count(connectionId: string, limits: readonly OwnLimit[]): ReadWindow[] {
    const { counter, clock, meter } = this.#deps;
    const windows = countedWindows(counter, connectionId, limits, clock.now());
    meter.note(connectionId, { windows }, "counted");
    return windows;
  }

  /** What follows from windows: plans know what is left, spent accounts and models are set aside, others return. */
  #settle(connection: Connection, windows: readonly ReadWindow[]): void {
    const { quotas, health, clock } = this.#deps;
    const binding = windows.filter(({ advisory, unlimited }) => !advisory && !unlimited);
    const account = binding.filter(({ scope }) => scope === "account");
    quotas.note(
      connection.id,
      account.flatMap(({ name, percent, resetsAt, lengthMs }) =>
        percent === undefined
          ? []
          : [
              {
                name,
                left: 1 - percent / 100,
                ...(resetsAt !== undefined && { resetsAt }),
                ...(lengthMs !== undefined && { lengthMs }),
              },
            ],
      ),
    );
    const hasRoom = account.length > 0 && account.every(({ percent = 0 }) => percent < ROOM_PERCENT);
    const isHeld = health
      .cooldowns()
      .some(
        (each) => each.connectionId === connection.id && each.modelId === undefined && each.kind === "quota",
      );
    if (hasRoom && isHeld) health.quotaReturned(connection.id);
    if (!this.#deps.isProtected(connection.id)) return;
    for (const window of binding) {
      if (window.percent === undefined || window.percent < 100) continue;
      const until = window.resetsAt ?? clock.now() + SPENT_WITHOUT_RESET_MS;
      for (const modelId of this.#modelsOf(connection, window))
        health.quotaSpent({ provider: connection.provider, connectionId: connection.id, modelId }, until);
    }
  }

  /** The models a window speaks of; undefined stands for the whole account. */
  #modelsOf({ provider }: Connection, { scope, model }: ReadWindow): (string | undefined)[] {
    if (scope === "account") return [undefined];
    const ids = this.#deps.provider(provider)?.modelIds ?? [];
    return ids.filter((id) => model !== undefined && (id === model || id.includes(model)));
  }
}

/** With an address of the environment, the account's own does not matter. */
function withoutBase(connection: Connection): Connection {
  const { baseUrl: _baseUrl, ...rest } = connection;
  return rest;
}

/** Headers name windows as the vendor does; people know them by their length. */
function fromHeader({ name, left, resetsAt, lengthMs }: QuotaWindow): ReadWindow {
  return {
    name: lengthMs === undefined ? (COMMON_NAMES[name] ?? name) : windowName(lengthMs),
    scope: "account",
    percent: (1 - left) * 100,
    ...(resetsAt !== undefined && { resetsAt }),
    ...(lengthMs !== undefined && { lengthMs }),
  };
}

const COMMON_NAMES: { readonly [name: string]: string } = {
  primary: "5h",
  secondary: "weekly",
  "7d": "weekly",
  "1d": "daily",
};
