import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAdmin } from "../../src/admin/index.ts";
import type { Config } from "../../src/core/config.ts";
import type { Combo, ComboInput } from "../../src/core/combo.ts";
import type { RequestRecord } from "../../src/core/record.ts";
import { createEngine, type Engine } from "../../src/engine.ts";
import { createGateway } from "../../src/gateway/index.ts";
import { listRequests } from "../../src/store/index.ts";
import { FakeClock } from "./fake-clock.ts";
import { testConfig } from "./gateway.ts";
import { seededRandom } from "./random.ts";
import { type OutboundScript, ScriptedOutbound } from "./scripted-outbound.ts";

/** A whole engine with its two API doors, a clock the test turns, fixed chance, and no socket anywhere. */
export type InProcess = {
  engine: Engine;
  clock: FakeClock;
  outbound: ScriptedOutbound;
  dataDir: string;
  log: string[];
  /** A node of the user's own with connections; models are called `prefix/model`. Gives the connections' ids. */
  node(prefix: string, options?: NodeOptions): string[];
  combo(name: string, models: ComboInput["models"], more?: Partial<ComboInput>): Combo;
  /** A call of the public API; the clock runs on until it is answered, for at most `withinMs`. */
  call(path: string, body: object | FormData, options?: CallOptions): Promise<Answer>;
  /** A call of the management API, as the owner. */
  admin(method: string, path: string, body?: unknown): Promise<AdminAnswer>;
  lastRequest(): RequestRecord;
  /** Chance begins anew with this seed. */
  reseed(seed: number): void;
  stop(): Promise<void>;
};

export type NodeOptions = {
  type?: "openai-compatible" | "anthropic-compatible";
  apiType?: "chat" | "responses";
  /** How many connections. Default 1. */
  connections?: number;
};
export type CallOptions = {
  headers?: { [name: string]: string };
  signal?: AbortSignal;
  /** How far the clock may run. Default: an hour. */
  withinMs?: number;
};
export type Answer = { status: number; headers: Headers; text: string };
export type AdminAnswer = { status: number; headers: Headers; body: any };

export type InProcessOptions = {
  config?: Partial<Config>;
  script?: OutboundScript;
  seed?: number;
  clock?: FakeClock;
};

const ACTOR = { name: "test" };
let calls = 0;

/** Builds it in an empty data directory of its own, which `stop` removes. */
export async function startInProcess(options: InProcessOptions = {}): Promise<InProcess> {
  const dataDir = options.config?.dataDir ?? mkdtempSync(join(tmpdir(), "omniroute-test-"));
  const clock = options.clock ?? new FakeClock();
  const outbound = new ScriptedOutbound(clock, options.script ?? (() => ({ type: "refuse" })));
  const log: string[] = [];
  let chance = seededRandom(options.seed ?? 1);
  const engine = await createEngine(testConfig(dataDir, options.config), {
    clock,
    random: () => chance(),
    outbound,
    writeLine: (line) => void log.push(line),
  });
  const gateway = createGateway(engine);
  const admin = createAdmin(engine);
  const token = readFileSync(join(dataDir, "cli-token"), "utf8").trim();

  /** As the server does it: a client's own id names the call. */
  const bindingsOf = (url: URL, request: Request) => ({
    requestId: request.headers.get("x-request-id") ?? `req_test_${++calls}`,
    url,
    path: url.pathname,
    peer: "127.0.0.1",
    passedOn: false,
    unlimited: () => {},
  });

  return {
    engine,
    clock,
    outbound,
    dataDir,
    log,
    node(prefix, { type = "openai-compatible", apiType = "chat", connections = 1 } = {}) {
      const baseUrl = `http://${prefix}.invalid/v1`;
      const node = engine.manage.nodes.create({ name: prefix, prefix, type, apiType, baseUrl }, ACTOR);
      return Array.from({ length: connections }, (_, index) => {
        const name = `${prefix} ${index + 1}`;
        const apiKey = `key-of-${prefix}-${index + 1}`;
        return engine.manage.connections.create(
          { provider: node.id, name, apiKey, priority: index + 1 },
          ACTOR,
        ).id;
      });
    },
    combo: (name, models, more = {}) => engine.manage.combos.create({ name, models, ...more }, ACTOR),
    async call(path, body, { headers = {}, signal, withinMs = 3_600_000 } = {}) {
      const url = new URL(path, "http://localhost:20128");
      const request = new Request(url, {
        method: "POST",
        headers: { ...(!(body instanceof FormData) && { "content-type": "application/json" }), ...headers },
        body: body instanceof FormData ? body : JSON.stringify(body),
        ...(signal && { signal }),
      });
      let isOver = false;
      const pending = Promise.resolve(gateway(request, bindingsOf(url, request)))
        .then(async (response): Promise<Answer> => {
          const { status, headers: told } = response;
          return { status, headers: told, text: await response.text() };
        })
        .finally(() => (isOver = true));
      // A body that breaks off rejects before anybody waits for it.
      pending.catch(() => {});
      await ranUntil(clock, withinMs, () => isOver);
      if (!isOver) throw new Error(`${path} was not answered within ${withinMs} ms.`);
      return pending;
    },
    async admin(method, path, body) {
      const url = new URL(path, "http://localhost:20128");
      const request = new Request(url, {
        method,
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const response = await admin.fetch(request, bindingsOf(url, request));
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: text === "" ? undefined : JSON.parse(text),
      };
    },
    lastRequest() {
      const [record] = listRequests(engine.store, { limit: 1 }).requests;
      if (!record) throw new Error("No request was logged.");
      return record;
    },
    reseed(seed) {
      chance = seededRandom(seed);
    },
    async stop() {
      await engine.close();
      if (options.config?.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

type Watch = { end: number; done: () => boolean; over: () => void };
const watches = new WeakMap<FakeClock, Watch[]>();

/** Lets promises go on, and time pass only where nothing else happens, until `done` or `withinMs` of it are over. */
export function ranUntil(clock: FakeClock, withinMs: number, done: () => boolean): Promise<void> {
  return new Promise((over) => {
    const watch = { end: clock.monotonic() + withinMs, done, over };
    const others = watches.get(clock);
    // One hand turns the clock, however many watch it.
    if (others && others.length > 0) return void others.push(watch);
    watches.set(clock, [watch]);
    void turn(clock);
  });
}

/** Enough for everything that can go on without time to come to rest. */
const TURNS = 25;

async function turn(clock: FakeClock): Promise<void> {
  for (let idle = 0; ;) {
    const next = clock.nextDue();
    const isLate = ({ end }: Watch) => idle >= TURNS && (next === undefined || next > end);
    const all = watches.get(clock) ?? [];
    const over = all.filter((watch) => watch.done() || isLate(watch));
    watches.set(
      clock,
      all.filter((watch) => !over.includes(watch)),
    );
    for (const watch of over) watch.over();
    if (over.length > 0) idle = 0;
    if (all.length === over.length) return;
    if (idle++ < TURNS) {
      await new Promise((resolve) => setImmediate(resolve));
    } else if (next !== undefined) {
      clock.advance(Math.max(0, next - clock.monotonic()));
      idle = 0;
    }
  }
}
