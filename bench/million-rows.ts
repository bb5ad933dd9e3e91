import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../src/config.ts";
import type { RequestRecord } from "../src/core/record.ts";
import { createEngine, type Engine } from "../src/engine.ts";
import { systemClock } from "../src/lib/clock.ts";
import { startServer } from "../src/server.ts";
import { addAudit } from "../src/store/index.ts";
import { median } from "./load.ts";
import { printTable, type Row } from "./table.ts";

/**
 * How long each page and each question takes while the log holds a million requests of ninety days, ten times what is
 * kept. `bun bench/million-rows.ts [rows]`. On a busy machine the CPU is the figure to trust; the asking is in it.
 */
const ROWS = Number(process.argv[2] ?? 1_000_000);
const DAYS = 90;
const DAY_MS = 86_400_000;
const ROUNDS = 5;
const MUST_MS = 100;

const PROVIDERS = ["openai", "anthropic", "gemini", "groq", "deepseek", "openrouter", "mistral", "glm"];
/** Who calls what over which account: people stay with a few of each. */
const WAYS = Array.from({ length: 120 }, (_, number) => {
  const provider = PROVIDERS[number % PROVIDERS.length]!;
  const hex = (kind: number) => `${kind}${String(number % (kind * 10)).padStart(7, "0")}`;
  return {
    provider,
    model: `${provider}/model-${number % 5}`,
    keyId: `${hex(2)}-0000-7000-8000-000000000000`,
    keyName: `key ${number % 20}`,
    connectionId: `${hex(4)}-0000-7000-8000-000000000000`,
    connectionName: `account ${number % 40}`,
  };
});

const PAGES = [
  "/dashboard",
  "/dashboard/logs",
  "/dashboard/logs?status=error",
  "/dashboard/logs?status=418",
  "/dashboard/logs?search=nowhere-to-be-found",
  "/dashboard/logs/REQUEST",
  "/dashboard/logs/audit",
  "/dashboard/logs/audit?action=rare.action",
  "/dashboard/logs/proxy",
  "/dashboard/logs/proxy?search=nowhere-to-be-found",
  "/dashboard/logs/console",
  "/dashboard/quota",
  "/dashboard/usage?range=1d",
  "/dashboard/usage?range=90d",
  "/dashboard/usage?range=90d&model=groq/model-3&time=first-content",
  "/dashboard/health",
  "/dashboard/costs",
  "/dashboard/endpoint",
  "/dashboard/providers",
  "/dashboard/settings/storage",
];
const CALLS = [
  "/api/usage/call-logs",
  "/api/usage/call-logs?provider=groq",
  "/api/usage/call-logs?provider=nobody",
  "/api/usage/call-logs?model=groq/model-3&status=error",
  "/api/usage/call-logs?apiKey=nobody",
  "/api/usage/call-logs?search=nowhere-to-be-found",
  "/api/usage/call-logs?cursor=OLDEST",
  "/api/usage/call-logs/REQUEST",
  "/api/receipts/REQUEST",
  "/api/usage/analytics?range=1d",
  "/api/usage/analytics?range=90d",
  "/api/usage/analytics?range=all",
  "/api/usage/history",
  "/api/usage/report",
  "/api/provider-metrics",
  "/api/telemetry/summary",
  "/api/telemetry/summary?windowMs=604800000",
  "/api/telemetry/history?windowMs=7776000000",
  "/api/telemetry/history?windowMs=604800000&per=hour",
  "/api/monitoring/health",
  "/api/usage/proxy-logs?search=nowhere-to-be-found",
  "/api/compliance/audit-log?action=rare.action",
  "/api/alerts",
  "/api/logs/console",
  "/api/storage/health",
  "/metrics",
];

let cookie: string | undefined;
const dataDir = mkdtempSync(join(tmpdir(), "omniroute-rows-"));
const { config } = readConfig({
  env: { DATA_DIR: dataDir, PORT: "0", INITIAL_PASSWORD: "a-bench-password" },
});
// What tidies up by and by would take most of the rows out again.
const clock = {
  ...systemClock,
  after: (ms: number, callback: () => void) =>
    ms < 60_000 ? systemClock.after(ms, callback) : () => undefined,
};
const engine = await createEngine({ ...config, logFile: undefined }, { clock, writeLine: () => {} });
const server = startServer(engine);
try {
  const started = performance.now();
  const { middle, oldest } = fill(engine);
  const seconds = (performance.now() - started) / 1000;
  const mib = statSync(join(dataDir, "logs.sqlite")).size / 1024 / 1024;
  console.log(`${ROWS} rows in ${seconds.toFixed(1)} s, ${mib.toFixed(0)} MiB\n`);
  const named = (path: string) => path.replace("REQUEST", middle).replace("OLDEST", oldest);
  const rows: Row[] = [];
  for (const path of [...PAGES, ...CALLS]) rows.push(await timed(path, named(path)));
  printTable(rows);
} finally {
  await server.stop();
  await engine.close();
  rmSync(dataDir, { recursive: true, force: true });
}

/** Writes the history; gives the id of a request in the middle of it and a cursor near its beginning. */
function fill({ store }: Engine): { middle: string; oldest: string } {
  const now = Date.now();
  const first = now - DAYS * DAY_MS;
  for (let number = 0; number < ROWS; number++) {
    store.requestLog.add(request(number, Math.floor(first + ((now - first) * number) / ROWS)));
    if (number % 500 === 499) store.requestLog.flush();
  }
  store.requestLog.flush();
  for (let number = 0; number < 20_000; number++) {
    store.proxyLog.add({
      at: first + number,
      level: "global",
      type: "http",
      host: "proxy.example:8080",
      target: "https://api.example/v1/chat/completions",
      provider: PROVIDERS[number % PROVIDERS.length]!,
      status: "ok",
      durationMs: 120,
    });
    if (number % 500 === 499) store.proxyLog.flush();
  }
  store.files.config.transaction(() => {
    for (let number = 0; number < 50_000; number++)
      addAudit(store, { action: "settings.update", actor: "admin", target: "settings", result: "ok" });
  })();
  return { middle: idOf(ROWS >> 1), oldest: String((first + 5 * DAY_MS) * 1024) };
}

function request(number: number, at: number): RequestRecord {
  const way = WAYS[(number * 7919) % WAYS.length]!;
  const failed = number % 50 === 0;
  const durationMs = 300 + ((number * 104_729) % 9000);
  return {
    id: idOf(number),
    at,
    path: "/v1/chat/completions",
    requestedModel: way.model,
    ...way,
    sourceFormat: "openai-chat",
    targetFormat: "openai-chat",
    stream: true,
    status: failed ? 502 : 200,
    ...(failed && { errorCode: "bad_gateway", errorMessage: "The provider's connection broke off." }),
    usage: { input: 1200 + (number % 800), output: 340, cacheRead: 800 },
    cost: 0.00123,
    costKind: number % 3 === 0 ? "shadow" : "billed",
    durationMs,
    firstContentMs: Math.round(durationMs / 4),
    attempts: [],
  };
}

function idOf(number: number): string {
  return `req_${number.toString(16).padStart(32, "0")}`;
}

/** The median of a few rounds, after one that warms up. */
async function timed(what: string, path: string): Promise<Row> {
  const times: number[] = [];
  const cpu: number[] = [];
  let status = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const began = performance.now();
    const used = process.cpuUsage();
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
      headers: await credentials(path),
    });
    await response.bytes();
    const { user, system } = process.cpuUsage(used);
    if (round > 0) {
      times.push(performance.now() - began);
      cpu.push((user + system) / 1000);
    }
    status = response.status;
  }
  return {
    what,
    value: median(times),
    unit: "ms",
    must: MUST_MS,
    note: `${status === 200 ? "" : `status ${status}, `}${median(cpu).toFixed(0)} ms of CPU`,
  };
}

async function credentials(path: string): Promise<Record<string, string>> {
  if (!path.startsWith("/dashboard"))
    return { authorization: `Bearer ${readFileSync(join(dataDir, "cli-token"), "utf8").trim()}` };
  if (cookie === undefined) {
    const response = await fetch(`http://127.0.0.1:${server.port}/api/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ password: "a-bench-password" }),
    });
    cookie = response.headers.get("set-cookie")?.split(";")[0] ?? "";
  }
  return { cookie };
}
