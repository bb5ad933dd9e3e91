import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fakeServer, OWNER_TOKEN, run, temporaryDirectory } from "./kit.ts";

const KEY = {
  id: "k1",
  name: "laptop",
  key: "sk-omni-AbCd…wxyz",
  scopes: ["inference", "admin"],
  expiresAt: null,
  revokedAt: null,
  lastUsedAt: "2026-05-01T00:00:00.000Z",
};
const CONNECTION = { id: "c1", provider: "groq", name: "mine", status: "ready", priority: 1, isActive: true };
const NODE = { id: "openai-compatible-chat-1", prefix: "own", name: "My own" };
const COMBO = {
  name: "fast",
  strategy: "priority",
  isActive: true,
  models: [{ model: "groq/a" }, { model: "glm/b" }],
};
const RECEIPT = {
  request_id: "req_1",
  time: "2026-06-01T12:00:00.000Z",
  path: "/v1/chat/completions",
  stream: true,
  api_key: { id: "k1", name: "laptop" },
  requested: "fast",
  resolved: [{ step: "combo", from: "fast", to: "fast" }],
  strategy: "priority",
  combo: "fast",
  chain: null,
  session: { id: "s1", affinity: "moved" },
  waited_ms: 0,
  answered: { model: "glm/b", provider: "glm", connection: { id: "c2", name: "other" } },
  status: 200,
  error: null,
  attempts: [
    {
      position: 1,
      model: "groq/a",
      connection: { id: "c1", name: "mine" },
      status: 429,
      code: "rate-limited",
      message: "slow down",
      blamed: "connection",
      until: "2026-06-01T12:01:00.000Z",
      first_content_ms: null,
      duration_ms: 12,
      reason_for_next: "rate limited: on to the next target at once",
    },
  ],
  not_asked: [],
  excluded: [],
  translation: { from: "openai-chat", to: "anthropic", losses: ["top_k was left out"] },
  prompt_cache: {
    read: 900,
    written: 0,
    share: 0.9,
    broken_by: { element: "message 2", offset: 64, kept_bytes: 5000, changed_by: "client" },
  },
  usage: { input: 3, output: 4 },
  cost: 0.25,
  cost_kind: "shadow",
  duration_ms: 40,
};
const PLAN = {
  resolved: [{ step: "combo", from: "fast", to: "groq/a" }],
  strategy: "priority",
  targets: [
    {
      position: 1,
      model: "groq/a",
      connection: "c1",
      reason: "as listed",
      estimated_cost: 0.01,
      cost_kind: "billed",
    },
  ],
  excluded: [{ model: "glm/b", connection: "c2", reason: "cooling", until: "2026-06-01T12:01:00.000Z" }],
};

const GROUP = {
  id: "g1",
  name: "team",
  note: "interns",
  isActive: false,
  keys: [{ id: "k1", name: "laptop" }],
  spending: { totalCostMonth: 1.5, budgetCheck: { remaining: 3.5 } },
};

type Case = {
  words: string[];
  answers: { [call: string]: unknown };
  asks: [string, string, unknown?];
  shows: RegExp;
  code?: number;
};

const cases: Case[] = [
  {
    words: ["key", "list"],
    answers: { "GET /api/keys": { keys: [KEY] } },
    asks: ["GET", "/api/keys"],
    shows: /^k1\s+laptop\s+sk-omni-AbCd…wxyz\s+inference, admin\s+works\s+2026-05-01/m,
  },
  {
    words: ["key", "list"],
    answers: { "GET /api/keys": { keys: [] } },
    asks: ["GET", "/api/keys"],
    shows: /omniroute key create NAME/,
  },
  {
    words: ["key", "create", "laptop", "--scope", "admin,metrics", "--no-log", "--expires", "2027-01-01"],
    answers: { "POST /api/keys": { id: "k2", key: "sk-omni-new", name: "laptop" } },
    asks: [
      "POST",
      "/api/keys",
      { name: "laptop", scopes: ["admin", "metrics"], noLog: true, expiresAt: "2027-01-01" },
    ],
    shows: /^sk-omni-new\n$/,
  },
  {
    words: ["key", "create", "plain"],
    answers: { "POST /api/keys": { id: "k2", key: "sk-omni-new", name: "plain" } },
    asks: ["POST", "/api/keys", { name: "plain" }],
    shows: /^sk-omni-new\n$/,
  },
  {
    words: ["key", "create", "ci", "--group", "team"],
    answers: {
      "GET /api/key-groups": { groups: [GROUP] },
      "POST /api/keys": { id: "k2", key: "sk-omni-new", name: "ci" },
    },
    asks: ["POST", "/api/keys", { name: "ci", groupId: "g1" }],
    shows: /^sk-omni-new\n$/,
  },
  {
    words: ["key", "move", "k1", "team"],
    answers: { "GET /api/key-groups": { groups: [GROUP] }, "PUT /api/keys/k1": { key: {} } },
    asks: ["PUT", "/api/keys/k1", { groupId: "g1" }],
    shows: /The key is in team/,
  },
  {
    words: ["key", "move", "k1"],
    answers: { "PUT /api/keys/k1": { key: {} } },
    asks: ["PUT", "/api/keys/k1", { groupId: null }],
    shows: /in no group/,
  },
  {
    words: ["key", "group", "list"],
    answers: { "GET /api/key-groups": { groups: [GROUP] } },
    asks: ["GET", "/api/key-groups"],
    shows: /^team\s+paused\s+1\s+\$1\.50\s+\$3\.50\s+interns$/m,
  },
  {
    words: ["key", "group", "list"],
    answers: { "GET /api/key-groups": { groups: [] } },
    asks: ["GET", "/api/key-groups"],
    shows: /omniroute key group create NAME/,
  },
  {
    words: ["key", "group", "create", "team", "--models", "one/*,two/b", "--rpm", "60", "--monthly", "50"],
    answers: { "POST /api/key-groups": { group: GROUP } },
    asks: [
      "POST",
      "/api/key-groups",
      {
        name: "team",
        allowedModels: ["one/*", "two/b"],
        limits: { requestsPerMinute: "60" },
        budget: { monthlyLimitUsd: "50" },
      },
    ],
    shows: /The group team is made/,
  },
  {
    words: ["key", "group", "change", "g1", "--models", "none", "--monthly", "none", "--name", "crew"],
    answers: { "GET /api/key-groups": { groups: [GROUP] }, "PUT /api/key-groups/g1": { group: GROUP } },
    asks: [
      "PUT",
      "/api/key-groups/g1",
      { allowedModels: null, budget: { monthlyLimitUsd: null }, name: "crew" },
    ],
    shows: /changed/,
  },
  {
    words: ["key", "group", "pause", "team"],
    answers: { "GET /api/key-groups": { groups: [GROUP] }, "PUT /api/key-groups/g1": { group: GROUP } },
    asks: ["PUT", "/api/key-groups/g1", { isActive: false }],
    shows: /paused/,
  },
  {
    words: ["key", "group", "remove", "team", "--detach"],
    answers: { "GET /api/key-groups": { groups: [GROUP] }, "DELETE /api/key-groups/g1": { message: "ok" } },
    asks: ["DELETE", "/api/key-groups/g1"],
    shows: /removed/,
  },
  {
    words: ["key", "rotate", "k1", "--grace", "60"],
    answers: { "POST /api/keys/k1/rotate": { id: "k1", key: "sk-omni-next" } },
    asks: ["POST", "/api/keys/k1/rotate", { graceSeconds: 60 }],
    shows: /^sk-omni-next\n$/,
  },
  {
    words: ["key", "revoke", "../x"],
    answers: { "DELETE /api/keys/..%2Fx": { message: "ok" } },
    asks: ["DELETE", "/api/keys/..%2Fx"],
    shows: /revoked/,
  },
  {
    words: ["provider", "list"],
    answers: {
      "GET /api/providers": { connections: [CONNECTION, { ...CONNECTION, id: "c2", provider: NODE.id }] },
      "GET /api/provider-nodes": { nodes: [NODE] },
    },
    asks: ["GET", "/api/providers"],
    shows: /^c1\s+groq\s+mine\s+ready\s+1\nc2\s+own\s+mine\s+ready\s+1$/m,
  },
  {
    words: ["provider", "test", "mine"],
    answers: {
      "GET /api/providers": { connections: [CONNECTION, { ...CONNECTION, id: "c2", name: "other" }] },
      "GET /api/provider-nodes": { nodes: [NODE] },
      "POST /api/providers/c1/test": { valid: true, latencyMs: 42 },
    },
    asks: ["POST", "/api/providers/c1/test", {}],
    shows: /^ok\s+groq\s+mine\s+42 ms\n$/,
  },
  {
    words: ["provider", "test"],
    answers: {
      "GET /api/providers": { connections: [CONNECTION, { ...CONNECTION, id: "c2", isActive: false }] },
      "GET /api/provider-nodes": { nodes: [NODE] },
      "POST /api/providers/c1/test": { valid: false, error: "The key is refused." },
    },
    asks: ["POST", "/api/providers/c1/test", {}],
    shows: /^FAIL\s+groq\s+mine\s+The key is refused\.\n$/,
    code: 1,
  },
  {
    words: ["combo", "list"],
    answers: { "GET /api/combos": { combos: [COMBO] } },
    asks: ["GET", "/api/combos"],
    shows: /^fast\s+priority\s+yes\s+groq\/a → glm\/b$/m,
  },
  {
    words: ["combo", "test", "fast"],
    answers: {
      "POST /api/combos/test": {
        results: [
          { model: "groq/a", status: "error", statusCode: 429, error: "later", latencyMs: 9 },
          { model: "glm/b", status: "ok", statusCode: 200, latencyMs: 80 },
        ],
      },
    },
    asks: ["POST", "/api/combos/test", { comboName: "fast" }],
    shows: /^glm\/b\s+ok\s+200\s+80\s+-$/m,
  },
  {
    words: ["combo", "test", "fast"],
    answers: { "POST /api/combos/test": { results: [{ model: "groq/a", status: "error" }] } },
    asks: ["POST", "/api/combos/test", { comboName: "fast" }],
    shows: /groq\/a\s+error/,
    code: 1,
  },
  {
    words: ["combo", "rehearse", "fast", "--fault", "1=429", "glm/b=cut@3", "--requests", "2", "--whole"],
    answers: {
      "POST /api/combos/fast/rehearse": {
        requests: [
          { at_ms: 0, answered: "glm/b", receipt: RECEIPT },
          { at_ms: 1000, answered: null, receipt: { ...RECEIPT, answered: null, status: 503 } },
        ],
      },
    },
    asks: [
      "POST",
      "/api/combos/fast/rehearse",
      { faults: { "1": "429", "glm/b": "cut@3" }, stream: false, requests: 2 },
    ],
    shows:
      /Request 1, 0 ms after[\s\S]*1\. groq\/a over mine[\s\S]*Request 2, 1000 ms after[\s\S]*Nothing answered: status 503/,
    code: 1,
  },
  {
    words: ["explain", "req_1"],
    answers: { "GET /api/receipts/req_1": RECEIPT },
    asks: ["GET", "/api/receipts/req_1"],
    shows:
      /laptop asked \/v1\/chat\/completions for "fast"[\s\S]*Conversation s1: it left the account[\s\S]*1\. groq\/a over mine: rate-limited \(status 429\) after 12 ms\n[\s\S]*counts against the connection until 2026-06-01T12:01[\s\S]*glm\/b over other answered[\s\S]*top_k was left out[\s\S]*input 3, output 4\. Cost: 0\.25 USD \(shadow\)\.\nPrompt cache of the provider: 900 tokens read, 90 % of the input\.\n.*message 2 at byte 64: changed by the client/,
  },
  {
    words: ["explain", "req_1", "--diff"],
    answers: {
      "GET /api/cache/breaks/req_1": {
        element: "system",
        changedBy: "client",
        diff: {
          change: "content",
          offset: 14,
          bytesBefore: 900,
          bytesAfter: 900,
          hunks: [
            {
              element: "system",
              offset: 14,
              lead: '"Now it is 10:',
              removed: { text: "41", bytes: 2, leftOut: 0 },
              added: { text: "57\u001b[2J", bytes: 2002, leftOut: 1996 },
              tail: ". Be kind.",
            },
          ],
          hunksLeftOut: 3,
        },
      },
    },
    asks: ["GET", "/api/cache/breaks/req_1"],
    shows:
      /^What changed: content, by the client; from byte 14 of 900\.\nsystem, byte 14\n {2}… "Now it is 10:\n- 41\n\+ 57\\u001b\[2J … 1996 more bytes\n {2}\. Be kind\. …\n… and 3 more differences\n$/,
  },
  {
    words: ["plan", "fast"],
    answers: {
      "POST /v1/chat/completions": PLAN,
      "GET /api/providers": {
        connections: [
          { id: "c1", name: "mine" },
          { id: "c2", name: "yours" },
        ],
      },
    },
    asks: ["POST", "/v1/chat/completions", { model: "fast", messages: [{ role: "user", content: "Hello" }] }],
    shows:
      /fast → groq\/a \(combo\)[\s\S]*1\s+groq\/a\s+mine\s+as listed\s+\$0\.01 billed[\s\S]*Left out: glm\/b over yours: cooling until 2026/,
  },
  {
    words: ["setup-link"],
    answers: { "POST /api/setup-link": { url: "http://localhost:1/setup?token=t" } },
    asks: ["POST", "/api/setup-link", {}],
    shows: /^http:\/\/localhost:1\/setup\?token=t\n$/,
  },
];

test.each(cases.map((each) => [each.words.join(" "), each] as const))(
  "%s goes through the running server with the owner's token",
  async (_name, { words, answers, asks, shows, code }) => {
    using directory = temporaryDirectory();
    using server = fakeServer(directory.path, answers);
    const ran = await run([...words, "--data-dir", directory.path]);
    expect(ran.out).toMatch(shows);
    expect(ran.code).toBe(code ?? 0);
    const [method, path, body] = asks;
    expect(server.asked).toContainEqual({
      method,
      path,
      authorization: `Bearer ${OWNER_TOKEN}`,
      dryRun: words[0] === "plan" ? "true" : null,
      body,
    });
    // Text a pipe can read, without anything that steers a terminal.
    // oxlint-disable-next-line no-control-regex
    expect(ran.out).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  },
);

test.each(cases.filter((each) => !each.code).map((each) => [each.words.join(" "), each] as const))(
  "%s --json prints JSON and nothing else",
  async (_name, { words, answers, code }) => {
    using directory = temporaryDirectory();
    using _server = fakeServer(directory.path, answers);
    const ran = await run([...words, "--json", "--data-dir", directory.path]);
    expect(ran.code).toBe(code ?? 0);
    expect(JSON.parse(ran.out)).toBeObject();
  },
);

test("a new password goes to the server and is not printed", async () => {
  using directory = temporaryDirectory();
  using server = fakeServer(directory.path, { "POST /api/auth/reset-password": { success: true } });
  const { code, out, err } = await run(["admin", "reset-password", "--data-dir", directory.path], {
    secret: "a new password",
  });
  expect(code).toBe(0);
  expect(server.asked[0]).toMatchObject({
    path: "/api/auth/reset-password",
    body: { password: "a new password" },
  });
  expect(out + err).not.toContain("a new password");
});

test("a refusal is told in the server's words, field by field", async () => {
  using directory = temporaryDirectory();
  using _server = fakeServer(directory.path, {
    "POST /api/keys": Response.json(
      { error: { message: "The key was not made.", details: [{ field: "name", message: "is too long" }] } },
      { status: 400 },
    ),
  });
  const { code, out, err } = await run(["key", "create", "x", "--data-dir", directory.path]);
  expect([code, out]).toEqual([1, ""]);
  expect(err).toBe("Error: The key was not made. name: is too long\n");
});

test("status says where the server is and since when", async () => {
  using directory = temporaryDirectory();
  using server = fakeServer(directory.path, {});
  const { code, out } = await run(["status", "--data-dir", directory.path]);
  expect(code).toBe(0);
  expect(out).toStartWith(`running on ${server.url} for 2 h 1 min\nversion 9.9.9, process ${process.pid}`);
  expect((await run(["healthcheck", "--data-dir", directory.path])).code).toBe(0);
});

test("the file of a server that crashed does not count as a server", async () => {
  using directory = temporaryDirectory();
  const dead = Bun.spawnSync(["true"]).pid;
  const facts = { pid: dead, port: 9, host: "127.0.0.1", startedAt: 0, version: "1" };
  writeFileSync(join(directory.path, "server.json"), JSON.stringify(facts));
  const { code, out } = await run(["status", "--data-dir", directory.path]);
  expect([code, out]).toEqual([1, `not running on ${directory.path}\n`]);
  const health = await run(["healthcheck", "--data-dir", directory.path]);
  expect(health.code).toBe(1);
  expect(health.err).toContain("does not answer");
});

test.each([["provider test"], ["combo test x"], ["setup-link"], ["explain req_1"], ["plan x"]])(
  "%s needs a running server and says so",
  async (words) => {
    using directory = temporaryDirectory();
    const { code, err } = await run([...words.split(" "), "--data-dir", directory.path]);
    expect(code).toBe(1);
    expect(err).toContain("omniroute serve");
  },
);

test("without the owner's token nothing is sent", async () => {
  using directory = temporaryDirectory();
  using server = fakeServer(directory.path, { "GET /api/keys": { keys: [] } });
  writeFileSync(join(directory.path, "cli-token"), "");
  const { code, err } = await run(["key", "list", "--data-dir", directory.path]);
  expect(code).toBe(1);
  expect(err).toContain("owner token cannot be read");
  expect(server.asked).toEqual([]);
});

test("what a server says cannot steer the terminal", async () => {
  using directory = temporaryDirectory();
  using _server = fakeServer(directory.path, {
    "GET /api/keys": { keys: [{ ...KEY, name: "\u001b[2Jgone\nforged" }] },
  });
  const { out } = await run(["key", "list", "--data-dir", directory.path]);
  expect(out).toContain("\\u001b[2Jgone\\nforged");
});

test("the log's lines are printed one by one, harmless, and followed until the server ends", async () => {
  using directory = temporaryDirectory();
  const entry = {
    timestamp: "2026-06-01T12:00:00.000Z",
    level: "warn",
    component: "net",
    fields: { status: 502 },
  };
  using server = fakeServer(directory.path, {
    "GET /api/logs/console": [{ ...entry, message: "gone \u001b[2J" }],
    "GET /api/events": new Response(
      `event: hello\ndata: {}\n\nevent: log\ndata: ${JSON.stringify({ ...entry, message: "back" })}\n\n`,
      { headers: { "content-type": "text/event-stream" } },
    ),
  });
  const { code, out } = await run(["logs", "--follow", "--level", "warn", "--data-dir", directory.path]);
  expect({ code, out }).toEqual({
    code: 0,
    out:
      "2026-06-01T12:00:00.000Z WARN  net      gone \\u001b[2J  status=502\n" +
      "2026-06-01T12:00:00.000Z WARN  net      back  status=502\n",
  });
  expect(server.asked.map(({ path }) => path)).toEqual(["/api/logs/console", "/api/events"]);
  const wrong = await run(["logs", "--level", "loud", "--data-dir", directory.path]);
  expect(wrong.code).toBe(2);
});
