import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startGateway, TEST_PASSWORD, type TestGateway } from "../kit/gateway.ts";

let gateway: TestGateway;
let token: string;
beforeEach(async () => {
  gateway = await startGateway();
  ({ token } = await gateway.engine.access.login(TEST_PASSWORD, "127.0.0.1"));
  mkdirSync(gateway.engine.config.clientHome);
});
afterEach(() => gateway.stop());

async function call(method: string, path: string, body?: unknown, at = gateway) {
  const answer = await fetch(`${at.url}/api/cli-tools/${path}`, {
    method,
    headers: { cookie: `auth_token=${token}`, origin: at.url, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return {
    status: answer.status,
    ignored: answer.headers.get("x-omniroute-ignored-fields"),
    body: (await answer.json()) as any,
  };
}

const inHome = (path: string) => join(gateway.engine.config.clientHome, path);
const settings = () => JSON.parse(readFileSync(inHome(".claude/settings.json"), "utf8"));

test("the state of every client is told", async () => {
  const { body } = await call("GET", "status");
  expect(Object.keys(body)).toEqual(expect.arrayContaining(["claude", "codex", "cursor", "antigravity"]));
  expect(body.claude).toEqual({
    installed: false,
    runnable: false,
    command: "claude",
    commandPath: null,
    runtimeMode: "host",
    reason: "not_found",
    configStatus: "not_configured",
  });
  expect((await call("GET", "runtime/codex")).body.command).toBe("codex");
  expect((await call("GET", "runtime/none")).status).toBe(404);
});

test.each([
  "claude",
  "codex",
  "droid",
  "openclaw",
  "cline",
  "kilo",
  "gemini",
  "opencode",
  "qwen",
  "continue",
])("%s-settings: written, told without the key, taken out", async (tool) => {
  const given = { baseUrl: `${gateway.url}/v1/`, apiKey: "sk-omni-0123456789abcdef", model: "mock/echo" };
  const written = await call("POST", `${tool}-settings`, given);
  expect(written).toMatchObject({ status: 200, body: { success: true } });
  const { body } = await call("GET", `${tool}-settings`);
  expect(body).toMatchObject({ hasOmniRoute: true, settingsPath: written.body.settingsPath });
  expect(JSON.stringify(body)).not.toContain(given.apiKey);
  expect(JSON.stringify(body.settings)).toContain("mock/echo");
  expect(JSON.stringify(body.settings)).not.toContain("/v1/v1");
  expect((await call("DELETE", `${tool}-settings`)).body.success).toBe(true);
  expect((await call("GET", `${tool}-settings`)).body.hasOmniRoute).toBe(false);
});

test("without a key one is made, works, and is kept when the client is pointed here again", async () => {
  const first = await call("POST", "claude-settings", { model: "mock/echo" });
  expect(first.body.keyName).toBe("Claude Code");
  const { ANTHROPIC_AUTH_TOKEN: key, ANTHROPIC_BASE_URL: base } = settings().env;
  expect(base).toBe(gateway.url);
  expect(gateway.engine.access.findCaller(key)).toMatchObject({ name: "Claude Code" });
  const second = await call("POST", "claude-settings", { model: "mock/think" });
  expect(second.body.keyName).toBeUndefined();
  expect(settings().env).toMatchObject({ ANTHROPIC_AUTH_TOKEN: key, ANTHROPIC_MODEL: "mock/think" });
  expect(gateway.engine.access.listKeys().length).toBe(1);
});

test("a key that was made and never used goes with the settings; one that was used stays", async () => {
  const left = () =>
    gateway.engine.access.listKeys().filter(({ revokedAt }) => revokedAt === undefined).length;
  await call("POST", "claude-settings", { model: "mock/echo" });
  await call("DELETE", "claude-settings");
  expect(left()).toBe(0);
  await call("POST", "claude-settings", { model: "mock/echo" });
  const { ANTHROPIC_AUTH_TOKEN: key } = settings().env;
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: "mock/echo", messages: [{ role: "user", content: "Hi" }] }),
  });
  await answer.text();
  await call("DELETE", "claude-settings");
  expect(left()).toBe(1);
});

test("Claude Code's own names say the same", async () => {
  const { status, ignored } = await call("POST", "claude-settings", {
    env: {
      ANTHROPIC_BASE_URL: gateway.url,
      ANTHROPIC_AUTH_TOKEN: "sk-mine",
      ANTHROPIC_MODEL: "mock/echo",
      ANTHROPIC_DEFAULT_HAIKU_MODEL: "mock/think",
      NODE_OPTIONS: "--require /tmp/evil.js",
    },
    colour: "red",
  });
  expect(status).toBe(200);
  expect(ignored).toBe("env.NODE_OPTIONS, colour");
  expect(settings().env).toEqual({
    ANTHROPIC_BASE_URL: gateway.url,
    ANTHROPIC_AUTH_TOKEN: "sk-mine",
    ANTHROPIC_MODEL: "mock/echo",
    ANTHROPIC_DEFAULT_OPUS_MODEL: "mock/echo",
    ANTHROPIC_DEFAULT_SONNET_MODEL: "mock/echo",
    ANTHROPIC_DEFAULT_HAIKU_MODEL: "mock/think",
  });
});

test.each([
  [{ model: "" }, "model"],
  [{}, "model"],
  [{ model: "two\nlines" }, "model"],
  [{ model: "m", apiKey: "two words" }, "apiKey"],
  [{ model: "m", baseUrl: "file:///etc/passwd" }, "baseUrl"],
  [{ model: "m", baseUrl: "http://user:pass@example.org" }, "baseUrl"],
  [{ model: "m", keyId: "key_1" }, "keyId"],
])("%p is refused", async (body, field) => {
  const answer = await call("POST", "codex-settings", body);
  expect(answer.status).toBe(400);
  expect(answer.body.error.message).toContain(field);
  expect(gateway.engine.access.listKeys()).toEqual([]);
});

test("a file that cannot be changed leaves no key behind", async () => {
  mkdirSync(inHome(".claude"));
  writeFileSync(inHome(".claude/settings.json"), "{ broken");
  const answer = await call("POST", "claude-settings", { model: "mock/echo" });
  expect(answer).toMatchObject({ status: 409, body: { error: { code: "conflict" } } });
  expect(gateway.engine.access.listKeys().filter(({ revokedAt }) => revokedAt === undefined)).toEqual([]);
  expect((await call("GET", "claude-settings")).body).toMatchObject({
    settings: null,
    configStatus: "unreadable",
  });
});

test("copies are listed without what stands in them, restored and deleted", async () => {
  mkdirSync(inHome(".claude"));
  writeFileSync(inHome(".claude/settings.json"), `{"env":{"ANTHROPIC_API_KEY":"sk-ant-secret"}}`);
  await call("POST", "claude-settings", { model: "mock/echo" });
  const listed = await call("GET", "backups?tool=claude");
  expect(listed.body.backups).toMatchObject([
    { tool: "claude", reason: "apply", files: [{ path: "~/.claude/settings.json", existed: true }] },
  ]);
  expect(JSON.stringify(listed.body)).not.toContain("sk-ant-secret");
  const backupId = listed.body.backups[0].id;
  expect((await call("POST", "backups", { tool: "claude", backupId })).body.success).toBe(true);
  expect(settings()).toEqual({ env: { ANTHROPIC_API_KEY: "sk-ant-secret" } });
  expect((await call("DELETE", `backups?tool=claude&backupId=${backupId}`)).body).toEqual({ success: true });
  expect((await call("POST", "backups", { tool: "claude", backupId })).status).toBe(404);
});

test("where writing is forbidden it is refused, and reading goes on", async () => {
  const closed = await startGateway({
    clientTools: { writes: false, mode: "host", searchPath: [], programs: {} },
  });
  ({ token } = await closed.engine.access.login(TEST_PASSWORD, "127.0.0.1"));
  const answer = await call("POST", "claude-settings", { model: "mock/echo" }, closed);
  expect(answer).toMatchObject({ status: 403, body: { error: { code: "forbidden" } } });
  expect(answer.body.error.message).toContain("CLI_ALLOW_CONFIG_WRITES=false");
  expect((await call("DELETE", "claude-settings", undefined, closed)).status).toBe(403);
  expect((await call("GET", "claude-settings", undefined, closed)).status).toBe(200);
  await closed.stop();
});

test("what is done stands in the audit, without keys", async () => {
  await call("POST", "claude-settings", { model: "mock/echo", apiKey: "sk-omni-very-secret" });
  await call("DELETE", "claude-settings");
  const answer = await fetch(`${gateway.url}/api/compliance/audit-log`, {
    headers: { cookie: `auth_token=${token}` },
  });
  const text = await answer.text();
  expect(text).toContain("client.apply");
  expect(text).toContain("client.remove");
  expect(text).not.toContain("very-secret");
});

test("what would need listening in is not offered", async () => {
  for (const path of ["antigravity-mitm", "antigravity-mitm/start"])
    expect(await call("POST", path, {})).toMatchObject({
      status: 410,
      body: { error: { code: "not_offered" } },
    });
  expect((await call("GET", "cursor-settings")).status).toBe(404);
});
