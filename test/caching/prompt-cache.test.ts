import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { partingOf, printsOf, promptOf } from "../../src/caching/prompt-prints.ts";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import { messagesReply } from "../kit/upstream.ts";

const ACTOR = { name: "test" };
let gateway: InProcess;
let usage: object;
beforeEach(async () => {
  usage = {
    input_tokens: 10,
    cache_read_input_tokens: 900,
    cache_creation_input_tokens: 90,
    output_tokens: 5,
  };
  gateway = await startInProcess({
    script: ({ url }) =>
      url.endsWith("/messages")
        ? { type: "answer", body: { ...messagesReply("ok"), usage } }
        : { type: "refuse" },
  });
  gateway.node("ant", { type: "anthropic-compatible", connections: 2 });
});
afterEach(() => gateway.stop());

const LONG = "a long instruction that does not change. ".repeat(150);
const turn = (content: string) => ({ role: "user", content });
const BASE = {
  model: "ant/m",
  max_tokens: 50,
  system: LONG,
  tools: [{ name: "f", input_schema: { type: "object" } }],
  metadata: { user_id: "session-1" },
  messages: [turn("first")],
};
const NEXT = [turn("first"), { role: "assistant", content: "ok" }, turn("second")];

async function say(change: object, headers: { [name: string]: string } = {}) {
  const answer = await gateway.call("/v1/messages", { ...BASE, ...change }, { headers });
  expect(answer.status).toBe(200);
  await new Promise((resolve) => setImmediate(resolve));
  return answer.headers.get("x-request-id")!;
}
const breaks = async () => (await gateway.admin("GET", "/api/cache/breaks")).body.breaks;

test("what providers read and wrote is summed, by model too, with what it saved", async () => {
  const price = { input: 10, output: 20, cached: 1, cache_creation: 12.5 };
  await gateway.admin("PATCH", "/api/pricing", { ant: { m: price } });
  await say({});
  await say({
    messages: [
      { role: "user", content: [{ type: "text", text: "x", cache_control: { type: "ephemeral" } }] },
    ],
  });
  const { promptCache } = (await gateway.admin("GET", "/api/cache")).body;
  expect(promptCache).toMatchObject({
    totalRequests: 2,
    requestsWithCacheControl: 1,
    totalInputTokens: 2000,
    totalCachedTokens: 1800,
    totalCacheCreationTokens: 180,
    hitRate: 0.9,
  });
  // Nine of ten dollars are saved on what is read, and 2.50 paid on top for what is written.
  expect(promptCache.costSaved).toBeCloseTo((2 * (900 * 9 - 90 * 2.5)) / 1e6, 9);
  expect(promptCache.byModel["ant/m"].totalRequests).toBe(2);
});

describe("a conversation that", () => {
  test("only goes on breaks nothing, also when its cache marks move on", async () => {
    const marked = (text: string) => ({
      role: "user",
      content: [{ type: "text", text, cache_control: { type: "ephemeral" } }],
    });
    const plain = (text: string) => ({ role: "user", content: [{ type: "text", text }] });
    await say({ messages: [marked("first")] });
    await say({ messages: [plain("first"), { role: "assistant", content: "ok" }, marked("second")] });
    expect(await breaks()).toEqual([]);
  });

  test("gets more into its last turn breaks nothing", async () => {
    const parts = (...texts: string[]) => ({
      role: "user",
      content: texts.map((text) => ({ type: "text", text })),
    });
    await say({ messages: [...NEXT, parts("one")] });
    await say({ messages: [...NEXT, parts("one", "two")] });
    await say({ messages: [...NEXT, parts("one", "two"), { role: "assistant", content: "ok" }, parts("x")] });
    expect(await breaks()).toEqual([]);
    await say({ messages: [...NEXT, parts("one", "2"), { role: "assistant", content: "ok" }, parts("x")] });
    // Two turns of the user in a row are one to the provider.
    expect(await breaks()).toMatchObject([{ element: "message 3", changedBy: "client" }]);
  });

  test.each<[string, object, string]>([
    ["its tools", { tools: [{ name: "g", input_schema: { type: "object" } }] }, "tools"],
    ["its system text", { system: `${LONG.slice(0, 2000)}!${LONG.slice(2000)}` }, "system"],
    [
      "an earlier turn",
      { messages: [turn("first"), { role: "assistant", content: "no" }, turn("2")] },
      "message 2",
    ],
    ["its first turn", { messages: [turn("other"), ...NEXT.slice(1)] }, "message 1"],
    ["its length", { messages: [turn("first")] }, "message 2"],
  ])("changes %s", async (_what, change, element) => {
    await say({ messages: NEXT });
    const id = await say({
      messages: [...NEXT, { role: "assistant", content: "ok" }, turn("third")],
      ...change,
    });
    expect(await breaks()).toMatchObject([
      { requestId: id, model: "ant/m", element, changedBy: "client", cacheRead: 900 },
    ]);
    const receipt = (await gateway.admin("GET", `/api/receipts/${id}`)).body;
    expect(receipt.prompt_cache).toMatchObject({
      read: 900,
      share: 0.9,
      broken_by: { element, changed_by: "client" },
    });
  });

  test("is changed by us alone is told to be ours", async () => {
    await say({});
    gateway.engine.manage.settings.change({ systemPrompt: { enabled: true, prompt: "Be kind." } }, ACTOR);
    await say({ messages: NEXT });
    expect(await breaks()).toMatchObject([
      { element: "system", offset: expect.any(Number), changedBy: "gateway" },
    ]);
  });

  test("moves to another account", async () => {
    const [first, second] = gateway.engine.router.connections.map(({ id }) => id);
    await say({}, { "x-omniroute-connection": first! });
    await say({ messages: NEXT }, { "x-omniroute-connection": second! });
    expect(await breaks()).toMatchObject([{ element: "connection", changedBy: "routing" }]);
  });

  test("is of a key that keeps no bodies is not looked at", async () => {
    const { key } = gateway.engine.access.createKey({ name: "private", noLog: true });
    const headers = { authorization: `Bearer ${key}` };
    await say({}, headers);
    await say({ system: LONG.slice(1), messages: NEXT }, headers);
    expect(await breaks()).toEqual([]);
  });

  test("has helpers with words of their own is not mistaken for them", async () => {
    await say({});
    await say({ system: `helper ${LONG}`, messages: [turn("help")] });
    await say({ messages: NEXT });
    expect(await breaks()).toEqual([]);
  });
});

test.each([
  ["{}", undefined],
  ["no json", undefined],
  ['{"messages":7}', undefined],
  ['{"messages":[]}', []],
  ['{"messages":[{"role":"system","content":"s"},{"role":"user","content":"u"}]}', ["system", "message 2"]],
  ['{"instructions":"s","input":[{"role":"user"}],"tools":[]}', ["tools", "system", "message 1"]],
  ['{"contents":[{"role":"user"}],"systemInstruction":{}}', ["system", "message 1"]],
  ['{"request":{"contents":[{"role":"user"}]}}', ["message 1"]],
])("%s has the elements %j", (body, elements) => {
  expect(promptOf(body)?.elements.map(({ name }) => name)).toEqual(elements as never);
});

test.each([
  ["the same", "abc".repeat(100), undefined],
  ["a change in the middle", `${"abc".repeat(60)}X${"abc".repeat(39)}ab`, { element: "system", offset: 128 }],
  ["a longer text", `${"abc".repeat(100)}d`, { element: "system", offset: 256 }],
])("%s parts where it differs", (_what, text, parting) => {
  const prints = (system: string) =>
    printsOf(promptOf(JSON.stringify({ system, messages: [{ role: "user" }] }))!);
  const found = partingOf(prints("abc".repeat(100)), prints(text));
  if (parting === undefined) expect(found).toBeUndefined();
  else expect(found).toMatchObject(parting);
});
