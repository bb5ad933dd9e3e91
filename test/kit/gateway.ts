import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config } from "../../src/core/config.ts";
import type { Combo, ComboInput } from "../../src/core/combo.ts";
import type { RequestRecord } from "../../src/core/record.ts";
import { type Engine, type EngineOptions, createEngine } from "../../src/engine.ts";
import { listRequests } from "../../src/store/index.ts";
import { startServer } from "../../src/server.ts";

/** A whole gateway on a real socket with an empty data directory of its own. */
export type TestGateway = {
  engine: Engine;
  /** `http://127.0.0.1:PORT` */
  url: string;
  port: number;
  dataDir: string;
  /** Log lines so far. */
  log: string[];
  /** A node of the user's own with one connection; models are called `prefix/model`. Gives the connection's id. */
  node(prefix: string, baseUrl: string, options?: NodeOptions): string;
  combo(name: string, models: ComboInput["models"], more?: Partial<ComboInput>): Combo;
  /** The log entry of the newest request. */
  lastRequest(): RequestRecord | undefined;
  stop(): Promise<void>;
};

export type NodeOptions = {
  type?: "openai-compatible" | "anthropic-compatible";
  apiType?: "chat" | "responses";
  apiKey?: string;
};

export const TEST_PASSWORD = "a long enough test password";
const ACTOR = { name: "test" };

/** What settings are in a test where it does not say. */
export const TEST_DEFAULTS: Config["defaults"] = {
  instanceName: "",
  logRetentionDays: 90,
  enableRequestLogs: false,
  cacheMaxEntries: 500,
  cacheTtlMs: 3_600_000,
  otlpEndpoint: "",
};

/** Configuration of a gateway under test: loopback, a free port, short limits where a test would have to wait. */
export function testConfig(dataDir: string, changes: Partial<Config> = {}): Config {
  return {
    version: "0.0.0-test",
    port: 0,
    host: "127.0.0.1",
    dataDir,
    clientHome: join(dataDir, "home"),
    clientTools: { writes: undefined, mode: "host", searchPath: [], programs: {} },
    baseUrl: "http://localhost:20128",
    initialPassword: TEST_PASSWORD,
    requireApiKey: undefined,

    cookieSecure: false,
    allowedHosts: [],
    trustedProxies: [],
    corsOrigins: [],
    connectTimeoutMs: 2000,
    fetchTimeoutMs: 20_000,
    streamIdleTimeoutMs: 20_000,
    maxBodyBytes: 50 * 1024 * 1024,
    maxConcurrentRequests: 512,
    // A test shares its loop with the gateway, and may well hold it up.
    maxLoopLagMs: 3_600_000,
    shutdownGraceMs: 5000,
    allowPrivateUpstreams: true,
    metricsToken: undefined,
    sync: { url: undefined, timeoutMs: 12_000 },
    providerKeys: {},
    oauth: {},
    secrets: {},
    proxy: {},
    logLevel: "warn",
    logFormat: "text",
    logFile: undefined,
    defaults: TEST_DEFAULTS,
    tracing: { serviceName: "omniroute", headers: {} },
    ...changes,
  };
}

/** Starts a gateway; `stop` ends it and removes its data. */
export async function startGateway(
  changes: Partial<Config> = {},
  options: EngineOptions = {},
): Promise<TestGateway> {
  const dataDir = changes.dataDir ?? mkdtempSync(join(tmpdir(), "omniroute-test-"));
  const config = testConfig(dataDir, changes);
  const log: string[] = [];
  const engine = await createEngine(config, {
    writeLine: (line) => void log.push(line),
    ...options,
  });
  const server = startServer(engine);
  return {
    engine,
    url: `http://127.0.0.1:${server.port}`,
    port: server.port,
    dataDir,
    log,
    node(prefix, baseUrl, { type = "openai-compatible", apiType = "chat", apiKey = "test-key" } = {}) {
      const node = engine.manage.nodes.create({ name: prefix, prefix, type, apiType, baseUrl }, ACTOR);
      return engine.manage.connections.create({ provider: node.id, name: prefix, apiKey }, ACTOR).id;
    },
    combo(name, models, more = {}) {
      return engine.manage.combos.create({ name, models, config: { maxRetries: 0 }, ...more }, ACTOR);
    },
    lastRequest: () => listRequests(engine.store, { limit: 1 }).requests[0],
    async stop() {
      await server.stop();
      await engine.close();
      if (changes.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
