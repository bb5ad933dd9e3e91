import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { COMBO_STRATEGIES } from "../../src/core/strategy-names.ts";
import { createEngine, type Engine } from "../../src/engine.ts";
import { type Clock, systemClock } from "../../src/lib/clock.ts";
import { startServer } from "../../src/server.ts";
import { type ChaosUpstream, type Mischief, startChaosUpstream } from "./chaos-upstream.ts";
import { testConfig } from "./gateway.ts";
import { seededRandom } from "./random.ts";

export type ChaosOptions = { requests: number; concurrency: number; seed: number };

export type ChaosReport = {
  seconds: number;
  /** Answers that came whole. */
  whole: number;
  /** Streams that broke off after content, told as such, where nobody was to go on. */
  toldAsBroken: number;
  /** Answers that several upstreams had a part in. */
  continued: number;
  /** What must not be, in words. */
  violations: string[];
  /** How often each mischief was played. */
  mischief: { [what: string]: number };
  /** Heap in MiB after each tenth of the run, garbage collected. */
  heap: number[];
  /** What is left when all is over. */
  left: { upstreamCalls: number; inFlight: number; live: number; timers: number };
};

const ACTOR = { name: "chaos" };
const WORDS = 12;
const GAP_MS = 10;
/** Each upstream is flaky for one second out of four and a half; at any time another has been well for two. */
const PERIOD_MS = 4500;
const BAD_MS = 1000;
/** So much of what comes meanwhile goes wrong: a provider that fails always would soon not be asked any more. */
const FLAKY_SHARE = 0.6;
/** Failures are remembered by model, so that with many models many are met. */
const MODELS = 8;

/** Runs requests against three upstreams that take turns in misbehaving, and two that are never there. */
export async function runChaos({ requests, concurrency, seed }: ChaosOptions): Promise<ChaosReport> {
  const stage = await Stage.open(seed);
  const started = performance.now();
  const heap: number[] = [];
  let next = 0;
  const worker = async () => {
    while (next < requests) {
      const index = next++;
      await stage.request(index);
      if (index % Math.ceil(requests / 10) === 0) heap.push(usedMib());
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, worker));
    await stage.settled();
    return { ...stage.report(), seconds: (performance.now() - started) / 1000, heap };
  } finally {
    await stage.close();
  }
}

class Stage {
  readonly #violations: string[] = [];
  readonly #generations = new Map<string, number>();
  readonly #mischief: { [what: string]: number } = {};
  readonly #upstreams: ChaosUpstream[];
  readonly #begun = performance.now();
  #whole = 0;
  #toldAsBroken = 0;
  #continued = 0;

  private constructor(
    readonly seed: number,
    readonly engine: Engine,
    readonly url: string,
    readonly clock: CountingClock,
    readonly closing: () => Promise<void>,
  ) {
    this.#upstreams = [0, 1, 2].map((which) =>
      startChaosUpstream({
        words: WORDS,
        gapMs: GAP_MS,
        mischief: ({ tag }) => this.#trouble(which, tag),
        generated: (tag) => this.#generations.set(tag, (this.#generations.get(tag) ?? 0) + 1),
      }),
    );
  }

  static async open(seed: number): Promise<Stage> {
    const dataDir = mkdtempSync(join(tmpdir(), "omniroute-chaos-"));
    const clock = new CountingClock();
    const engine = await createEngine(testConfig(dataDir), {
      clock,
      random: seededRandom(seed),
      writeLine: () => {},
    });
    const server = startServer(engine);
    const stage = new Stage(seed, engine, `http://127.0.0.1:${server.port}`, clock, async () => {
      await server.stop();
      await engine.close();
      rmSync(dataDir, { recursive: true, force: true });
    });
    stage.#furnish();
    return stage;
  }

  #furnish(): void {
    const { manage } = this.engine;
    const [plain] = this.#upstreams;
    const nodes: [prefix: string, baseUrl: string][] = [
      ["dns", "http://nobody.invalid/v1"],
      ["tls", `${plain?.url.replace("http:", "https:")}/v1`],
      ...this.#upstreams.map(({ url }, index): [string, string] => [`u${index}`, `${url}/v1`]),
    ];
    for (const [prefix, baseUrl] of nodes) {
      const type = "openai-compatible" as const;
      const node = manage.nodes.create({ name: prefix, prefix, type, baseUrl }, ACTOR);
      manage.connections.create({ provider: node.id, name: prefix, apiKey: "chaos" }, ACTOR);
    }
    manage.resilience.change({ profiles: { apikey: { circuitBreakerReset: 1000 } } }, ACTOR);
    for (let index = 0; index < COMBO_STRATEGIES.length * 2 * MODELS; index++) {
      const { name, strategy, continueStream, model } = wayOf(index);
      const models = nodes.map(([prefix]) => ({ model: `${prefix}/${model}`, weight: 1 }));
      const config = { maxRetries: 1, retryDelayMs: 100, timeoutMs: 1000, continueStream };
      manage.combos.create({ name, models, strategy, config }, ACTOR);
    }
  }

  /** What is wrong with an upstream at this moment, for this request. */
  #trouble(which: number, tag: string): { what: Mischief; retrySeconds: number } | undefined {
    const now = (performance.now() - this.#begun) % PERIOD_MS;
    const from = (which * PERIOD_MS) / 3;
    if (now < from || now >= from + BAD_MS) return undefined;
    const random = seededRandom(this.seed * 1_000_003 + Bun.hash.crc32(`${tag} ${which}`));
    if (random() >= FLAKY_SHARE) return undefined;
    const what = MISCHIEF[Math.floor(random() * MISCHIEF.length)] ?? "500";
    this.#mischief[what] = (this.#mischief[what] ?? 0) + 1;
    return { what, retrySeconds: Math.max(1, Math.ceil((from + BAD_MS - now) / 1000)) };
  }

  async request(index: number): Promise<void> {
    const tag = `request ${index}`;
    const { name, strategy, continueStream } = wayOf(index);
    const response = await fetch(`${this.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        model: name,
        stream: true,
        messages: [{ role: "user", content: tag }],
      }),
    });
    this.#judge(tag, strategy, continueStream, response.status, await response.text());
  }

  #judge(tag: string, strategy: string, goesOn: boolean, status: number, wire: string): void {
    const text = textOf(wire);
    const isDone = wire.endsWith("data: [DONE]\n\n");
    const isError = wire.includes('"error"');
    const generations = this.#generations.get(tag) ?? 0;
    this.#generations.delete(tag);
    const wrong = (what: string) => this.#violations.push(`${tag} (${strategy}, ${goesOn}): ${what}`);
    if (generations > 1) wrong(`was generated ${generations} times`);
    if (status !== 200) return void wrong(`status ${status}: ${wire.slice(0, 300)}`);
    if (isDone && !isError && text === FULL) {
      this.#whole++;
      if (wire.includes("x-omniroute-continued-by")) this.#continued++;
      return;
    }
    const isPart = text !== "" && FULL.startsWith(text);
    if (!goesOn && isError && !isDone && isPart) this.#toldAsBroken++;
    else wrong(`done ${isDone}, error ${isError}, text "${text}"`);
  }

  /** Waits until nothing is under way any more. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 100; turn++) {
      const { upstreamCalls, inFlight, live } = this.#left();
      if (upstreamCalls + inFlight + live === 0) return;
      await Bun.sleep(50);
    }
  }

  report(): Omit<ChaosReport, "seconds" | "heap"> {
    return {
      whole: this.#whole,
      toldAsBroken: this.#toldAsBroken,
      continued: this.#continued,
      violations: this.#violations,
      mischief: this.#mischief,
      left: this.#left(),
    };
  }

  #left(): ChaosReport["left"] {
    return {
      upstreamCalls: this.#upstreams.reduce((sum, { open }) => sum + open, 0),
      inFlight: this.engine.router.limits.requestsInFlight,
      live: this.engine.liveRequests().length,
      timers: this.clock.pending,
    };
  }

  async close(): Promise<void> {
    await this.closing();
    for (const upstream of this.#upstreams) upstream.stop();
  }
}

const MISCHIEF: readonly Mischief[] = [
  "reset",
  "reset-mid",
  "reset-mid",
  "stall",
  "429",
  "429",
  "500",
  "503",
  "529",
  "broken-json",
  "html",
  "error-first",
  "empty",
];

const FULL = Array.from({ length: WORDS }, (_, index) => `w${index}`).join(" ");

/** Which combo a request goes through; all of them take their turns. */
function wayOf(index: number) {
  const strategy = COMBO_STRATEGIES[index % COMBO_STRATEGIES.length] ?? "priority";
  const round = Math.floor(index / COMBO_STRATEGIES.length);
  const continueStream = round % 2 === 0;
  const model = `m${Math.floor(round / 2) % MODELS}`;
  return { strategy, continueStream, model, name: `${strategy}.${continueStream ? "on" : "off"}.${model}` };
}

function textOf(wire: string): string {
  return wire
    .split("\n")
    .filter((line) => line.startsWith("data: {"))
    .map((line) => JSON.parse(line.slice(6)).choices?.[0]?.delta?.content ?? "")
    .join("");
}

function usedMib(): number {
  Bun.gc(true);
  return process.memoryUsage().heapUsed / 1_048_576;
}

/** The machine's clock, which knows how many timers wait. */
class CountingClock implements Clock {
  pending = 0;
  now = systemClock.now;
  monotonic = systemClock.monotonic;

  after(ms: number, callback: () => void): () => void {
    this.pending++;
    let isOver = false;
    const over = () => {
      if (isOver) return;
      isOver = true;
      this.pending--;
    };
    const cancel = systemClock.after(ms, () => {
      over();
      callback();
    });
    return () => {
      over();
      cancel();
    };
  }
}
