import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { KeyGate } from "../../src/access/key-gate.ts";
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

const newKey = async (fields: object) => {
  const { status, body } = await gateway.admin("POST", "/api/keys", { name: "k", ...fields });
  expect(status).toBe(201);
  return { id: body.id as string, key: body.key as string };
};
const HEADERS: [string, (key: string) => { [name: string]: string }][] = [
  ["Bearer", (key) => ({ authorization: `Bearer ${key}` })],
  ["x-api-key", (key) => ({ "x-api-key": key })],
  ["x-goog-api-key", (key) => ({ "x-goog-api-key": key })],
];
const bearer = HEADERS[0]![1];
const ask = (key: string, model = "one/a", headers = bearer(key)) =>
  gateway.call(
    "/v1/chat/completions",
    { model, messages: [{ role: "user", content: "hi" }] },
    { headers, withinMs: 20_000 },
  );
const codeOf = (text: string) => JSON.parse(text).error.code as string;

describe("what a key may use", () => {
  test.each([
    [{ allowedModels: ["one/*"] }, "one/a", 200],
    [{ allowedModels: ["one/*"] }, "two/b", 403],
    [{ allowedModels: ["b"] }, "two/b", 200],
    [{ allowedProviders: ["two"] }, "two/b", 200],
    [{ allowedProviders: ["two"] }, "one/a", 403],
    [{ allowedCombos: ["other"] }, "both", 403],
    [{ allowedCombos: ["bo*"] }, "both", 200],
    [{ allowedEndpoints: ["messages"] }, "one/a", 403],
    [{ allowedEndpoints: ["chat"] }, "one/a", 200],
  ])("%j asked for %s: %i, whatever header carries the key", async (rules, model, status) => {
    const { key } = await newKey(rules);
    for (const [, header] of HEADERS) expect((await ask(key, model, header(key))).status).toBe(status);
  });

  test("inside a combo, targets the key may not use are left out", async () => {
    const { key } = await newKey({ allowedModels: ["one/*"] });
    const answer = await ask(key, "both");
    expect(answer.headers.get("x-omniroute-model")).toBe("one/a");
    expect(gateway.lastRequest().attempts).toHaveLength(1);
  });

  test("a combo named among the models brings its models along, and only through itself", async () => {
    const { key } = await newKey({ allowedModels: ["both"] });
    expect((await ask(key, "both")).headers.get("x-omniroute-model")).toBe("two/b");
    expect((await ask(key, "two/b")).status).toBe(403);
    gateway.combo("other", ["two/b"]);
    expect((await ask(key, "other")).status).toBe(403);
    const caller = gateway.engine.access.findCaller(key);
    if (typeof caller === "string") throw new Error(caller);
    expect(gateway.engine.models(caller).map(({ id }) => id)).toEqual(["both"]);
    // A pattern means models, and a name in a request's own list is no way around.
    const { key: pattern } = await newKey({ allowedModels: ["bo*"] });
    expect((await ask(pattern, "both")).status).toBe(403);
    const wide = await gateway.call(
      "/v1/chat/completions",
      { model: "both", models: ["one/other"], messages: [{ role: "user", content: "hi" }] },
      { headers: { ...bearer(key), "x-omniroute-dry-run": "true" } },
    );
    const { targets, excluded } = JSON.parse(wide.text);
    expect(new Set(targets.map(({ model }: { model: string }) => model))).toEqual(
      new Set(["two/b", "one/a"]),
    );
    expect(excluded).toMatchObject([{ model: "one/other", reason: "not allowed for this API key" }]);
  });

  test("a group's models hold inside a combo that only the key names", async () => {
    const group = await gateway.admin("POST", "/api/key-groups", { name: "g", allowedModels: ["one/*"] });
    const { key } = await newKey({ allowedModels: ["both"], groupId: group.body.group.id });
    expect((await ask(key, "both")).headers.get("x-omniroute-model")).toBe("one/a");
  });

  test("only the named connections are used", async () => {
    const { key } = await newKey({ allowedConnections: [connections[1]] });
    for (let turn = 0; turn < 3; turn++) {
      expect((await ask(key)).headers.get("x-omniroute-connection")).toBe(connections[1]!);
    }
    const other = await newKey({ allowedConnections: ["none"] });
    expect((await ask(other.key)).status).toBe(403);
  });

  test("lists show what the key may use, and nothing else", async () => {
    await gateway.admin("POST", "/api/provider-models", { provider: "one", modelId: "a", modelName: "A" });
    const { key } = await newKey({ allowedModels: ["none/*"], allowedCombos: ["none"] });
    const caller = gateway.engine.access.findCaller(key);
    if (typeof caller === "string") throw new Error(caller);
    expect(gateway.engine.models(caller)).toEqual([]);
  });

  test("an emptied list frees the key on its next call", async () => {
    const { id, key } = await newKey({ allowedModels: ["two/*"] });
    expect((await ask(key)).status).toBe(403);
    await gateway.admin("PATCH", `/api/keys/${id}`, { allowedModels: [] });
    expect((await ask(key)).status).toBe(200);
  });

  test("a change leaves what it does not name", async () => {
    const { id } = await newKey({ allowedModels: ["one/*"], scopes: ["admin"], noLog: true });
    const { body } = await gateway.admin("PATCH", `/api/keys/${id}`, {
      limits: { requestsPerMinute: "5" },
      colour: "red",
    });
    expect(body.key).toMatchObject({
      allowedModels: ["one/*"],
      scopes: ["admin"],
      noLog: true,
      limits: { requestsPerMinute: 5, requestsPerDay: null },
    });
  });
});

describe("limits", () => {
  test("C-13: 10 requests per minute let 10 of 100 pass in any 60 s", async () => {
    const { key } = await newKey({ limits: { requestsPerMinute: 10 } });
    const answers = [];
    for (let call = 0; call < 100; call++) answers.push(await ask(key, "one/a", HEADERS[call % 3]![1](key)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
    const refused = answers.find(({ status }) => status === 429)!;
    expect(codeOf(refused.text)).toBe("rate_limit_exceeded");
    const wait = Number(refused.headers.get("retry-after"));
    expect(wait).toBeGreaterThan(50);
    expect(wait).toBeLessThanOrEqual(60);
    gateway.clock.advance(wait * 1000);
    expect((await ask(key)).status).toBe(200);
  });

  test("a call that a limit refuses stands in the log, with its key and the reason", async () => {
    const { id, key } = await newKey({ limits: { requestsPerMinute: 1 }, allowedEndpoints: ["chat"] });
    await ask(key);
    const refused = await ask(key);
    expect(refused.status).toBe(429);
    expect(refused.text).toContain("limited to 1 request per minute.");
    expect(gateway.lastRequest()).toMatchObject({ keyId: id, status: 429, errorCode: "rate_limit_exceeded" });
    await gateway.call("/v1/embeddings", { model: "one/a", input: "hi" }, { headers: bearer(key) });
    expect(gateway.lastRequest()).toMatchObject({ keyId: id, status: 403, path: "/v1/embeddings" });
    await gateway.admin("POST", "/api/usage/budget", { keyId: id, limit: 0, period: "daily" });
    await ask(key);
    expect(gateway.lastRequest()).toMatchObject({ keyId: id, status: 402, errorCode: "budget_exceeded" });
    const { body } = await gateway.admin("GET", "/api/usage/call-logs?status=error");
    expect(body.logs.map(({ status }: { status: number }) => status)).toEqual([402, 403, 429]);
  });

  test("a budget's days begin where its owner lives", async () => {
    const { id } = await newKey({
      budget: { dailyLimitUsd: 1, timeZone: "America/Sao_Paulo", resetTime: "06:00" },
    });
    const { body } = await gateway.admin("GET", `/api/usage/budget?keyId=${id}`);
    expect(body.budget).toMatchObject({ timeZone: "America/Sao_Paulo", resetTime: "06:00" });
    expect(body.nextResetAt).toEndWith("T09:00:00.000Z");
    expect(
      (await gateway.admin("POST", "/api/keys", { name: "k", budget: { timeZone: "Mars/Base" } })).status,
    ).toBe(400);
  });

  test("dry runs are no requests", async () => {
    const { key } = await newKey({ limits: { requestsPerMinute: 1 } });
    const dry = () => ask(key, "one/a", { ...HEADERS[0]![1](key), "x-omniroute-dry-run": "true" });
    for (let call = 0; call < 3; call++) expect((await dry()).text).toContain("omniroute.plan");
    expect((await ask(key)).status).toBe(200);
    expect((await ask(key)).status).toBe(429);
    expect((await dry()).status).toBe(200);
  });

  test("requests per day outlive a restart and end at midnight UTC", async () => {
    const { key } = await newKey({ limits: { requestsPerDay: 2 } });
    await ask(key);
    await ask(key);
    expect((await ask(key)).status).toBe(429);
    gateway.clock.advance(DAY_MS);
    expect((await ask(key)).status).toBe(200);
  });

  test("tokens per minute close the door once they are used", async () => {
    const { key } = await newKey({ limits: { tokensPerMinute: 1 } });
    expect((await ask(key)).status).toBe(200);
    const refused = await ask(key);
    expect(refused.status).toBe(429);
    gateway.clock.advance(61_000);
    expect((await ask(key)).status).toBe(200);
  });

  test("calls at once, in the shape of the caller's protocol", async () => {
    const { key } = await newKey({ limits: { maxConcurrent: 1 } });
    const caller = gateway.engine.access.findCaller(key);
    if (typeof caller === "string") throw new Error(caller);
    const over = gateway.engine.admit(caller, "/v1/messages");
    const refused = await gateway.call(
      "/v1/messages",
      { model: "one/a", max_tokens: 5, messages: [{ role: "user", content: "hi" }] },
      { headers: { "x-api-key": key } },
    );
    expect([refused.status, JSON.parse(refused.text).error.type]).toEqual([429, "rate_limit_error"]);
    over();
    over();
    expect((await ask(key)).status).toBe(200);
  });

  test.each([{ requestsPerMinute: 0 }, { requestsPerDay: "many" }, { maxConcurrent: 1.5 }])(
    "%j is refused with its field",
    async (limits) => {
      const { status, body } = await gateway.admin("POST", "/api/keys", { name: "k", limits });
      expect([status, body.error.details[0].field]).toEqual([400, `limits.${Object.keys(limits)[0]}`]);
    },
  );
});

describe("budgets", () => {
  const spend = (keyId: string, cost: number, costKind: "billed" | "shadow" = "billed") => {
    const record = { ...gateway.lastRequest(), keyId, cost, costKind, at: gateway.clock.now() };
    gateway.engine.store.requestLog.add({ ...record, id: `req_${Math.random()}` });
    gateway.engine.access.countCall(record);
  };

  test("both documented bodies, and what they answer", async () => {
    const { id } = await newKey({});
    const first = await gateway.admin("POST", "/api/usage/budget", {
      keyId: id,
      limit: 50,
      period: "monthly",
    });
    expect(first.body).toMatchObject({ success: true, apiKeyId: id, budget: { monthlyLimitUsd: 50 } });
    const second = await gateway.admin("POST", "/api/usage/budget", {
      apiKeyId: id,
      dailyLimitUsd: "1.5",
      warningThreshold: 50,
    });
    expect(second.body.budget).toMatchObject({
      dailyLimitUsd: 1.5,
      monthlyLimitUsd: 50,
      warningThreshold: 0.5,
    });
    const all = await gateway.admin("GET", "/api/usage/budget");
    expect(all.body.budgets).toHaveLength(1);
    const one = await gateway.admin("GET", `/api/usage/budget?keyId=${id}`);
    expect(one.body).toMatchObject({
      dailyTotal: 0,
      activeLimitUsd: 1.5,
      budgetCheck: { allowed: true, dailyLimit: 1.5, warningReached: false, remaining: 1.5 },
    });
    const gone = await gateway.admin("POST", "/api/usage/budget", { apiKeyId: id, dailyLimitUsd: null });
    expect(gone.body.budget.dailyLimitUsd).toBeNull();
  });

  test.each([
    [{ keyId: "nobody", limit: 1, period: "daily" }, 404],
    [{ limit: 1, period: "daily" }, 400],
    [{ keyId: "x", limit: -1, period: "daily" }, 400],
    [{ keyId: "x", limit: 1 }, 400],
    [{ keyId: "x", limit: 1, period: "yearly" }, 400],
  ])("%j: %i", async (body, status) => {
    expect((await gateway.admin("POST", "/api/usage/budget", body)).status).toBe(status);
  });

  test("spent: 402 naming the period and its end, before anything is sent; anew in the next", async () => {
    const { id, key } = await newKey({ budget: { dailyLimitUsd: 1 } });
    await ask(key);
    spend(id, 0.99);
    expect((await ask(key)).status).toBe(200);
    spend(id, 0.01);
    const before = sent;
    const refused = await ask(key);
    expect([refused.status, codeOf(refused.text)]).toEqual([402, "budget_exceeded"]);
    expect(refused.text).toContain("daily");
    expect(sent).toBe(before);
    expect(gateway.log.filter((line) => line.includes("nearly spent"))).toHaveLength(1);
    gateway.clock.advance(DAY_MS);
    expect((await ask(key)).status).toBe(200);
  });

  test("C-12: of 50 calls at once only those in flight go over the limit", async () => {
    const slots = 4;
    const { id, key } = await newKey({ budget: { dailyLimitUsd: 1 }, limits: { maxConcurrent: slots } });
    await gateway.admin("PATCH", "/api/pricing", { one: { a: { input: 0, output: 100_000 } } });
    let statuses: number[] = [];
    for (let round = 0; round < 10; round++)
      statuses = [
        ...statuses,
        ...(await Promise.all(Array.from({ length: 5 }, () => ask(key)))).map(({ status }) => status),
      ];
    const { body } = await gateway.admin("GET", `/api/usage/budget?keyId=${id}`);
    const served = statuses.filter((status) => status === 200).length;
    const each = body.totalCostToday / served;
    expect(each).toBeGreaterThan(0);
    expect(body.totalCostToday).toBeGreaterThanOrEqual(1);
    expect(body.totalCostToday).toBeLessThanOrEqual(1 + slots * each);
    expect(statuses.at(-1)).toBe(402);
  });

  test("what was spent is known to a budget that is set later, and after a restart", async () => {
    const { id, key } = await newKey({});
    await ask(key);
    spend(id, 5);
    await gateway.admin("POST", "/api/usage/budget", { keyId: id, limit: 5, period: "weekly" });
    expect((await ask(key)).status).toBe(402);
    const { body } = await gateway.admin("GET", `/api/usage/budget?keyId=${id}`);
    expect(body.totalCostWeek).toBe(5);
    const anew = new KeyGate(gateway.engine.store);
    expect(anew.spending.spent(id, "weekly")).toMatchObject({ billed: 5 });
    anew.close();
  });

  test("0 blocks; list prices count only where the budget says so", async () => {
    const blocked = await newKey({ budget: { monthlyLimitUsd: 0 } });
    expect((await ask(blocked.key)).status).toBe(402);
    const { id, key } = await newKey({ budget: { monthlyLimitUsd: 1 } });
    await ask(key);
    spend(id, 3, "shadow");
    expect((await ask(key)).status).toBe(200);
    await gateway.admin("PATCH", `/api/keys/${id}`, { budget: { includeShadowCost: true } });
    expect((await ask(key)).status).toBe(402);
  });

  test("C-14: a clock that goes back gives nothing back and takes nothing", async () => {
    const { id, key } = await newKey({ budget: { dailyLimitUsd: 1 } });
    await ask(key);
    spend(id, 1);
    gateway.clock.jump(-10 * 3_600_000);
    expect(spentOf(key)).toBe(1);
    expect((await ask(key)).status).toBe(402);
  });

  const spentOf = (key: string) => {
    const caller = gateway.engine.access.findCaller(key);
    if (typeof caller === "string" || !caller.key) throw new Error("no caller");
    return gateway.engine.access.spendingOf(caller.key).daily.billed;
  };
});
