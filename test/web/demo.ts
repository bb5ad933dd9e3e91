import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { summaryOf } from "../../src/core/eval-run.ts";
import type { RequestRecord } from "../../src/core/record.ts";
import { seededRandom } from "../kit/random.ts";
import { saveEvalRun } from "../../src/store/index.ts";
import type { TestGateway } from "../kit/gateway.ts";
import { chatReply, chatStream, startUpstream, type Upstream } from "../kit/upstream.ts";

const ACTOR = { name: "admin", ip: "127.0.0.1" };
const HOUR = 3_600_000;

/** What a demo has put in, for tests that look for it. */
export type Demo = {
  comboId: string;
  keyId: string;
  keyGroupId: string;
  connectionId: string;
  nodeId: string;
  requestId: string;
  evalRunId: string;
  /** A call that was kept with its bodies. */
  recordedId: string;
  /** A call whose prompt no longer fitted the provider's cache. */
  brokenId: string;
};

/** A server of the user's own: it lists two models and says hello. `gap`: milliseconds between its words. */
export function friendlyUpstream({ gap = 0 } = {}): Upstream {
  return startUpstream(({ path, body }) => {
    if (!path.startsWith("/v1/")) return { type: "text", status: 404, body: "Not here." };
    if (path.endsWith("/models")) return { type: "json", body: { data: [{ id: "small" }, { id: "large" }] } };
    return body?.stream
      ? { type: "stream", chunks: chatStream("Hello from far away!"), gap }
      : { type: "json", body: chatReply("Hello!") };
  });
}

/**
 * Fills an installation as a month of use would: accounts in every state, an own endpoint, combos, keys, and a day of
 * requests, some of them real ones through the mock provider.
 */
export async function fillDemo(gateway: TestGateway, upstreamUrl: string): Promise<Demo> {
  const { engine } = gateway;
  const { connections, nodes, combos, models, settings } = engine.manage;
  settings.change({ instanceName: "studio.local" }, ACTOR);

  const openai = connections.create(
    { provider: "openai", name: "Team account", apiKey: "sk-demo-openai-4f7a" },
    ACTOR,
  );
  connections.create(
    { provider: "openai", name: "Private account", apiKey: "sk-demo-openai-90be", priority: 2 },
    ACTOR,
  );
  const anthropic = connections.create(
    { provider: "anthropic", name: "Anthropic", apiKey: "sk-ant-demo-77c1" },
    ACTOR,
  );
  const groq = connections.create({ provider: "groq", name: "Groq", apiKey: "gsk-demo-3e02" }, ACTOR);
  connections.create({ provider: "glm", name: "Z.ai", apiKey: "demo-glm-key-55aa", isActive: false }, ACTOR);
  const node = nodes.create(
    { name: "GPU server", prefix: "gpu", type: "openai-compatible", baseUrl: `${upstreamUrl}/v1` },
    ACTOR,
  );
  const gpu = connections.create({ provider: node.id, name: "GPU server" }, ACTOR);
  models.add(
    ["qwen3-coder-480b", "deepseek-v3.2", "nomic-embed-text"].map((id) => ({ provider: node.id, id })),
    ACTOR,
  );

  const coding = combos.create(
    {
      name: "my-coding-stack",
      strategy: "priority",
      models: ["anthropic/claude-sonnet-4-6", "gpu/qwen3-coder-480b", "if/kimi-k2-thinking", "mock/echo"],
    },
    ACTOR,
  );
  combos.create(
    {
      name: "cheap-and-fast",
      strategy: "weighted",
      models: [
        { model: "groq/llama-3.3-70b-versatile", weight: 3 },
        { model: "mock/echo", weight: 1 },
      ],
    },
    ACTOR,
  );
  combos.create({ name: "try-it", models: ["mock/429?after=1", "mock/cut?at=0", "mock/echo"] }, ACTOR);

  engine.manage.aliases.save({ pattern: "claude-sonnet-*", target: "my-coding-stack" }, ACTOR);
  engine.manage.chains.save(
    { name: "last-resort", match: "production-*", models: ["groq/llama-3.3-70b-versatile", "mock/echo"] },
    ACTOR,
  );

  const group = engine.access.groups.create(
    {
      name: "Coding agents",
      note: "Everything that runs by itself",
      limits: { requestsPerMinute: 120, maxConcurrent: 8 },
    },
    ACTOR,
  );
  const laptop = engine.access.createKey({
    name: "Laptop",
    groupId: group.id,
  });
  const ci = engine.access.createKey({
    name: "CI",
    groupId: group.id,
    expiresAt: engine.clock.now() + 40 * 24 * HOUR,
  });
  engine.access.createKey({ name: "Anna's editor", scopes: ["inference", "metrics"], noLog: true });
  const old = engine.access.createKey({ name: "Old tablet" });
  engine.access.revokeKey(old.record.id);

  const now = engine.clock.now();
  const by: Callers = { keys: [laptop.record, ci.record], accounts: [openai, anthropic, groq] };
  for (const record of pastMonths(now, by)) engine.store.requestLog.add(record);
  for (const record of pastDay(now, by)) {
    engine.store.requestLog.add(record);
    engine.quotas.record(record);
    engine.access.countCall(record);
  }
  // After the past, which budgets begin with.
  engine.access.updateKey(laptop.record.id, { budget: { dailyLimitUsd: 2, monthlyLimitUsd: 40 } });
  engine.access.groups.update(group.id, { budget: { dailyLimitUsd: 5, monthlyLimitUsd: 60 } }, ACTOR);
  // What the accounts may still use: told by answers' headers, and written down by hand.
  engine.router.quotas.onHeaders?.(anthropic.id, [
    { name: "5h", left: 0.37, resetsAt: now + 1.7 * HOUR, lengthMs: 5 * HOUR },
    { name: "weekly", left: 0.16, resetsAt: now + 61 * HOUR, lengthMs: 168 * HOUR },
  ]);
  engine.manage.quotas.setLimits(openai.id, [{ name: "monthly", limit: 4_000_000, unit: "tokens" }], ACTOR);
  engine.manage.quotas.setLimits(groq.id, [{ name: "daily", limit: 100, unit: "requests" }], ACTOR);
  engine.network.proxies.change(
    { connections: { [groq.id]: { type: "socks5", host: "proxy.example", port: 1080 } } },
    () => true,
  );

  engine.log.warn("net", "The provider refused the connection", { host: "gpu.example", attempt: 1 });
  engine.log.error("store", "A daily backup failed: there is no space left on the disk");
  installClients(engine.config.clientHome);
  engine.clients.apply("claude", { model: coding.name, apiKey: laptop.key }, gateway.url, {
    actor: ACTOR,
    isLocal: true,
  });

  for (const model of ["mock/500?status=503", "mock/think", "mock/echo", "try-it", "try-it"])
    await ask(gateway.url, laptop.key, model);
  await connections.test(gpu.id, AbortSignal.timeout(5000));

  const evalRunId = keepEvalRun(gateway, now);
  const last = gateway.lastRequest();
  const brokenId = await breakPrompt(gateway, laptop.key);
  const recordedId = await recordCall(gateway, laptop.key);
  return {
    comboId: coding.id,
    keyId: laptop.record.id,
    keyGroupId: group.id,
    connectionId: openai.id,
    nodeId: node.id,
    requestId: last?.id ?? "",
    evalRunId,
    recordedId,
    brokenId,
  };
}

/** A call that is kept with its bodies, and one that was refused. Gives the first one's id. */
async function recordCall({ engine, url }: TestGateway, key: string): Promise<string> {
  const recorded = async (path: string, body: object) => {
    const answer = await fetch(url + path, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "x-omniroute-debug": "true" },
      body: JSON.stringify(body),
    });
    await answer.text();
    const id = answer.headers.get("x-request-id") ?? "";
    for (let round = 0; round < 400 && !engine.recorder.find(id); round++) await Bun.sleep(5);
    return id;
  };
  await recorded("/v1/embeddings", { model: "nobody/has-it", input: "Hello" });
  const messages = [{ role: "user", content: "Which test is the slowest?" }];
  return recorded("/v1/messages", { model: "mock/echo", max_tokens: 50, messages });
}

/** A conversation whose system text tells the time, seen byte for byte. Gives the second turn's id. */
async function breakPrompt({ engine, url }: TestGateway, key: string): Promise<string> {
  engine.manage.settings.change({ promptDiffs: true }, ACTOR);
  const rules =
    "Answer briefly, name the files you changed, and run the tests before you say that it works. ";
  const turn = async (time: string) => {
    const messages = [
      { role: "system", content: `It is ${time}, a Tuesday.\n${rules.repeat(50)}` },
      { role: "user", content: "Which test is the slowest?" },
    ];
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "x-session-id": "demo" },
      body: JSON.stringify({ model: "mock/echo", messages }),
    });
    await answer.text();
    return answer.headers.get("x-request-id") ?? "";
  };
  await turn("10:41");
  const id = await turn("10:57");
  for (let round = 0; round < 400 && !engine.caches.promptCache.diffOf(id); round++) await Bun.sleep(5);
  return id;
}

/** A run of the built-in questions over two models, as it might have ended. */
function keepEvalRun({ engine }: TestGateway, now: number): string {
  const { cases } = engine.evals.suites.find("golden-set");
  const models = ["anthropic/claude-sonnet-4-6", "gpu/qwen3-coder-480b"];
  const results = cases.flatMap(({ id }, index) =>
    models.map((model, column) => ({
      caseId: id,
      model,
      answeredBy: model,
      passed: column === 0 || index % 4 !== 3,
      durationMs: 700 + 90 * index + 400 * column,
      details: column === 0 || index % 4 !== 3 ? "As expected." : "Not what was expected.",
      output: "An answer.",
      ...(column === 0 && { cost: 0.0004 }),
    })),
  );
  const at = now - 2 * HOUR;
  const run = {
    id: "demo-run",
    at,
    finishedAt: at + 14_000,
    suiteId: "golden-set",
    suiteName: "OmniRoute Golden Set",
  };
  saveEvalRun(engine.store, { ...run, status: "done", models, summary: summaryOf(results), results });
  return run.id;
}

/** Some of the clients people have, one of them pointed at another server, one with settings that are broken. */
function installClients(home: string): void {
  const files = {
    ".local/bin/claude": "#!/bin/sh\n",
    ".local/bin/codex": "#!/bin/sh\n",
    ".local/bin/opencode": "#!/bin/sh\n",
    ".local/bin/gemini": "#!/bin/sh\n",
    ".cursor/argv.json": "{}",
    ".claude/settings.json": `{ "permissions": { "allow": ["Bash(git status)"] } }\n`,
    ".gemini/.env": "GOOGLE_GEMINI_BASE_URL=https://proxy.example.org\n",
    ".config/opencode/opencode.json": `{ "theme": `,
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text, { mode: path.includes("/bin/") ? 0o755 : 0o600 });
  }
}

/** One chat call through the front door. */
export async function ask(url: string, key: string, model: string): Promise<Response> {
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Say hello to the dashboard." }] }),
  });
  await answer.text();
  return answer;
}

const CALLS = [
  {
    asked: "my-coding-stack",
    model: "anthropic/claude-sonnet-4-6",
    provider: "anthropic",
    combo: "my-coding-stack",
    price: [3, 15],
  },
  {
    asked: "openai/gpt-5.2",
    model: "openai/gpt-5.2",
    provider: "openai",
    combo: undefined,
    price: [1.25, 10],
  },
  {
    asked: "cheap-and-fast",
    model: "groq/llama-3.3-70b-versatile",
    provider: "groq",
    combo: "cheap-and-fast",
    price: [0.59, 0.79],
  },
] as const;

type Named = { id: string; name: string };
type Callers = {
  keys: readonly (Named & { groupId?: string })[];
  accounts: readonly (Named & { provider: string })[];
};

/** Days have a rhythm: more in working hours than at night. */
function pastDay(now: number, by: Callers): RequestRecord[] {
  return calls(20_128, 260, by, (random) => now - 23 * HOUR * random() ** 1.4 - 120_000);
}

/** Weeks have one too, and use has grown. */
function pastMonths(now: number, by: Callers): RequestRecord[] {
  return calls(1, 640, by, (random) => {
    const days = 1 + 44 * random() ** 1.6;
    const weekday = new Date(now - days * 24 * HOUR).getUTCDay();
    return now - (weekday % 6 === 0 ? days + 2 : days) * 24 * HOUR;
  });
}

function calls(
  seed: number,
  length: number,
  { keys, accounts }: Callers,
  when: (random: () => number) => number,
): RequestRecord[] {
  const random = seededRandom(seed);
  return Array.from({ length }, (_, index): RequestRecord => {
    const call = CALLS[Math.floor(random() * CALLS.length)]!;
    const key = keys[Math.floor(random() * keys.length)]!;
    const account = accounts.find(({ provider }) => provider === call.provider)!;
    const at = Math.round(when(random));
    const failed = random() < 0.04;
    const usage = {
      input: Math.round(400 + random() * 6000),
      output: Math.round(60 + random() * 900),
      cacheRead: Math.round(random() * 18_000),
    };
    const first = Math.round(300 + random() * 900);
    const duration = first + Math.round(usage.output * 14);
    const attempt = {
      position: 1,
      provider: call.provider,
      model: call.model,
      connectionId: account.id,
      connectionName: account.name,
      startedAt: at,
    };
    return {
      id: `req_demo${seed}_${index}`,
      at,
      path: "/v1/messages",
      keyId: key.id,
      keyName: key.name,
      ...(key.groupId !== undefined && { keyGroupId: key.groupId }),
      requestedModel: call.asked,
      ...(call.combo !== undefined && { combo: call.combo }),
      sourceFormat: "anthropic",
      targetFormat: call.provider === "anthropic" ? "anthropic" : "openai-chat",
      stream: true,
      durationMs: failed ? 1200 : duration,
      ...(failed
        ? {
            status: 503,
            errorCode: "service_unavailable",
            errorMessage: "The provider is overloaded.",
            attempts: [{ ...attempt, durationMs: 1200, status: 529, outcome: "overloaded" as const }],
          }
        : {
            status: 200,
            model: call.model,
            provider: call.provider,
            connectionId: account.id,
            connectionName: account.name,
            usage,
            cost:
              (usage.input * call.price[0] +
                usage.cacheRead * call.price[0] * 0.1 +
                usage.output * call.price[1]) /
              1e6,
            costKind: "billed" as const,
            firstContentMs: first,
            attempts: [
              {
                ...attempt,
                firstContentMs: first,
                durationMs: duration,
                status: 200,
                outcome: "ok" as const,
              },
            ],
          }),
    };
  }).toSorted((a, b) => a.at - b.at);
}
