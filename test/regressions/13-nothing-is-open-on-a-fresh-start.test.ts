import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readConfig } from "../../src/config.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";

/** A fresh start has no default password or secret, listens to this machine alone, and opens nothing that manages. */

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ initialPassword: undefined });
});
afterAll(() => gateway.stop());

test.each([
  ["GET", "/api/providers"],
  ["GET", "/api/keys"],
  ["POST", "/api/keys"],
  ["GET", "/api/settings"],
  ["PATCH", "/api/settings"],
  ["GET", "/api/db-backups"],
  ["GET", "/api/db-backups/export"],
  ["GET", "/api/db-backups/exportAll"],
  ["POST", "/api/db-backups/import"],
  ["POST", "/api/shutdown"],
  ["POST", "/api/restart"],
])("%s %s is refused", async (method, path) => {
  for (const authorization of ["", "Bearer sk_omniroute", "Bearer CHANGEME", "Bearer 123456"]) {
    const response = await fetch(gateway.url + path, {
      method,
      headers: authorization ? { authorization } : {},
      ...(method !== "GET" && { body: "{}" }),
    });
    expect([401, 403]).toContain(response.status);
  }
});

test.each(["", "123456", "admin", "password", "changeme", "omniroute"])(
  "no login with %p",
  async (password) => {
    const response = await fetch(`${gateway.url}/api/auth/login`, {
      method: "POST",
      headers: { origin: gateway.url },
      body: JSON.stringify({ password }),
    });
    expect(response.ok).toBe(false);
    expect(response.headers.get("set-cookie")).toBeNull();
  },
);

test("a client's key manages nothing", async () => {
  const { key } = gateway.engine.access.createKey({ name: "client" });
  for (const path of ["/api/keys", "/api/providers", "/api/settings", "/api/db-backups/export"]) {
    const response = await fetch(gateway.url + path, { headers: { authorization: `Bearer ${key}` } });
    expect([401, 403]).toContain(response.status);
  }
});

test("it listens to this machine alone unless told otherwise", () => {
  expect(readConfig({ env: {} }).config.host).toBe("127.0.0.1");
});

test("two installations have no secret in common", async () => {
  const other = await startGateway({ initialPassword: undefined });
  const secretsOf = (dataDir: string) =>
    readdirSync(dataDir)
      .filter((name) => /secret|token|key/i.test(name))
      .map((name) => readFileSync(join(dataDir, name), "utf8"));
  const mine = secretsOf(gateway.dataDir);
  expect(mine.length).toBeGreaterThan(0);
  for (const secret of secretsOf(other.dataDir)) expect(mine).not.toContain(secret);
  await other.stop();
});
