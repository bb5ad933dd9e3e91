import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { createAdmin } from "../../src/admin/index.ts";
import { startGateway, TEST_PASSWORD, type TestGateway } from "../kit/gateway.ts";

/** What anybody may call. Everything else must be closed; a new entry here is a decision, not a formality. */
const OPEN = new Set([
  "POST /api/setup",
  "POST /api/auth/login",
  "POST /api/auth/logout",
  "GET /api/auth/status",
]);

let gateway: TestGateway;
let routes: { method: string; path: string }[];
let plainKey: string;
let revokedKey: string;
beforeAll(async () => {
  gateway = await startGateway();
  const { access } = gateway.engine;
  plainKey = access.createKey({ name: "plain" }).key;
  const revoked = access.createKey({ name: "gone", scopes: ["admin"] });
  access.revokeKey(revoked.record.id);
  revokedKey = revoked.key;
  const seen = new Set<string>();
  routes = createAdmin(gateway.engine)
    .routes.filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => ({ method, path: path.replace(/:\w+(?:\{[^}]*\})?|\*$/g, "x") }))
    .filter(({ method, path }) => !seen.has(`${method} ${path}`) && seen.add(`${method} ${path}`));
});
afterAll(() => gateway.stop());

const call = (method: string, path: string, headers: { [name: string]: string } = {}) =>
  fetch(gateway.url + path, {
    method,
    headers: { "content-type": "application/json", ...headers },
    redirect: "manual",
    ...(method !== "GET" && method !== "HEAD" && { body: "{}" }),
  });

function token(secret: string, algorithm = "HS256"): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${part({ alg: algorithm, typ: "JWT" })}.${part({ authenticated: true, role: "admin", exp: 4_000_000_000 })}`;
  return algorithm === "none"
    ? `${text}.`
    : `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

const BAD: [string, () => { [name: string]: string }][] = [
  ["nothing", () => ({})],
  ["a random bearer", () => ({ authorization: `Bearer ${"x".repeat(43)}` })],
  ["the sample key of the documentation", () => ({ authorization: "Bearer sk_omniroute" })],
  ["a key for models", () => ({ authorization: `Bearer ${plainKey}` })],
  ["a key for models as x-api-key", () => ({ "x-api-key": plainKey })],
  ["a revoked admin key", () => ({ authorization: `Bearer ${revokedKey}` })],
  ["the password as a bearer", () => ({ authorization: `Bearer ${TEST_PASSWORD}` })],
  [
    "a token signed with a published secret",
    () => ({ cookie: `auth_token=${token("omniroute-default-secret-change-me")}` }),
  ],
  ["a token signed with nothing", () => ({ cookie: `auth_token=${token("")}` })],
  ["a token that says no signature is needed", () => ({ cookie: `auth_token=${token("", "none")}` })],
  [
    "headers that claim another identity",
    () => ({
      "x-forwarded-for": "127.0.0.1",
      "x-real-ip": "127.0.0.1",
      "x-forwarded-user": "admin",
      "x-original-url": "/api/auth/status",
      "x-middleware-subrequest": "middleware",
    }),
  ],
];

describe("who may manage", () => {
  test.each(BAD)("P2, A-01: every management route is closed to %s", async (_name, headers) => {
    expect(routes.length).toBeGreaterThan(40);
    const open: string[] = [];
    for (const { method, path } of routes) {
      if (OPEN.has(`${method} ${path}`)) continue;
      const answer = await call(method, path, headers());
      const text = await answer.text();
      if (answer.status !== 401 && answer.status !== 403) open.push(`${method} ${path}: ${answer.status}`);
      expect(text.length).toBeLessThan(64 * 1024);
      expect(text).not.toMatch(/\bat \S+:\d+:\d+|node_modules|\/work\/|\/home\//);
    }
    expect(open).toEqual([]);
  });

  test("P2: everything but a few named routes demands a role", async () => {
    const names = routes.map(({ method, path }) => `${method} ${path}`);
    expect([...OPEN].filter((name) => !names.includes(name))).toEqual([]);
  });

  test("H-05: rewriting headers change nothing for those open to all either", async () => {
    const answer = await call("GET", "/api/auth/status", { "x-forwarded-user": "admin" });
    expect(await answer.json()).toMatchObject({ authenticated: false });
  });
});

/** What predecessors and neighbours left open. */
const LEFT_OPEN = [
  "/api/shutdown",
  "/api/restart",
  "/api/keys",
  "/api/keys/1",
  "/api/providers",
  "/api/providers/client",
  "/api/settings",
  "/api/settings/database",
  "/api/settings/proxy",
  "/api/settings/require-login",
  "/api/db-backups",
  "/api/db-backups/export",
  "/api/db-backups/exportAll",
  "/api/db-backups/import",
  "/api/logs/console",
  "/api/usage/call-logs",
  "/api/usage/history",
  "/api/usage/analytics",
  "/api/usage/proxy-logs",
  "/api/compliance/audit-log",
  "/api/tunnel/enable",
  "/api/tunnel/install",
  "/api/cli-tools/claude-settings",
  "/api/cli-tools/antigravity-mitm",
  "/api/cloud/auth",
  "/api/sync/cloud",
  "/api/sync/initialize",
  "/api/translator/send",
  "/api/translator/load?file=../../etc/passwd",
  "/api/evals",
  "/api/events",
  "/api/monitoring/health",
  "/api/storage/health",
  "/api/telemetry/summary",
  "/api/version/update",
  "/api/mcp",
  "/api/openapi.json",
  "/metrics",
  "/v0/management/config",
  "/v0/management/auth-files",
  "/.env",
  "/omniroute.sqlite",
  "/storage.sqlite",
  "/cli-token",
  "/secrets.json",
  "/data/omniroute.sqlite",
  "/_next/data/index.json",
];

test.each(LEFT_OPEN)("A-02: %s gives a stranger nothing", async (path) => {
  for (const method of ["GET", "POST", "PUT", "DELETE"]) {
    const answer = await call(method, path);
    const text = await answer.text();
    if ((answer.headers.get("content-type") ?? "").includes("text/html")) expect(text).not.toContain("sk-");
    else expect([method, path, answer.status >= 300]).toEqual([method, path, true]);
    expect(text).not.toMatch(/sk-omni-|omni:v1:|\$argon2|SQLite format 3/);
  }
});

const SPELLINGS = [
  "/api/db-backups/export/",
  "//api/db-backups/export",
  "/api//db-backups/export",
  "/api/./db-backups/export",
  "/api/x/../db-backups/export",
  "/api/db-backups/export?x=/api/auth/status",
  "/api/db-backups/export#/api/auth/status",
  "/api/db-backups/export;x=1",
  "/api/db-backups/export%00",
  "/api/db-backups/export%20",
  "/api/db-backups/%65xport",
  "/%61pi/db-backups/export",
  "/API/db-backups/export",
  "/api/DB-BACKUPS/EXPORT",
  "/api/auth/login/../../db-backups/export",
  "/api/auth/status/%2e%2e/%2e%2e/db-backups/export",
  "/api/auth/status%2f..%2f..%2fdb-backups%2fexport",
  "/v1/api/db-backups/export",
  "/v1/../api/db-backups/export",
  "/v1/v1/../api/db-backups/export",
  "/healthz/../api/db-backups/export",
  "/static/../api/db-backups/export",
  "/api\\db-backups\\export",
];

test.each(SPELLINGS)("A-03: %s is not the database", async (path) => {
  for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    const answer = await call(method, path);
    const text = await answer.text();
    expect(text).not.toContain("SQLite format 3");
    expect(answer.headers.get("content-disposition")).toBeNull();
    if (!(answer.headers.get("content-type") ?? "").includes("text/html")) {
      expect([method, answer.status >= 300]).toEqual([method, true]);
    }
  }
});

test("B-02, B-04: a cookie alone changes nothing and exports nothing for another site", async () => {
  const login = await gateway.engine.access.login(TEST_PASSWORD, "127.0.0.1");
  const cookie = `auth_token=${login.token}`;
  expect((await fetch(`${gateway.url}/api/keys`, { headers: { cookie } })).status).toBe(200);
  const foreign = { cookie, origin: "https://evil.example", "content-type": "text/plain" };
  for (const { method, path } of routes) {
    if (method === "GET" || OPEN.has(`${method} ${path}`)) continue;
    const crossed = await fetch(gateway.url + path, { method, headers: foreign, body: "{}" });
    expect([method, path, crossed.status]).toEqual([method, path, 403]);
    const form = await fetch(gateway.url + path, {
      method,
      headers: { cookie, "content-type": "application/x-www-form-urlencoded" },
      body: "a=b",
    });
    expect([method, path, form.status]).toEqual([method, path, 403]);
  }
  for (const path of ["/api/db-backups/export", "/api/db-backups/exportAll"]) {
    const headers = { cookie, "sec-fetch-site": "cross-site" };
    expect((await fetch(gateway.url + path, { headers })).status).toBe(403);
  }
});
