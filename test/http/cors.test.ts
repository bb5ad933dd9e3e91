import { afterAll, beforeAll, expect, test } from "bun:test";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { chatReply, startUpstream, type Upstream } from "../kit/upstream.ts";

const ACTOR = { name: "test" };
let gateway: TestGateway;
let upstream: Upstream;
let reached = 0;
beforeAll(async () => {
  upstream = startUpstream(() => {
    reached++;
    return { type: "json", body: chatReply("hello") };
  });
  gateway = await startGateway();
  gateway.node("up", `${upstream.url}/v1`);
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

const call = (path: string, origin: string, method = "GET") =>
  fetch(gateway.url + path, { method, headers: { origin } });
const ORIGINS = ["https://evil.example", "null", "http://localhost.evil.example", "https://app.example"];

test("B-05: no origin is allowed until one is listed, neither for models nor for management", async () => {
  for (const origin of ORIGINS) {
    for (const path of ["/v1/models", "/v1/chat/completions", "/api/keys", "/api/db-backups/exportAll"]) {
      for (const method of ["OPTIONS", "GET"]) {
        const answer = await call(path, origin, method);
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(answer.headers.get("access-control-allow-origin")).toBeNull();
        expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
      }
    }
  }
});

test("a listed origin may call models at once, without credentials, and still not manage", async () => {
  gateway.engine.manage.settings.change({ corsOrigins: ["https://app.example"] }, ACTOR);
  const answer = await call("/v1/models", "https://app.example");
  expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([
    200,
    "https://app.example",
  ]);
  expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
  expect((await call("/v1/models", "https://app.example", "OPTIONS")).status).toBe(204);
  expect((await call("/v1/models", "https://evil.example")).status).toBe(403);
  const managing = await call("/api/keys", "https://app.example");
  expect([managing.status, managing.headers.get("access-control-allow-origin")]).toEqual([403, null]);
  gateway.engine.manage.settings.change({ corsOrigins: [] }, ACTOR);
});

test("B-06: a form post of another site reaches no provider", async () => {
  const before = reached;
  for (const path of [
    "/v1/chat/completions",
    "/v1/messages",
    "/v1/responses",
    "/v1beta/models/up/x:generateContent",
  ]) {
    const answer = await fetch(gateway.url + path, {
      method: "POST",
      headers: { origin: "https://evil.example", "content-type": "text/plain" },
      body: JSON.stringify({ model: "up/x", messages: [{ role: "user", content: "hi" }] }),
    });
    expect([path, answer.status]).toEqual([path, 403]);
  }
  expect(reached).toBe(before);
});

test("a blocked provider is neither listed nor called, and is back when it is freed", async () => {
  const ask = () =>
    fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ model: "mock/echo", messages: [{ role: "user", content: "hi" }] }),
    });
  const listed = async () => (await (await fetch(`${gateway.url}/v1/models`)).text()).includes('"mock/');
  expect([(await ask()).status, await listed()]).toEqual([200, true]);
  gateway.engine.manage.settings.change({ blockedProviders: ["mock"] }, ACTOR);
  expect([(await ask()).status, await listed()]).toEqual([403, false]);
  gateway.engine.manage.settings.change({ blockedProviders: [] }, ACTOR);
  expect([(await ask()).status, await listed()]).toEqual([200, true]);
});
