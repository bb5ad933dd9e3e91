import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGateway, type TestGateway } from "../kit/gateway.ts";

let gateway: TestGateway;
let owner: string;
const dataDir = mkdtempSync(join(tmpdir(), "omniroute-test-"));
beforeAll(async () => {
  gateway = await startGateway({ dataDir, trustedProxies: ["127.0.0.1"] });
  owner = readFileSync(join(gateway.dataDir, "cli-token"), "utf8").trim();
});
afterAll(async () => {
  await gateway.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const put = async (body: object, from = "203.0.113.9") => {
  const response = await fetch(`${gateway.url}/api/settings/ip-filter`, {
    method: "PUT",
    headers: { authorization: `Bearer ${owner}`, "x-forwarded-for": from },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as any };
};
const get = async (path: string, from: string) => {
  const response = await fetch(gateway.url + path, { headers: { "x-forwarded-for": from } });
  return { status: response.status, text: await response.text() };
};
beforeEach(async () => {
  const cleared = { enabled: false, mode: "blacklist", blacklist: [], whitelist: [], confirm: true };
  expect((await put(cleared)).status).toBe(200);
});

test.each([
  ["198.51.100.7", "198.51.100.7", true],
  ["198.51.100.7", "198.51.100.8", false],
  ["198.51.100.0/24", "198.51.100.200", true],
  ["198.51.100.0/24", "198.51.101.1", false],
  ["0.0.0.0/0", "8.8.8.8", true],
  ["2001:db8::/32", "2001:db8:1::5", true],
  ["2001:db8::/32", "2001:db9::5", false],
  ["::ffff:198.51.100.7", "198.51.100.7", true],
  ["198.51.100.7", "::ffff:198.51.100.7", true],
  ["198.51.100.0/24", "2001:db8::1", false],
  ["198.51.100.7", "::ffff:c633:6407", true],
  ["::ffff:c633:6407", "198.51.100.7", true],
  ["198.51.100.7", "198.51.100.7:4711", true],
  ["2001:db8::/32", "[2001:db8::7]:4711", true],
  ["2001:db8::/32", "[2001:db8::7]", true],
  ["198.51.100.7", "[::ffff:198.51.100.7]:4711", true],
])("blocking %s, a call from %s: %p", async (rule, from, blocked) => {
  await put({ enabled: true, blacklist: [rule], confirm: true });
  for (const path of ["/v1/models", "/v1beta/models", "/readyz", "/api/auth/status", "/login"]) {
    const { status, text } = await get(path, from);
    if (blocked) {
      expect([path, status]).toEqual([path, 403]);
      expect(text).toContain("blocked");
    } else expect([path, status]).not.toEqual([path, 403]);
  }
  expect((await get("/healthz", from)).status).toBe(200);
});

test("the refusal speaks the caller's protocol", async () => {
  await put({ enabled: true, addBlacklist: "198.51.100.7" });
  const anthropic = await fetch(`${gateway.url}/v1/messages`, {
    method: "POST",
    headers: { "x-forwarded-for": "198.51.100.7" },
    body: "{}",
  });
  expect(await anthropic.json()).toMatchObject({ type: "error", error: { type: "permission_error" } });
  const openai = await get("/v1/models", "198.51.100.7");
  expect(JSON.parse(openai.text).error.code).toBe("ip_blocked");
  const management = await get("/api/keys", "198.51.100.7");
  expect(JSON.parse(management.text)).toEqual({
    error: { message: expect.any(String), type: "permission_error", code: "ip_blocked" },
    requestId: expect.stringMatching(/^req_/),
  });
});

test("an allow list keeps everybody else out", async () => {
  await put({ enabled: true, mode: "whitelist", whitelist: ["203.0.113.0/24"] });
  expect((await get("/v1/models", "203.0.113.77")).status).toBe(200);
  expect((await get("/v1/models", "198.51.100.7")).status).toBe(403);
});

test("rules that would keep out their own author need a confirmation", async () => {
  const rule = { enabled: true, mode: "whitelist", whitelist: ["192.0.2.0/24"] };
  const refused = await put(rule);
  expect([refused.status, refused.body.error.code]).toEqual([409, "conflict"]);
  expect((await get("/v1/models", "203.0.113.9")).status).toBe(200);
  expect((await put({ ...rule, confirm: true })).status).toBe(200);
  expect((await get("/v1/models", "203.0.113.9")).status).toBe(403);
});

test("the owner's file opens the door from anywhere", async () => {
  await put({ enabled: true, mode: "whitelist", whitelist: ["192.0.2.1"], confirm: true });
  expect((await put({ enabled: false })).status).toBe(200);
});

test("a ban counts while the lists are off, ends by itself, and can be lifted", async () => {
  const { body } = await put({ tempBan: { ip: "198.51.100.9", durationMs: "60000", reason: "too eager" } });
  expect(body.tempBans).toMatchObject([{ ip: "198.51.100.9", reason: "too eager" }]);
  expect((await get("/v1/models", "198.51.100.9")).status).toBe(403);
  await put({ removeBan: "198.51.100.9" });
  expect((await get("/v1/models", "198.51.100.9")).status).toBe(200);
});

test("single entries come and go", async () => {
  await put({ addBlacklist: ["198.51.100.1", "198.51.100.2"] });
  const { body } = await put({ removeBlacklist: "198.51.100.1" });
  expect(body.blacklist).toEqual(["198.51.100.2"]);
});

test.each([
  { blacklist: ["300.1.1.1"] },
  { blacklist: ["10.0.0.0/33"] },
  { blacklist: ["example.com"] },
  { whitelist: "10.0.0.1" },
  { mode: "grey" },
  { tempBan: { ip: "10.0.0.1", durationMs: 0 } },
  { addBlacklist: "10.0.0.0/8/8" },
])("%j is refused and changes nothing", async (body) => {
  const before = gateway.engine.access.addresses.state();
  expect((await put(body)).status).toBe(400);
  expect(gateway.engine.access.addresses.state()).toEqual(before);
});

describe("without a trusted proxy", () => {
  test("H-07: an address in a header is not believed, and rules outlive a restart", async () => {
    expect((await put({ enabled: true, blacklist: ["198.51.100.7"] })).status).toBe(200);
    await gateway.stop();
    gateway = await startGateway({ dataDir });
    owner = readFileSync(join(gateway.dataDir, "cli-token"), "utf8").trim();
    expect(gateway.engine.access.addresses.state().blacklist).toEqual(["198.51.100.7"]);
    expect((await get("/v1/models", "198.51.100.7")).status).toBe(200);
    await put({ enabled: true, blacklist: ["127.0.0.0/8"], confirm: true });
    expect((await get("/v1/models", "8.8.8.8")).status).toBe(403);
  });
});
