import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { TestGateway } from "../kit/gateway.ts";
import { openaiService } from "../kit/service-answers.ts";
import { startUpstream, type Upstream } from "../kit/upstream.ts";
import { ask } from "./demo.ts";
import { signedInVisitor, textOf, type Visitor } from "./kit.ts";

let gateway: TestGateway;
let visitor: Visitor;
let upstream: Upstream;

beforeAll(async () => {
  ({ gateway, visitor } = await signedInVisitor());
  upstream = startUpstream(openaiService);
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

const ACTOR = { name: "test" };
const account = (name: string) =>
  gateway.engine.manage.connections.create(
    { provider: "openai", name, apiKey: `sk-${name}-0000000000`, baseUrl: `${upstream.url}/v1` },
    ACTOR,
  );
const change = (id: string, fields: { [name: string]: string }) =>
  visitor.post(`/dashboard/providers/openai/connections/${id}?do=save`, {
    priority: "1",
    isActive: "on",
    baseUrl: `${upstream.url}/v1`,
    ...fields,
  });

test("an account is put into a group, and a key kept to that group", async () => {
  const work = account("work");
  const home = account("home");
  expect((await change(work.id, { name: "work", group: "Office" })).status).toBe(303);
  expect((await change(home.id, { name: "home", priority: "2", globalPriority: "3" })).status).toBe(303);
  expect(gateway.engine.manage.connections.find(home.id).globalPriority).toBe(3);
  expect(textOf(await (await visitor.get("/dashboard/providers/openai")).text())).toContain("Office");

  const office = gateway.engine.access.createKey({ name: "Office", allowedConnections: ["group:Office"] });
  const nobody = gateway.engine.access.createKey({ name: "No", allowedConnections: ["group:Others"] });
  const call = (key: string) =>
    fetch(`${gateway.url}/v1/embeddings`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: "openai/text-embedding-3-small", input: "x" }),
    });
  for (let round = 0; round < 3; round++) {
    const answer = await call(office.key);
    expect([answer.status, answer.headers.get("x-omniroute-connection")]).toEqual([200, work.id]);
  }
  expect((await call(nobody.key)).status).toBe(403);
  expect(await ask(gateway.url, office.key, "mock/echo").then(({ status }) => status)).toBe(403);
});

test("an account has a pace of its own, and gives it back", async () => {
  const { id } = account("paced");
  const path = `/dashboard/providers/openai/connections/${id}`;
  const limits = () => gateway.engine.manage.connections.find(id).limits;
  await visitor.post(`${path}?do=save-pace`, { requestsPerMinute: "7", concurrentRequests: "2" });
  expect(limits()).toEqual({ requestsPerMinute: 7, concurrentRequests: 2 });
  expect(await (await visitor.get(path)).text()).toContain('value="7"');
  await visitor.post(`${path}?do=save-pace`, { requestsPerMinute: "" });
  expect(limits()).toEqual({});
  expect((await visitor.post(`${path}?do=save-pace`, { requestsPerMinute: "-1" })).status).toBe(400);
});

test("a sign-in that another program has left here is copied, also as text from elsewhere", async () => {
  const jwt = `x.${Buffer.from(JSON.stringify({ email: "me@example.org", exp: 4_000_000_000 })).toString("base64url")}.x`;
  const text = (account_id: string) =>
    JSON.stringify({
      tokens: { id_token: jwt, access_token: jwt, refresh_token: `rt-${account_id}-canary`, account_id },
    });
  const home = join(gateway.engine.config.dataDir, "home");
  mkdirSync(join(home, ".codex"), { recursive: true });
  const file = join(home, ".codex/auth.json");
  writeFileSync(file, text("one"));

  const path = "/dashboard/providers/codex/sign-in";
  const page = await (await visitor.get(path)).text();
  expect(textOf(page)).toContain("me@example.org ~/.codex/auth.json");
  expect(page).not.toContain("canary");
  expect((await visitor.post(`${path}?do=import`, { id: "codex-cli" })).status).toBe(303);
  expect(readFileSync(file, "utf8")).toBe(text("one"));
  expect((await visitor.post(`${path}?do=import-text`, { credentials: text("two") })).status).toBe(303);
  const wrong = await visitor.post(`${path}?do=import-text`, { credentials: '{"of":"something else"}' });
  expect([wrong.status, textOf(await wrong.text())]).toEqual([
    400,
    expect.stringContaining("This is no credential file"),
  ]);
  const connected = gateway.engine.manage.connections.list().filter(({ provider }) => provider === "codex");
  expect(connected.length).toBeGreaterThan(0);
});

test("newer facts are loaded from an address, and given up again", async () => {
  const path = "/dashboard/settings/advanced";
  const catalogue = {
    version: "2027-01",
    providers: [
      { id: "openai", models: [{ id: "gpt-9", context: 2_000_000, price: { input: 1, output: 2 } }] },
    ],
  };
  upstream.script(() => ({ type: "json", body: catalogue }));
  const shown = async () => textOf(await (await visitor.get("/dashboard/providers/openai")).text());
  expect(await shown()).not.toContain("openai/gpt-9");
  expect(
    (await visitor.post(`${path}?do=load-facts`, { url: `${upstream.url}/catalogue.json` })).status,
  ).toBe(303);
  expect(await shown()).toContain("openai/gpt-9 2M $1.00 / $2.00");
  expect(textOf(await (await visitor.get(path)).text())).toContain("2027-01");
  await visitor.post(`${path}?do=reset-facts`, {});
  expect(await shown()).not.toContain("openai/gpt-9");
  upstream.script(openaiService);
  expect((await visitor.post(`${path}?do=load-facts`, { url: "not an address" })).status).toBe(400);
});

test("a local server's models are there as soon as it is connected", async () => {
  upstream.script(() => ({ type: "json", body: { object: "list", data: [{ id: "qwen-local" }] } }));
  gateway.engine.manage.connections.create(
    { provider: "ollama", name: "here", baseUrl: `${upstream.url}/v1` },
    ACTOR,
  );
  for (
    let round = 0;
    round < 100 && !gateway.engine.catalogue.byId.get("ollama")?.models.has("qwen-local");
    round++
  )
    await Bun.sleep(10);
  expect(gateway.engine.catalogue.byId.get("ollama")?.models.has("qwen-local")).toBe(true);
  upstream.script(openaiService);
});

test("models that the provider names are added as what they are, and others as one says", async () => {
  upstream.script(() => ({
    type: "json",
    body: {
      object: "list",
      data: [{ id: "qwen3-embedding-8b" }, { id: "some-chat", context_length: 64_000 }],
    },
  }));
  const { id } = gateway.engine.manage.connections.create(
    { provider: "siliconflow", name: "list", apiKey: "sk-list-000000000", baseUrl: `${upstream.url}/v1` },
    ACTOR,
  );
  const path = "/dashboard/providers/siliconflow";
  const found = await visitor.follow(await visitor.post(`${path}?do=discover`, { id }));
  const text = await found.text();
  expect(text).toContain("qwen3-embedding-8b");
  expect(text).toContain(`name="connection" value="${id}"`);
  await visitor.post(`${path}?do=add-models`, {
    connection: id,
    models: ["qwen3-embedding-8b", "some-chat"],
  });
  await visitor.post(`${path}?do=add-models`, { names: "my-ranker", type: "rerank" });
  const { models } = gateway.engine.catalogue.byId.get("siliconflow")!;
  expect(models.get("qwen3-embedding-8b")?.type).toBe("embedding");
  expect(models.get("some-chat")).toMatchObject({ context: 64_000 });
  expect(models.get("my-ranker")?.type).toBe("rerank");
  upstream.script(openaiService);
});
