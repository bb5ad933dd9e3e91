import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Admin, createAdmin } from "../../src/admin/index.ts";
import { methodsOf } from "../../src/admin/route-table.ts";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import { chatReply } from "../kit/upstream.ts";

let gateway: InProcess;
let admin: Admin;
const ids: { [name: string]: string } = {};
beforeAll(async () => {
  gateway = await startInProcess({ script: () => ({ type: "answer", body: chatReply("hello") }) });
  admin = createAdmin(gateway.engine);
  const [connection = ""] = gateway.node("one", { connections: 2 });
  const combo = gateway.combo("both", ["one/a", { model: "mock/echo", weight: 3 }]);
  const { body: key } = await gateway.admin("POST", "/api/keys", {
    name: "app",
    limits: { requestsPerMinute: 9 },
    budget: { dailyLimitUsd: 5, timeZone: "Europe/Berlin" },
    expiresAt: "2030-01-01",
  });
  await gateway.admin("PUT", "/api/models/alias", { alias: "fast", model: "one/a" });
  await gateway.admin("PUT", "/api/models/alias", { pattern: "gpt-*", target: "one/a" });
  await gateway.admin("POST", "/api/fallback/chains", { name: "spare", models: ["mock/echo"] });
  await gateway.admin("POST", "/api/fallback/chains", { model: "a", chain: [{ provider: "openai" }] });
  await gateway.admin("POST", "/api/provider-models", { provider: "openai", modelId: "m", modelName: "M" });
  await gateway.admin("PATCH", "/api/pricing", { one: { a: { input: 1, output: 2, cached: 0.1 } } });
  await gateway.admin("PUT", "/api/settings/proxy", {
    global: { type: "http", host: "10.0.0.1", port: "8080" },
  });
  await gateway.admin("PUT", "/api/settings/ip-filter", {
    tempBan: { ip: "203.0.113.7", durationMs: 60_000 },
  });
  await gateway.admin("PUT", "/api/db-backups", {});
  const headers = { authorization: `Bearer ${key.key}` };
  const chat = { model: "both", messages: [{ role: "user", content: "hi" }] };
  await gateway.call("/v1/chat/completions", chat, { headers });
  await gateway.call("/v1/chat/completions", { ...chat, model: "none/such" }, { headers });
  Object.assign(ids, { connection, combo: combo.id, key: key.id, request: gateway.lastRequest().id });
});
afterAll(() => gateway.stop());

/** What a path's name stands for in this installation; calls for other things are left out. */
function addressOf(path: string): string | undefined {
  const known: { [path: string]: string | undefined } = {
    "/api/providers/:id": ids["connection"],
    "/api/combos/:id": ids["combo"],
    "/api/usage/call-logs/:id": ids["request"],
    "/api/receipts/:id": ids["request"],
    "/api/usage/:connectionId": ids["connection"],
    "/api/evals/:suiteId": "golden-set",
  };
  if (!/[:*]/.test(path)) return path;
  return known[path] === undefined ? undefined : path.replace(/:\w+/, known[path]);
}

test("answers are as they are described", async () => {
  const faults: string[] = [];
  let asked = 0;
  for (const { path, answer, ...facts } of admin.facts) {
    const address = addressOf(path);
    if (!methodsOf(facts).has("GET") || typeof answer !== "function" || address === undefined) continue;
    const { status, body } = await gateway.admin("GET", address);
    if (status !== 200) continue;
    asked++;
    const { error } = answer().safeParse(body);
    for (const { path: at, message } of error?.issues ?? [])
      faults.push(`${path} ${at.join(".")}: ${message}`);
  }
  expect(faults).toEqual([]);
  expect(asked).toBeGreaterThan(50);
});
