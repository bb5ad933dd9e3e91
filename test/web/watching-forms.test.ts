import { afterAll, beforeAll, expect, test } from "bun:test";
import { startUpstream, type Upstream } from "../kit/upstream.ts";
import type { TestGateway } from "../kit/gateway.ts";
import { ask } from "./demo.ts";
import { signedInVisitor, Visitor } from "./kit.ts";

let gateway: TestGateway;
let visitor: Visitor;
let hook: Upstream;

beforeAll(async () => {
  hook = startUpstream(() => ({ type: "text", body: "ok" }));
  ({ gateway, visitor } = await signedInVisitor());
});
afterAll(async () => {
  await gateway.stop();
  await hook.stop();
});

async function page(path: string, fields: { [name: string]: string } = {}): Promise<string> {
  const answer = await visitor.post(path, fields);
  return (answer.status === 303 ? await visitor.follow(answer) : answer).text();
}

test("an open alert stands on the page until somebody says that it is done", async () => {
  gateway.engine.notices.tellBreaker({ provider: "groq", state: "OPEN" });
  const [alert] = gateway.engine.notices.alerts.list("open");
  const path = "/dashboard/settings/notices";
  expect(await (await visitor.get(path)).text()).toContain(`alert-${alert!.id}`);
  const text = await page(`${path}?do=resolve`, { id: alert!.id });
  expect(text).toContain("The alert is closed.");
  expect(text).not.toContain(`alert-${alert!.id}`);
  expect(await page(`${path}?do=resolve`, { id: alert!.id })).toContain(
    "It does not exist, or not any more.",
  );
});

test("a trace collector is named, tried and opened with headers that are not shown again", async () => {
  const collector = startUpstream(() => ({ type: "json", body: {} }));
  const path = "/dashboard/settings/advanced";
  const saved = await page(`${path}?do=traces`, {
    endpoint: collector.url,
    headers: "x-key=canary-0123456789",
  });
  expect(saved).toContain("Set: x-key.");
  expect(saved).not.toContain("canary-0123456789");
  expect(await page(`${path}?do=try-traces`)).toContain("The collector takes traces.");
  expect(collector.seen[0]!.headers).toMatchObject({ "x-key": "canary-0123456789" });
  await collector.stop();
  expect(await page(`${path}?do=try-traces`)).toContain("The collector did not take it");
  expect(await page(`${path}?do=traces`, { endpoint: collector.url, forget: "on" })).not.toContain("x-key.");
  await page(`${path}?do=traces`, { endpoint: "" });
  expect(gateway.engine.settings().otlpEndpoint).toBe("");
});

test("a webhook is tried with a button, and what came of it is told", async () => {
  const path = "/dashboard/settings/notices";
  gateway.engine.manage.notices.change({ webhook: `${hook.url}/in` }, { name: "test" });
  expect(await page(`${path}?do=test`)).toContain("The webhook took the test.");
  hook.script(() => ({ type: "text", status: 404, body: "no" }));
  expect(await page(`${path}?do=test`)).toContain("The test did not arrive: 404.");
});

test("the next calls are recorded when somebody wants that on a request's page, and shown there", async () => {
  const { key } = gateway.engine.access.createKey({ name: "Recorded" });
  const first = (await ask(gateway.url, key, "mock/echo")).headers.get("x-request-id")!;
  const path = `/dashboard/logs/${first}`;
  expect(await page(`${path}?do=record`)).toContain("The next 5 calls are recorded.");
  const second = (await ask(gateway.url, key, "mock/echo")).headers.get("x-request-id")!;
  for (let wait = 0; wait < 2000 && !gateway.engine.recorder.find(second); wait++) await Bun.sleep(5);
  const text = await (await visitor.get(`/dashboard/logs/${second}`)).text();
  expect(text).toContain("To the provider, try 1");
  expect(text).toContain(`/api/recordings/${second}`);
  expect(text).not.toContain(key);
});

test("all calls are recorded where System & Storage says so", async () => {
  const fields = { logRetentionDays: "30", enableRequestLogs: "on" };
  await page("/dashboard/settings/storage?do=retention", fields);
  expect(gateway.engine.settings()).toMatchObject({ logRetentionDays: 30, enableRequestLogs: true });
  await page("/dashboard/settings/storage?do=retention", { logRetentionDays: "30" });
  expect(gateway.engine.settings().enableRequestLogs).toBe(false);
});

test("a request's page says that an answer broke off and whom that counts against", async () => {
  const { key } = gateway.engine.access.createKey({ name: "Cut" });
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({
      model: "mock/cut?at=2",
      stream: true,
      messages: [{ role: "user", content: "Say hello to the dashboard." }],
    }),
  });
  await answer.text();
  const path = `/dashboard/logs/${answer.headers.get("x-request-id")}`;
  const text = await (await visitor.get(path)).text();
  expect(text).toContain("Broke off");
  expect(text).not.toContain("Answer made no sense");
  expect(text).toContain("Counts against the provider until ");
});
