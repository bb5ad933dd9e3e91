import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closedLoop, type Kind, percentile, steady, type Timing } from "./load.ts";
import { cpuMs, ended, rssMib, startScript } from "./process.ts";

/**
 * Prints what the compiled gateway costs beside a bare proxy, in one run: CPU per call, added latency and time to
 * first byte, memory, start-up and size. Figures only; nothing here passes or fails.
 */
const binary = join(import.meta.dir, "../dist/omniroute");
if (!existsSync(binary)) {
  console.error("Build the gateway first: bun run build");
  process.exit(2);
}
const ROUNDS = 3;
const WIDTH = 16;
const done = (text: string) => text.includes("[DONE]");
const stopped = (text: string) => text.includes("message_stop");
const whole = (text: string) => text.endsWith("}");
const chat = (model: string, more: object = {}) =>
  JSON.stringify({ model, messages: [{ role: "user", content: "Say something." }], ...more });
const messages = (model: string, more: object = {}) =>
  JSON.stringify({
    model,
    max_tokens: 1000,
    messages: [{ role: "user", content: "Say something." }],
    ...more,
  });
const usage = { stream: true, stream_options: { include_usage: true } };
const long = "All work and no play makes a dull day. ".repeat(5200);

type Row = { kind: Kind; bare?: Kind; count: number };
const kindOf = (name: string, path: string, body: string, complete: Kind["complete"]): Kind => ({
  name,
  path,
  body,
  complete,
});
const CHAT = "/v1/chat/completions";
const MESSAGES = "/v1/messages";
const ROWS: Row[] = [
  {
    kind: kindOf("whole, pass-through", CHAT, chat("openai/small"), whole),
    bare: kindOf("", CHAT, chat("small"), whole),
    count: 4000,
  },
  {
    kind: kindOf("whole, chat node rewritten", CHAT, chat("node/small"), whole),
    bare: kindOf("", CHAT, chat("small"), whole),
    count: 4000,
  },
  {
    kind: kindOf("whole, Messages → chat", MESSAGES, messages("openai/small"), whole),
    bare: kindOf("", CHAT, chat("small"), whole),
    count: 4000,
  },
  {
    kind: kindOf("whole, chat → Messages", CHAT, chat("anthropic/small"), whole),
    bare: kindOf("", MESSAGES, messages("small"), whole),
    count: 4000,
  },
  {
    kind: kindOf("whole, 200 KB, pass-through", CHAT, chat("openai/small", { user: long }), whole),
    bare: kindOf("", CHAT, chat("small", { user: long }), whole),
    count: 1500,
  },
  {
    kind: kindOf("stream of 16, pass-through", CHAT, chat("openai/small", usage), done),
    bare: kindOf("", CHAT, chat("small", usage), done),
    count: 3000,
  },
  {
    kind: kindOf("stream of 256, pass-through", CHAT, chat("openai/big", usage), done),
    bare: kindOf("", CHAT, chat("big", usage), done),
    count: 800,
  },
  {
    kind: kindOf(
      "stream of 256, Messages → chat",
      MESSAGES,
      messages("openai/big", { stream: true }),
      stopped,
    ),
    bare: kindOf("", CHAT, chat("big", usage), done),
    count: 800,
  },
  {
    kind: kindOf("stream of 256, chat → Messages", CHAT, chat("anthropic/big", usage), done),
    bare: kindOf("", MESSAGES, messages("big", { stream: true }), stopped),
    count: 800,
  },
  {
    kind: kindOf("combo, first refuses (503)", CHAT, chat("falls"), whole),
    bare: kindOf("", CHAT, chat("small"), whole),
    count: 3000,
  },
];

const upstream = await startScript(join(import.meta.dir, "mock-upstream.ts"));
const bare = await startScript(join(import.meta.dir, "bare-proxy.ts"), `http://127.0.0.1:${upstream.port}`);
const bareUrl = `http://127.0.0.1:${bare.port}`;
const dataDir = mkdtempSync(join(tmpdir(), "omniroute-bench-"));
const first = await startGateway(dataDir);
await configure(first.url, dataDir, `http://127.0.0.1:${upstream.port}/v1`);
await first.stop();
const gateway = await startGateway(dataDir);
const idleMib = rssMib(gateway.pid);

const size = statSync(binary).size / 1e6;
print(
  `omniroute ${size.toFixed(1)} MB · first answer after ${Math.round(first.startMs)} ms on an empty directory, ${Math.round(gateway.startMs)} ms after · idle ${idleMib.toFixed(0)} MiB\n`,
);

print("CPU-ms per 1,000 calls (median of interleaved rounds)\n");
print(`${"".padEnd(34)}${"gateway".padStart(10)}${"bare".padStart(10)}${"ratio".padStart(8)}`);
for (const { kind, bare: plain, count } of ROWS) {
  if (!plain) continue;
  await closedLoop(gateway.url, kind, 200, WIDTH);
  await closedLoop(bareUrl, plain, 200, WIDTH);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(
      await cost(gateway.pid, () => closedLoop(gateway.url, kind, count / ROUNDS, WIDTH), count / ROUNDS),
    );
    theirs.push(
      await cost(bare.pid, () => closedLoop(bareUrl, plain, count / ROUNDS, WIDTH), count / ROUNDS),
    );
  }
  const [a, b] = [percentile(ours, 0.5), percentile(theirs, 0.5)];
  print(
    `${kind.name.padEnd(34)}${a.toFixed(0).padStart(10)}${b.toFixed(0).padStart(10)}${(a / b).toFixed(2).padStart(8)}`,
  );
}

print("\nAdded milliseconds at 50 calls a second (gateway over bare proxy)\n");
print(
  `${"".padEnd(34)}${"p50".padStart(8)}${"p99".padStart(8)}${"ttfb p50".padStart(11)}${"ttfb p99".padStart(11)}`,
);
for (const name of [
  "whole, pass-through",
  "whole, Messages → chat",
  "stream of 16, pass-through",
  "combo, first refuses (503)",
]) {
  const row = ROWS.find(({ kind }) => kind.name === name);
  if (!row?.bare) continue;
  const theirs = await steady(bareUrl, row.bare, 50, 6);
  const ours = await steady(gateway.url, row.kind, 50, 6);
  const added = (pick: keyof Timing, share: number) =>
    (percentile(ours[pick], share) - percentile(theirs[pick], share)).toFixed(2);
  print(
    `${name.padEnd(34)}${added("total", 0.5).padStart(8)}${added("total", 0.99).padStart(8)}${added("firstByte", 0.5).padStart(11)}${added("firstByte", 0.99).padStart(11)}`,
  );
}

const small = ROWS[0]?.kind;
if (small) {
  await closedLoop(gateway.url, small, 20_000, WIDTH);
  const after = await cost(gateway.pid, () => closedLoop(gateway.url, small, 2000, WIDTH), 2000);
  print(
    `\nAfter 20,000 more calls: ${rssMib(gateway.pid).toFixed(0)} MiB, ${after.toFixed(0)} CPU-ms per 1,000 calls`,
  );
}
await Bun.sleep(1500);
print(
  `Log kept per call: ${((statSync(join(dataDir, "logs.sqlite")).size + walSize(dataDir)) / (await loggedCalls())).toFixed(0)} bytes`,
);
await gateway.stop();
await bare.stop();
await upstream.stop();
rmSync(dataDir, { recursive: true, force: true });

async function cost(pid: number, work: () => Promise<unknown>, count: number): Promise<number> {
  const before = cpuMs(pid);
  await work();
  return ((cpuMs(pid) - before) / count) * 1000;
}

async function startGateway(directory: string) {
  const started = performance.now();
  const child = Bun.spawn([binary, "--no-open", "--port", "20977"], {
    stdout: "ignore",
    stderr: "inherit",
    env: {
      ...process.env,
      DATA_DIR: directory,
      INITIAL_PASSWORD: "bench-password-9",
      MAX_CONCURRENT_REQUESTS: "8192",
    },
  });
  const url = "http://127.0.0.1:20977";
  const body = chat("mock/echo");
  for (;;) {
    const answered = await fetch(url + CHAT, { method: "POST", body }).then(
      (response) => response.ok,
      () => false,
    );
    if (answered) break;
    await Bun.sleep(2);
  }
  return { url, pid: child.pid, startMs: performance.now() - started, stop: () => ended(child) };
}

async function configure(url: string, directory: string, base: string): Promise<void> {
  const token = await Bun.file(join(directory, "cli-token")).text();
  const post = async (path: string, body: object): Promise<any> => {
    const response = await fetch(url + path, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${token.trim()}`, "content-type": "application/json" },
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  await post("/api/providers", {
    provider: "openai",
    name: "bench",
    apiKey: "sk-bench-key-1234567890",
    baseUrl: base,
  });
  await post("/api/providers", {
    provider: "anthropic",
    name: "bench",
    apiKey: "sk-bench-key-1234567890",
    baseUrl: base,
  });
  const { node } = await post("/api/provider-nodes", {
    name: "node",
    prefix: "node",
    type: "openai-compatible",
    baseUrl: base,
  });
  await post("/api/providers", { provider: node.id, name: "node", apiKey: "key" });
  // Each refusal sets the target back; a model named anew is asked first again, so the combo leads over mock/500.
  await post("/api/combos", { name: "falls", models: ["mock/500?status=400", "openai/small"] });
}

async function loggedCalls(): Promise<number> {
  const { Database } = await import("bun:sqlite");
  const database = new Database(join(dataDir, "logs.sqlite"), { readonly: true });
  const row = database.query("SELECT count(*) AS n FROM requests").get() as { n: number };
  database.close();
  return row.n;
}

function walSize(directory: string): number {
  const wal = join(directory, "logs.sqlite-wal");
  return existsSync(wal) ? statSync(wal).size : 0;
}

function print(line: string): void {
  console.log(line);
}
