import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { chatReply, startUpstream, type Upstream } from "../kit/upstream.ts";

/** A gateway on a socket whose data outlives it, and two keys of one group with two dollars a day between them. */
const dataDir = mkdtempSync(join(tmpdir(), "omniroute-groups-"));
const ACTOR = { name: "test" };
const PRICE_PER_CALL = 1;
let gateway: TestGateway;
let upstream: Upstream;
let keys: string[];
let groupId: string;

beforeAll(async () => {
  upstream = startUpstream(() => ({ type: "json", body: chatReply("hello", { usage: [0, 10] }) }));
  gateway = await startGateway({ dataDir });
  gateway.node("one", `${upstream.url}/v1`);
  const [node] = gateway.engine.manage.nodes.list();
  gateway.engine.manage.prices.change(
    { [node!.id]: { a: { input: 0, output: (PRICE_PER_CALL * 1e6) / 10 } } },
    ACTOR,
  );
  const { access } = gateway.engine;
  groupId = access.groups.create({ name: "team", budget: { dailyLimitUsd: 2 } }, ACTOR).id;
  keys = ["first", "second"].map((name) => access.createKey({ name, groupId }).key);
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const user = { role: "user", content: "hi" };
const CLIENTS: [name: string, path: string, body: object, error: (body: any) => unknown, word: string][] = [
  [
    "OpenAI chat",
    "/v1/chat/completions",
    { model: "one/a", messages: [user] },
    ({ error }) => error.code,
    "budget_exceeded",
  ],
  [
    "OpenAI Responses",
    "/v1/responses",
    { model: "one/a", input: "hi" },
    ({ error }) => error.code,
    "budget_exceeded",
  ],
  [
    "Anthropic",
    "/v1/messages",
    { model: "one/a", max_tokens: 9, messages: [user] },
    ({ type, error }) => `${type} ${error.type}`,
    "error billing_error",
  ],
  [
    "Gemini",
    "/v1beta/models/one%2Fa:generateContent",
    { contents: [{ role: "user", parts: [{ text: "hi" }] }] },
    ({ error }) => `${error.code} ${error.status}`,
    "402 RESOURCE_EXHAUSTED",
  ],
];
const send = (path: string, body: object, key: string) =>
  fetch(gateway.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  });
const ask = (key: string) => send(CLIENTS[0]![1], CLIENTS[0]![2], key);

/** The tests of this file are one story, told in order. */
test("two keys spend the budget of their group together", async () => {
  expect((await ask(keys[0]!)).status).toBe(200);
  expect((await ask(keys[1]!)).status).toBe(200);
  expect(gateway.engine.access.spendingOf(gateway.engine.access.groups.get(groupId))).toMatchObject({
    daily: { billed: 2 * PRICE_PER_CALL },
  });
});

const refusals = async () => {
  const count = upstream.seen.length;
  for (const [name, path, body, error, word] of CLIENTS)
    for (const key of keys) {
      const answer = await send(path, body, key);
      const told = (await answer.json()) as any;
      expect([name, answer.status, error(told)]).toEqual([name, 402, word]);
      expect(JSON.stringify(told)).toContain("this API key's group team is spent");
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    }
  expect(upstream.seen).toHaveLength(count);
};

test("then both are refused in the shape of each protocol, and nobody is asked", refusals);

test("a restart forgets nothing", async () => {
  await gateway.stop();
  gateway = await startGateway({ dataDir });
  await refusals();
});

test("a paused group is refused in the shape of each protocol, and for lists of models", async () => {
  gateway.engine.access.groups.update(groupId, { isActive: false, budget: null }, ACTOR);
  for (const [name, path, body] of CLIENTS) {
    const answer = await send(path, body, keys[0]!);
    expect([name, answer.status]).toEqual([name, 403]);
    expect(await answer.text()).toContain("group of this API key is paused");
  }
  const headers = { authorization: `Bearer ${keys[0]}` };
  expect((await fetch(`${gateway.url}/v1/models`, { headers })).status).toBe(403);
  gateway.engine.access.groups.update(groupId, { isActive: true }, ACTOR);
  expect((await ask(keys[0]!)).status).toBe(200);
});
