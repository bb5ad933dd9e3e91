import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { listConnections } from "../../src/store/index.ts";
import { freshDirectory } from "../kit/data-dir.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { type OAuthServer, startOAuthServer } from "../kit/oauth-server.ts";

let gateway: TestGateway;
let vendor: OAuthServer;
let home: string;
let owner: string;

beforeEach(async () => {
  vendor = startOAuthServer();
  home = freshDirectory();
  gateway = await startGateway({
    clientHome: home,
    oauth: vendor.settings("CLAUDE", "CODEX", "GITHUB", "KIMI_CODING"),
  });
  owner = readFileSync(join(gateway.dataDir, "cli-token"), "utf8").trim();
});
afterEach(async () => {
  await gateway.stop();
  await vendor.stop();
});

const api = async (method: string, path: string, body?: object) => {
  const response = await fetch(gateway.url + path, {
    method,
    headers: { authorization: `Bearer ${owner}` },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, text, body: JSON.parse(text) as any };
};
function put(path: string, content: object | string): string {
  const file = join(home, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content, null, 2));
  return file;
}
const jwt = (claims: object) => `x.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.y`;
const stored = () => listConnections(gateway.engine.store);
const soon = Date.now() + 3_600_000;

const FILES = {
  claude: [
    ".claude/.credentials.json",
    { claudeAiOauth: { accessToken: "at-claude-canary", refreshToken: "rt-claude-canary", expiresAt: soon } },
  ],
  codex: [
    ".codex/auth.json",
    {
      OPENAI_API_KEY: null,
      tokens: {
        id_token: jwt({
          email: "me@example.org",
          "https://api.openai.com/auth": { chatgpt_account_id: "acc-7" },
        }),
        access_token: jwt({ exp: Math.floor(soon / 1000) }),
        refresh_token: "rt-codex-canary",
        account_id: "acc-7",
      },
      last_refresh: "2026-11-20T00:00:00Z",
    },
  ],
  gemini: [
    ".gemini/oauth_creds.json",
    {
      access_token: "ya29.gemini-canary",
      refresh_token: "1//gemini-canary",
      expiry_date: soon,
      token_type: "Bearer",
    },
  ],
} as const;

describe("sign-ins that programs have left on this machine", () => {
  test("are found, and nothing secret is told of them", async () => {
    for (const [path, content] of Object.values(FILES)) put(path, content);
    const { status, body, text } = await api("GET", "/api/oauth/import");
    expect(status).toBe(200);
    expect(body.files).toEqual([
      {
        id: "claude-code",
        program: "Claude Code",
        provider: "claude",
        path: "~/.claude/.credentials.json",
        account: null,
        expiresAt: new Date(soon).toISOString(),
      },
      {
        id: "codex-cli",
        program: "Codex",
        provider: "codex",
        path: "~/.codex/auth.json",
        account: "me@example.org",
        expiresAt: new Date(Math.floor(soon / 1000) * 1000).toISOString(),
      },
      expect.objectContaining({ id: "gemini-cli", provider: "gemini-cli" }),
    ]);
    expect(text).not.toContain("canary");
    expect(text).not.toContain(home);
  });

  test("are copied, and stay as they are", async () => {
    const file = put(...FILES.codex);
    const before = { text: readFileSync(file, "utf8"), ...statSync(file) };
    const { status, body, text } = await api("POST", "/api/oauth/import", { id: "codex-cli" });
    expect(status).toBe(200);
    expect(body).toMatchObject({ success: true, connection: { provider: "codex", email: "me@example.org" } });
    expect(body.warnings[0]).toContain("signs the other out");
    expect(text).not.toContain("canary");
    expect(stored()).toMatchObject([
      {
        authType: "oauth",
        credentials: { refreshToken: "rt-codex-canary", accountId: "acc-7", heldBy: expect.any(String) },
      },
    ]);
    const after = statSync(file);
    expect(readFileSync(file, "utf8")).toBe(before.text);
    expect([after.mtimeMs, after.ino, after.mode]).toEqual([before.mtimeMs, before.ino, before.mode]);
    // Once more renews the same connection.
    await api("POST", "/api/oauth/import", { id: "codex-cli" });
    expect(stored()).toHaveLength(1);
  });

  test("are copied from a restricted vendor only by somebody who has read its rule", async () => {
    put(...FILES.claude);
    const refused = await api("POST", "/api/oauth/import", { id: "claude-code" });
    expect(refused.status).toBe(409);
    expect(refused.body.error.message).toContain("Anthropic's terms");
    expect(refused.body.error.details[0].field).toBe("acceptTerms");
    expect(stored()).toEqual([]);
    const done = await api("POST", "/api/oauth/import", { id: "claude-code", acceptTerms: true });
    expect(done.status).toBe(200);
    await api("POST", "/api/oauth/import", { id: "claude-code", acceptTerms: true });
    expect(stored()).toHaveLength(1);
  });

  test("may be a key", async () => {
    put(".codex/auth.json", { OPENAI_API_KEY: "sk-canary-0123456789", tokens: null });
    const { body } = await api("POST", "/api/oauth/import", { id: "codex-cli" });
    expect(body).toMatchObject({ connection: { provider: "openai" }, warnings: [] });
    expect(stored()).toMatchObject([{ provider: "openai", authType: "apikey" }]);
  });

  test("of Copilot are exchanged at once", async () => {
    const { access_token } = vendor.issue();
    put(".config/github-copilot/apps.json", {
      "github.com:Iv1.x": { user: "octo", oauth_token: access_token },
    });
    const { body } = await api("POST", "/api/oauth/import", { id: "github-copilot" });
    expect(body).toMatchObject({ connection: { provider: "github", displayName: "octo" } });
    expect(stored()[0]!.credentials.accessToken).toMatch(/^copilot-/);
  });

  test("behind a link, too large, broken or absent are none", async () => {
    const elsewhere = join(freshDirectory(), "auth.json");
    writeFileSync(elsewhere, JSON.stringify(FILES.codex[1]));
    mkdirSync(join(home, ".codex"));
    symlinkSync(elsewhere, join(home, ".codex/auth.json"));
    put(".claude/.credentials.json", "{ not json");
    put(".gemini/oauth_creds.json", { access_token: "x".repeat(2_000_000) });
    put(".qwen/oauth_creds.json", { other: true });
    expect((await api("GET", "/api/oauth/import")).body.files).toEqual([]);
    for (const id of ["codex-cli", "claude-code", "nobody", "../../etc/passwd"])
      expect((await api("POST", "/api/oauth/import", { id })).status).toBe(404);
  });
});

describe("sign-ins from elsewhere", () => {
  test("may be pasted as the text of their file", async () => {
    const credentials = JSON.stringify(FILES.codex[1]);
    const { status } = await api("POST", "/api/oauth/codex/import", { credentials });
    expect(status).toBe(200);
    expect((await api("POST", "/api/oauth/codex/import", { credentials: FILES.codex[1] })).status).toBe(200);
    expect(stored()).toHaveLength(1);
    for (const bad of [{ credentials: "{}" }, { credentials: "nonsense" }, {}])
      expect((await api("POST", "/api/oauth/codex/import", bad)).status).toBe(400);
    expect((await api("POST", "/api/oauth/qwen/import", { refreshToken: "x" })).status).toBe(410);
    expect((await api("POST", "/api/oauth/cursor/import", { accessToken: "x" })).status).toBe(410);
  });

  test("may be a refresh token alone, which is used at once", async () => {
    const { refresh_token } = vendor.issue();
    const { status, text } = await api("POST", "/api/oauth/kimi-coding/import", {
      refreshToken: refresh_token,
    });
    expect(status).toBe(200);
    expect(text).not.toContain(refresh_token!);
    const [connection] = stored();
    expect(vendor.accepts(connection!.credentials.accessToken!)).toBe(true);
    expect(connection!.credentials.refreshToken).not.toBe(refresh_token!);
    const bad = await api("POST", "/api/oauth/kimi-coding/import", { refreshToken: "rt-not-one-canary" });
    expect(bad.status).toBe(502);
    expect(bad.text).not.toContain("canary");
    expect(stored()).toHaveLength(1);
  });
});

test("kiro's older name for it tells whether there is one", async () => {
  expect((await api("GET", "/api/oauth/kiro/auto-import")).body).toEqual({ found: false, source: null });
  put(".aws/sso/cache/kiro-auth-token.json", {
    accessToken: "at-canary",
    refreshToken: "rt-canary",
    expiresAt: "2026-11-22T00:00:00Z",
    clientIdHash: "abc123",
    region: "us-east-1",
  });
  put(".aws/sso/cache/abc123.json", { clientId: "client-canary", clientSecret: "secret-canary" });
  const { body } = await api("GET", "/api/oauth/kiro/auto-import");
  expect(body).toEqual({ found: true, source: "~/.aws/sso/cache/kiro-auth-token.json" });
});
