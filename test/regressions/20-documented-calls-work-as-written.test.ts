import { afterAll, beforeAll, expect, test } from "bun:test";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";

/** Calls copied from the documents work letter for letter: curl without a content type, both budget bodies. */

let gateway: TestGateway;
let managed: InProcess;
beforeAll(async () => {
  gateway = await startGateway();
  managed = await startInProcess();
});
afterAll(async () => {
  await gateway.stop();
  await managed.stop();
});

test.each([undefined, "application/x-www-form-urlencoded", "text/plain;charset=UTF-8", "application/json"])(
  "a body that calls itself %p is read as JSON",
  async (type) => {
    const body = JSON.stringify({ model: "mock/echo", messages: [{ role: "user", content: "hi" }] });
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: type ? { "content-type": type } : {},
      body: new TextEncoder().encode(body),
    });
    expect(response.status).toBe(200);
  },
);

test.each<[string, (id: string) => object]>([
  ["by key", (id) => ({ keyId: id, limit: 50, period: "monthly" })],
  ["by API key", (id) => ({ apiKeyId: id, dailyLimitUsd: 5, monthlyLimitUsd: 50, warningThreshold: 0.8 })],
])("the budget call %s is taken and shown again", async (_name, body) => {
  const { id } = managed.engine.access.createKey({ name: crypto.randomUUID() }).record;
  const set = await managed.admin("POST", "/api/usage/budget", body(id));
  expect(set.status).toBeLessThan(300);
  const shown = await managed.admin("GET", `/api/usage/budget?apiKeyId=${id}`);
  expect(JSON.stringify(shown.body)).toContain("50");
});
