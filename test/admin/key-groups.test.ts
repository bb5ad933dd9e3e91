import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { KeyGate } from "../../src/access/key-gate.ts";
import { story } from "../../src/cli/explain.ts";
import type { ApiKey } from "../../src/core/key.ts";
import { listRequests, totalUsage } from "../../src/store/index.ts";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import { chatReply } from "../kit/upstream.ts";

const DAY_MS = 86_400_000;
let gateway: InProcess;
let connections: string[];
let sent = 0;
beforeEach(async () => {
  gateway = await startInProcess({
    script: ({ body }) => {
      sent++;
      return { type: "answer", body: chatReply(`I am ${body.model}`) };
    },
  });
  connections = gateway.node("one", { connections: 2 });
  gateway.node("two");
  gateway.combo("both", ["two/b", "one/a"]);
});
afterEach(() => gateway.stop());

const newGroup = async (fields: object = {}) => {
  const { status, body } = await gateway.admin("POST", "/api/key-groups", { name: "team", ...fields });
  expect(status).toBe(201);
  return body.group.id as string;
};
const newKey = async (fields: object) => {
  const { status, body } = await gateway.admin("POST", "/api/keys", { name: "k", ...fields });
  expect(status).toBe(201);
  return { id: body.id as string, key: body.key as string };
};
const ask = (key: string, model = "one/a") =>
  gateway.call(
    "/v1/chat/completions",
    { model, messages: [{ role: "user", content: "hi" }] },
    { headers: { authorization: `Bearer ${key}` }, withinMs: 20_000 },
  );
const errorOf = (text: string) => JSON.parse(text).error as { code: string; message: string };
/** A call of a key that cost something, as the relay tells it once it is over. */
const spend = (keyId: string, keyGroupId: string, cost: number) => {
  const record = {
    ...listRequests(gateway.engine.store, { limit: 1 }).requests[0]!,
    ...{ keyId, keyGroupId, cost, costKind: "billed" as const, at: gateway.clock.now() },
  };
  gateway.engine.store.requestLog.add({ ...record, id: `req_${Math.random()}` });
  gateway.engine.access.countCall(record);
};
const groupOf = async (id: string) => (await gateway.admin("GET", `/api/key-groups/${id}`)).body.group;

describe("a key may use what it and its group both may", () => {
  const free = {};
  test.each([
    [free, free, "one/a", 200, undefined],
    [{ allowedModels: ["one/*"] }, free, "two/b", 403, "This API key may"],
    [free, { allowedModels: ["one/*"] }, "two/b", 403, "The group of this API key may"],
    [free, { allowedModels: ["one/*"] }, "one/a", 200, undefined],
    [{ allowedModels: ["one/*"] }, { allowedModels: ["two/*"] }, "one/a", 403, "The group"],
    [{ allowedModels: ["one/*"] }, { allowedModels: ["two/*"] }, "two/b", 403, "This API key may"],
    [{ allowedModels: ["one/*", "two/b"] }, { allowedModels: ["two/*"] }, "two/b", 200, undefined],
    [{ allowedProviders: ["one"] }, { allowedProviders: ["two"] }, "one/a", 403, "The group"],
    [{ allowedModels: ["a"] }, { allowedProviders: ["one"] }, "one/a", 200, undefined],
    [free, { allowedCombos: ["other"] }, "both", 403, "The group"],
    [{ allowedCombos: ["bo*"] }, { allowedCombos: ["*th"] }, "both", 200, undefined],
    [free, { allowedEndpoints: ["messages"] }, "one/a", 403, "The group"],
    [{ allowedEndpoints: ["chat"] }, { allowedEndpoints: ["chat", "images"] }, "one/a", 200, undefined],
  ])("key %j, group %j, asked for %s: %i", async (own, shared, model, status, words) => {
    const { key } = await newKey({ ...own, groupId: await newGroup(shared) });
    const answer = await ask(key, model);
    expect(answer.status).toBe(status);
    if (words !== undefined) expect(errorOf(answer.text).message).toStartWith(words);
  });

  test("of connections, those that both lists name; a combo goes on with what is left", async () => {
    const groupId = await newGroup({ allowedConnections: [connections[1]], allowedModels: ["one/*"] });
    const { key } = await newKey({ groupId, allowedConnections: connections });
    for (let turn = 0; turn < 3; turn++)
      expect((await ask(key, "both")).headers.get("x-omniroute-connection")).toBe(connections[1]!);
    const other = await newKey({ groupId, allowedConnections: [connections[0]] });
    expect((await ask(other.key)).status).toBe(403);
  });

  test("lists show what both allow", async () => {
    for (const [provider, modelId] of [
      ["one", "a"],
      ["one", "c"],
      ["two", "b"],
    ])
      await gateway.admin("POST", "/api/provider-models", { provider, modelId, modelName: modelId });
    const groupId = await newGroup({ allowedModels: ["one/*"], allowedCombos: ["none"] });
    const { key } = await newKey({ groupId, allowedModels: ["*/a", "*/b"] });
    const caller = gateway.engine.access.findCaller(key);
    if (typeof caller === "string") throw new Error(caller);
    expect(gateway.engine.models(caller).map(({ id }) => id)).toEqual(["one/a"]);
  });
});

describe("limits of a group hold for all its keys together", () => {
  test.each([
    [{ requestsPerMinute: 3 }, { requestsPerMinute: 100 }, 3, "All keys of the group team"],
    [{ requestsPerMinute: 100 }, { requestsPerMinute: 1 }, 2, "This API key is"],
    [{ requestsPerDay: 3 }, {}, 3, "All keys of the group team"],
    [{ tokensPerMinute: 1 }, {}, 1, "All keys of the group team"],
  ])("group %j, keys %j: %i calls of two keys pass", async (shared, own, passing, words) => {
    const groupId = await newGroup({ limits: shared });
    const keys = [await newKey({ groupId, limits: own }), await newKey({ groupId, limits: own })];
    const answers = [];
    for (let turn = 0; turn < 8; turn++) answers.push(await ask(keys[turn % 2]!.key));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(passing);
    const refused = answers.findLast(({ status }) => status === 429)!;
    expect(errorOf(refused.text).code).toBe("rate_limit_exceeded");
    expect(errorOf(refused.text).message).toStartWith(words);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(1);
  });

  test("calls at once; a call its own key refuses takes no place of the group's", async () => {
    const groupId = await newGroup({ limits: { maxConcurrent: 2, requestsPerMinute: 2 } });
    const tight = await newKey({ groupId, limits: { maxConcurrent: 1 } });
    const other = await newKey({ groupId });
    const callerOf = (key: string) => {
      const caller = gateway.engine.access.findCaller(key);
      if (typeof caller === "string") throw new Error(caller);
      return caller;
    };
    const over = gateway.engine.admit(callerOf(tight.key), "/v1/chat/completions");
    expect((await ask(tight.key)).status).toBe(429);
    expect((await groupOf(groupId)).now).toEqual({ requests: 1, tokens: 0, running: 1 });
    const second = gateway.engine.admit(callerOf(other.key), "/v1/chat/completions");
    expect(() => gateway.engine.admit(callerOf(other.key), "/v1/messages")).toThrow("group team");
    over();
    over();
    second();
    expect((await groupOf(groupId)).now.running).toBe(0);
  });
});

describe("a budget of a group", () => {
  test("is shared: what one key spends shuts out the other, with the time it begins anew", async () => {
    const groupId = await newGroup({ budget: { dailyLimitUsd: 1 } });
    const [first, second] = [await newKey({ groupId, name: "a" }), await newKey({ groupId, name: "b" })];
    const outside = await newKey({ name: "c" });
    await ask(first.key);
    spend(first.id, groupId, 0.9);
    expect((await ask(second.key)).status).toBe(200);
    spend(second.id, groupId, 0.1);
    const before = sent;
    for (const { key } of [first, second]) {
      const refused = await ask(key);
      expect([refused.status, errorOf(refused.text).code]).toEqual([402, "budget_exceeded"]);
      expect(errorOf(refused.text).message).toContain("daily budget of this API key's group team");
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(60);
    }
    expect(sent).toBe(before);
    expect((await ask(outside.key)).status).toBe(200);
    expect(await groupOf(groupId)).toMatchObject({
      spending: { totalCostToday: 1, budgetCheck: { allowed: false, warningReached: true, remaining: 0 } },
    });
    expect((await groupOf(groupId)).keys.map(({ name }: { name: string }) => name).toSorted()).toEqual([
      "a",
      "b",
    ]);
    const alerts = (await gateway.admin("GET", "/api/alerts?state=open")).body.alerts;
    expect(alerts).toMatchObject([
      { kind: "budget", level: "problem", message: "The daily budget of the key group team is spent." },
    ]);
    expect(gateway.log.filter((line) => line.includes("nearly spent"))).toHaveLength(1);
    gateway.clock.advance(DAY_MS);
    expect((await ask(second.key)).status).toBe(200);
  });

  test("and one of the key: the tighter decides", async () => {
    const groupId = await newGroup({ budget: { monthlyLimitUsd: 10 } });
    const { id, key } = await newKey({ groupId, budget: { monthlyLimitUsd: 1 } });
    await ask(key);
    spend(id, groupId, 1);
    expect(errorOf((await ask(key)).text).message).toContain("monthly budget of this API key is spent");
    await gateway.admin("PATCH", `/api/keys/${id}`, { budget: null });
    expect((await ask(key)).status).toBe(200);
  });

  test("of calls at once only those in flight go over it", async () => {
    const groupId = await newGroup({ budget: { dailyLimitUsd: 1 }, limits: { maxConcurrent: 4 } });
    const keys = [await newKey({ groupId }), await newKey({ groupId })];
    await gateway.admin("PATCH", "/api/pricing", { one: { a: { input: 0, output: 100_000 } } });
    const statuses: number[] = [];
    for (let round = 0; round < 8; round++)
      statuses.push(
        ...(await Promise.all([0, 1, 0, 1, 0].map((turn) => ask(keys[turn]!.key)))).map(
          ({ status }) => status,
        ),
      );
    const { totalCostToday } = (await groupOf(groupId)).spending;
    const each = totalCostToday / statuses.filter((status) => status === 200).length;
    expect(totalCostToday).toBeGreaterThanOrEqual(1);
    expect(totalCostToday).toBeLessThanOrEqual(1 + 4 * each);
    expect(statuses.at(-1)).toBe(402);
  });

  test("is known after a restart; a key takes its own sum along and leaves the group's behind", async () => {
    const groupId = await newGroup({ budget: { weeklyLimitUsd: 5 } });
    const { id, key } = await newKey({ groupId });
    await ask(key);
    spend(id, groupId, 3);
    const other = await newGroup({ name: "other" });
    await gateway.admin("PATCH", `/api/keys/${id}`, { groupId: other });
    await ask(key);
    spend(id, other, 1);
    const anew = new KeyGate(gateway.engine.store);
    expect(anew.spending.spent(groupId, "weekly")).toMatchObject({ billed: 3 });
    anew.close();
    const query = { from: 0, to: gateway.clock.now() + 1 };
    const { store } = gateway.engine;
    expect(totalUsage(store, { ...query, keyGroupId: groupId }).cost).toBe(3);
    expect(totalUsage(store, { ...query, keyGroupId: other }).cost).toBe(1);
    expect(totalUsage(store, { ...query, keyId: id }).cost).toBe(4);
  });

  test("what a key without limits spends is shown as it grows", async () => {
    const groupId = await newGroup();
    const { id, key } = await newKey({ groupId });
    expect((await groupOf(groupId)).spending.totalCostToday).toBe(0);
    await ask(key);
    spend(id, groupId, 2);
    expect((await groupOf(groupId)).spending.totalCostToday).toBe(2);
    const { body } = await gateway.admin("GET", `/api/usage/budget?keyId=${id}`);
    expect(body.totalCostToday).toBe(2);
  });
});

describe("the usage", () => {
  test("is broken down by group, and a report can be kept to one", async () => {
    const groupId = await newGroup();
    const { id, key } = await newKey({ groupId });
    const outside = await newKey({ name: "outside" });
    await ask(key);
    await ask(outside.key);
    spend(id, groupId, 2);
    const { body } = await gateway.admin("GET", "/api/usage/analytics?range=7d");
    expect(
      body.byKeyGroup.map(({ keyGroupName, totalRequests, totalCost }: any) => [
        keyGroupName,
        totalRequests,
        totalCost,
      ]),
    ).toEqual([
      [null, 1, 0],
      ["team", 2, 2],
    ]);
    const { logs } = (await gateway.admin("GET", `/api/usage/call-logs?keyGroup=${groupId}`)).body;
    expect(logs.map(({ keyGroupId, apiKeyId }: any) => [keyGroupId, apiKeyId])).toEqual([
      [groupId, id],
      [groupId, id],
    ]);
    const report = (await gateway.admin("GET", `/api/usage/report?keyGroup=${groupId}`)).body;
    expect(report.summary).toMatchObject({ totalRequests: 2, totalCost: 2 });
    expect(report.rows[0]).toMatchObject({ keyGroupId: groupId, keyGroupName: "team" });
  });
});

describe("a paused group", () => {
  test("refuses its keys at once, also for managing and for lists; a key in none goes on", async () => {
    const groupId = await newGroup();
    const { key } = await newKey({ groupId, scopes: ["inference", "admin"] });
    const outside = await newKey({});
    expect((await ask(key)).status).toBe(200);
    await gateway.admin("PATCH", `/api/key-groups/${groupId}`, { isActive: false });
    const refused = await ask(key);
    expect([refused.status, errorOf(refused.text).code]).toEqual([403, "key_group_paused"]);
    expect((await ask(outside.key)).status).toBe(200);
    await gateway.admin("PATCH", `/api/key-groups/${groupId}`, { isActive: true });
    expect((await ask(key)).status).toBe(200);
  });

  test("a group that is gone against all rules does not set its keys free", async () => {
    const { id, key } = await newKey({ groupId: await newGroup() });
    const { store } = gateway.engine;
    store.change("keys", () =>
      store.files.config.run("UPDATE api_keys SET group_id = 'gone' WHERE id = ?", [id]),
    );
    expect((await ask(key)).status).toBe(403);
  });
});

test("a receipt and its story name the group that the key was in", async () => {
  const groupId = await newGroup();
  const { id, key } = await newKey({ groupId });
  const told = async () => {
    await ask(key);
    return (await gateway.admin("GET", `/api/receipts/${gateway.lastRequest().id}`)).body;
  };
  const inside = await told();
  expect(inside.key_group).toEqual({ id: groupId, name: "team" });
  expect(story(inside)[0]).toContain("k of the group team asked");
  await gateway.admin("PATCH", `/api/keys/${id}`, { groupId: null });
  const outside = await told();
  expect([outside.key_group, story(outside)[0]]).toEqual([null, expect.stringContaining("k asked")]);
});

describe("groups are managed", () => {
  const keyOf = (id: string): ApiKey => gateway.engine.access.listKeys().find((key) => key.id === id)!;

  test("with keys in it a group stays, unless they are let go", async () => {
    const groupId = await newGroup({ allowedModels: ["two/*"] });
    const { id, key } = await newKey({ groupId, name: "laptop" });
    const refused = await gateway.admin("DELETE", `/api/key-groups/${groupId}`);
    expect([refused.status, refused.body.error.code]).toEqual([409, "conflict"]);
    expect(refused.body.error.message).toContain("?keys=detach");
    expect((await ask(key)).status).toBe(403);
    expect((await gateway.admin("DELETE", `/api/key-groups/${groupId}?keys=detach`)).status).toBe(200);
    expect(keyOf(id).groupId).toBeUndefined();
    expect((await ask(key)).status).toBe(200);
    const again = await gateway.admin("POST", "/api/compliance/audit-log/undo", {});
    expect(again.status).toBe(200);
    expect(keyOf(id).groupId).toBe(groupId);
    expect((await ask(key)).status).toBe(403);
  });

  test("revoked keys do not hold a group", async () => {
    const groupId = await newGroup();
    const { id } = await newKey({ groupId });
    await gateway.admin("DELETE", `/api/keys/${id}`);
    expect((await gateway.admin("DELETE", `/api/key-groups/${groupId}`)).status).toBe(200);
  });

  test("making a group is not undone while keys are in it", async () => {
    const groupId = await newGroup();
    const [entry] = gateway.engine.store.files.config
      .query<{ id: number }, []>("SELECT id FROM audit_log ORDER BY id DESC LIMIT 1")
      .all();
    const { id } = await newKey({ groupId, name: "laptop" });
    const undo = () => gateway.admin("POST", "/api/compliance/audit-log/undo", { id: entry!.id });
    expect((await undo()).status).toBe(409);
    expect((await groupOf(groupId)).name).toBe("team");
    await gateway.admin("PATCH", `/api/keys/${id}`, { groupId: null });
    expect(await undo()).toMatchObject({ status: 200 });
    expect((await gateway.admin("GET", "/api/key-groups")).body.groups).toEqual([]);
  });

  test("rotation keeps the group", async () => {
    const groupId = await newGroup({ allowedModels: ["two/*"] });
    const { id } = await newKey({ groupId });
    const { body } = await gateway.admin("POST", `/api/keys/${id}/rotate`, {});
    expect(keyOf(id).groupId).toBe(groupId);
    expect((await ask(body.key)).status).toBe(403);
  });

  test("a change leaves what it does not name, and stands in the history field by field", async () => {
    const groupId = await newGroup({ note: "interns", limits: { requestsPerMinute: 5 } });
    await gateway.admin("PATCH", `/api/key-groups/${groupId}`, { limits: { tokensPerMinute: "1000" } });
    expect(await groupOf(groupId)).toMatchObject({
      note: "interns",
      isActive: true,
      limits: { requestsPerMinute: 5, tokensPerMinute: 1000 },
    });
    const { body } = await gateway.admin("GET", "/api/compliance/audit-log?limit=1");
    expect(body[0]).toMatchObject({ action: "key-group.update", target: groupId });
    expect(JSON.stringify(body[0].changes ?? body[0])).toContain("limits");
    await gateway.admin("POST", "/api/compliance/audit-log/undo", {});
    expect((await groupOf(groupId)).limits.tokensPerMinute).toBeNull();
  });

  test.each([
    ["POST", "/api/key-groups", { name: "team" }, 409],
    ["POST", "/api/key-groups", { name: "" }, 400],
    ["POST", "/api/key-groups", { name: "x", budget: { dailyLimitUsd: -1 } }, 400],
    ["POST", "/api/key-groups", { name: "x", allowedEndpoints: ["telnet"] }, 400],
    ["PATCH", "/api/key-groups/nothing", { name: "x" }, 404],
    ["DELETE", "/api/key-groups/nothing", undefined, 404],
    ["DELETE", "/api/key-groups/nothing?keys=eat", undefined, 400],
    ["POST", "/api/keys", { name: "x", groupId: "nothing" }, 400],
  ])("%s %s %j: %i", async (method, path, body, status) => {
    await newGroup();
    expect((await gateway.admin(method, path, body)).status).toBe(status);
  });
});
