import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { listConnections, saveConnection } from "../../src/store/index.ts";
import { startGateway, TEST_PASSWORD, type TestGateway, TEST_DEFAULTS } from "../kit/gateway.ts";
import { type OAuthServer, startOAuthServer } from "../kit/oauth-server.ts";
import { chatReply, startUpstream, type Upstream } from "../kit/upstream.ts";

/**
 * Signs in at vendors in every way, renews, fails, calls and asks for quotas, and then looks for what no one may see:
 * in everything that is logged, shown, exported, stored, or stood in an address on the way.
 */
let vendor: OAuthServer;
let upstream: Upstream;
let gateway: TestGateway;
let cookie: string;

/** All that the vendor gives out, and the Google secret of the operator. */
const SECRETS = [
  /\b(?:access|refresh|device|code)-\d+-[0-9a-f]{32}\b/,
  /\b(?:copilot|aws-secret)-[0-9a-f]{8}-[0-9a-f]{4}/,
  /\bsk-or-v1-[0-9a-f]{8}-/,
  /operators-secret-canary/,
];
const secretIn = (text: string): string | undefined =>
  SECRETS.map((pattern) => pattern.exec(text)?.[0]).find((found) => found !== undefined);

const send = (method: string, path: string, body?: object) =>
  fetch(gateway.url + path, {
    method,
    redirect: "manual",
    headers: { "content-type": "application/json", ...(cookie && { cookie }) },
    ...(body && { body: JSON.stringify(body) }),
  });
const answers: { where: string; text: string }[] = [];
const api = async (method: string, path: string, body?: object) => {
  const text = await (await send(method, path, body)).text();
  answers.push({ where: `${method} ${path}`, text });
  return JSON.parse(text) as any;
};

beforeAll(async () => {
  vendor = startOAuthServer();
  upstream = startUpstream((seen) =>
    vendor.accepts((seen.headers["authorization"] ?? "").replace(/^Bearer /, ""))
      ? { type: "json", body: chatReply("Hi") }
      : // Providers like to repeat what they were sent.
        {
          type: "json",
          status: 401,
          body: { error: { message: `Invalid token ${seen.headers["authorization"]}` } },
        },
  );
  const google = { GEMINI_CLI_OAUTH_CLIENT_SECRET: "operators-secret-canary" };
  gateway = await startGateway({
    logLevel: "debug",
    defaults: { ...TEST_DEFAULTS, enableRequestLogs: true },
    oauth: {
      ...vendor.settings(
        "CLAUDE",
        "CODEX",
        "OPENAI",
        "KIMI_CODING",
        "OPENROUTER",
        "CLINE",
        "GITHUB",
        "KILOCODE",
      ),
      ...vendor.settings("GEMINI_CLI"),
      ...google,
    },
  });
  cookie = (await send("POST", "/api/auth/login", { password: TEST_PASSWORD })).headers
    .get("set-cookie")!
    .split(";")[0]!;
  await signInEverywhere();
  await useEverything();
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
  await vendor.stop();
});

async function signInEverywhere(): Promise<void> {
  for (const provider of ["claude", "openai", "openrouter", "cline", "codex"]) {
    const { authUrl } = await api("GET", `/api/oauth/${provider}/authorize?acceptTerms=true`);
    const url = await vendor.visit(authUrl);
    await api("POST", `/api/oauth/${provider}/exchange`, { code: "wrong-code-of-a-person" });
    expect(await api("POST", `/api/oauth/${provider}/exchange`, { url })).toMatchObject({ success: true });
  }
  for (const provider of ["kimi-coding", "github"]) {
    const { deviceCode, userCode } = await api("GET", `/api/oauth/${provider}/device-code`);
    vendor.approve(userCode);
    await Bun.sleep(80);
    expect(await api("POST", `/api/oauth/${provider}/poll`, { deviceCode })).toMatchObject({ success: true });
  }
  // Google refuses a client whose secret is another.
  const { authUrl } = await api("GET", "/api/oauth/gemini-cli/authorize?acceptTerms=true");
  await api("POST", "/api/oauth/gemini-cli/exchange", { url: await vendor.visit(authUrl) });
  // And through the gateway's own callback.
  const again = await api("GET", "/api/oauth/openrouter/authorize");
  const back = new URL(await vendor.visit(again.authUrl));
  const callback = await send("GET", back.pathname + back.search);
  answers.push({ where: "callback", text: `${callback.headers.get("location")} ${await callback.text()}` });
  answers.push({
    where: "result",
    text: await (await send("GET", callback.headers.get("location")!)).text(),
  });
}

async function useEverything(): Promise<void> {
  const { store } = gateway.engine;
  for (const connection of listConnections(store))
    if (connection.authType === "oauth") saveConnection(store, { ...connection, baseUrl: upstream.url });
  const chat = async (model: string) => {
    const response = await send("POST", "/v1/chat/completions", {
      model,
      messages: [{ role: "user", content: "Hi" }],
    });
    const text = await response.text();
    answers.push({ where: `chat ${model}`, text: text + JSON.stringify([...response.headers]) });
  };
  const kimi = listConnections(store).find(({ provider }) => provider === "kimi-coding")!;
  await chat("kmc/k3");
  vendor.revoke(kimi.credentials.accessToken!);
  await chat("kmc/k3");
  // Vendors, too, like to repeat what they were sent.
  for (const status of [503, 400]) {
    const { credentials, ...over } = listConnections(store).find(({ provider }) => provider === "claude")!;
    saveConnection(store, { ...over, credentials: { ...credentials, expiresAt: 1 } });
    const said = `${credentials.refreshToken} was used`;
    vendor.fail("/token", { status, body: { error: "invalid_grant", error_description: said } });
    const { manage } = gateway.engine;
    await manage.signIn
      .takeOver(over.id, { name: "test" })
      .catch((error: unknown) => answers.push({ where: `take-over after ${status}`, text: String(error) }));
    await chat("cc/claude-opus-4-6");
  }
  await chat("gh/gpt-4o");
  for (const { id } of listConnections(store)) {
    await api("POST", `/api/providers/${id}/test`, {});
    await api("POST", `/api/usage/${id}/refresh`);
    await api("GET", `/api/usage/${id}`);
  }
  await api("POST", "/api/oauth/kimi-coding/import", { refreshToken: vendor.issue().access_token });
}

test("the sign-ins are there, so that there is something to find", () => {
  const refused = answers.filter(
    ({ where, text }) => where.startsWith("take-over") && text.includes("was used"),
  );
  expect(refused).toHaveLength(2);
  expect(gateway.log.join("\n")).toContain("was used");
  const connections = listConnections(gateway.engine.store);
  expect(connections.length).toBeGreaterThanOrEqual(7);
  expect(secretIn(JSON.stringify(connections))).toBeDefined();
  expect(vendor.counts.refreshes).toBeGreaterThan(0);
});

test("no answer of the management API or of a call holds a credential", async () => {
  const { paths } = await api("GET", "/api/openapi.json");
  const ids = listConnections(gateway.engine.store).map(({ id }) => id);
  for (const [path, operations] of Object.entries(paths as { [path: string]: object })) {
    const isSafe = "get" in operations && !/\/api\/(?:events|oauth\/\{|db-backups\/export)/.test(path);
    if (isSafe)
      answers.push({ where: path, text: await (await send("GET", path.replace(/\{\w+\}/, ids[0]!))).text() });
  }
  expect(answers.length).toBeGreaterThan(60);
  for (const { where, text } of answers) expect(`${where}: ${secretIn(text)}`).toBe(`${where}: undefined`);
}, 60_000);

test("no page of the dashboard does", async () => {
  const seen = new Set<string>();
  const waiting = ["/dashboard", "/dashboard/providers"];
  while (waiting.length > 0 && seen.size < 60) {
    const path = waiting.shift()!;
    if (seen.has(path)) continue;
    seen.add(path);
    const html = await (await send("GET", path)).text();
    expect(`${path}: ${secretIn(html)}`).toBe(`${path}: undefined`);
    for (const [, link] of html.matchAll(/href="(\/dashboard[^"#]*)"/g))
      waiting.push(link!.replaceAll("&amp;", "&"));
  }
  expect(seen.size).toBeGreaterThan(10);
}, 60_000);

test("no line of the log does", () => {
  expect(gateway.log.length).toBeGreaterThan(0);
  expect(secretIn(gateway.log.join("\n"))).toBeUndefined();
});

test("no export does", async () => {
  for (const path of ["/api/db-backups/export", "/api/db-backups/exportAll"]) {
    const bytes = new Uint8Array(await (await send("GET", path)).arrayBuffer());
    expect(bytes.length).toBeGreaterThan(2000);
    const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
    expect(secretIn(Buffer.from(isPacked ? gunzipSync(bytes) : bytes).toString("latin1"))).toBeUndefined();
  }
});

test("no file of the data directory does", () => {
  const files = readdirSync(gateway.dataDir, { recursive: true })
    .map((name) => join(gateway.dataDir, String(name)))
    .filter((path) => statSync(path).isFile() && !path.endsWith("/lock"));
  expect(files.length).toBeGreaterThan(3);
  for (const path of files)
    expect(`${path}: ${secretIn(readFileSync(path, "latin1"))}`).toBe(`${path}: undefined`);
});

test("no address that was called does", () => {
  // The vendor's own pages may hold a code on their way back; what we call holds nothing at all.
  const called = [...vendor.calls.map(({ address }) => address), ...upstream.seen.map(({ path }) => path)];
  expect(called.length).toBeGreaterThan(20);
  for (const address of called) expect(`${address}: ${secretIn(address)}`).toBe(`${address}: undefined`);
  const verifiers = vendor.calls
    .map(({ fields }) => fields["code_verifier"])
    .filter((value) => value !== undefined);
  expect(verifiers.length).toBeGreaterThan(2);
  const shown = answers.map(({ text }) => text).join("\n") + called.join("\n") + gateway.log.join("\n");
  for (const verifier of verifiers) expect(shown).not.toContain(String(verifier));
});
