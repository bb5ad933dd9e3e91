import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import { chatReply } from "../kit/upstream.ts";

let gateway: InProcess;
beforeAll(async () => {
  gateway = await startInProcess({
    script: ({ body }) =>
      body.model === "bad"
        ? { type: "answer", status: 400, body: { error: { message: "no" } } }
        : { type: "answer", body: chatReply(`I am ${body.model}`) },
  });
  gateway.node("one");
  gateway.node("two");
});
afterAll(() => gateway.stop());

const ask = (more: object, headers = {}) =>
  gateway.call(
    "/v1/chat/completions",
    { model: "one/bad", messages: [{ role: "user", content: "hi" }], ...more },
    { headers },
  );

describe("OpenRouter's `models` and `provider` in a request", () => {
  test("are followed and kept from the provider", async () => {
    const before = gateway.outbound.sent.length;
    const answer = await ask({ models: ["two/b"], provider: { ignore: ["nobody"] }, route: "fallback" });
    expect(answer.headers.get("x-omniroute-model")).toBe("two/b");
    const sent = gateway.outbound.sent.slice(before);
    expect(sent.map(({ body }) => body.model)).toEqual(["bad", "b"]);
    for (const { body } of sent) expect(body).not.toContainAnyKeys(["models", "provider", "route"]);
  });

  test.each([
    [{ models: "two/b" }, "models"],
    [{ models: [1] }, "models"],
    [{ provider: { order: "two" } }, "provider.order"],
    [{ provider: { allow_fallbacks: "no" } }, "provider.allow_fallbacks"],
    [{ provider: { sort: "beauty" } }, "provider.sort"],
  ])("%j is a bad request that names its field", async (more, param) => {
    const answer = await ask(more);
    expect([answer.status, JSON.parse(answer.text).error.param]).toEqual([400, param]);
  });

  test("a key that may not: they are left out, and kept from the provider all the same", async () => {
    const made = await gateway.admin("POST", "/api/keys", { name: "tied" });
    const { id, key } = made.body;
    const patch = { requestOverrides: { enabled: true, deniedKeys: [id] } };
    expect((await gateway.admin("PATCH", "/api/settings", patch)).status).toBe(200);
    const before = gateway.outbound.sent.length;
    const answer = await ask({ models: ["two/b"] }, { authorization: `Bearer ${key}` });
    expect(answer.status).toBe(400);
    expect(gateway.outbound.sent.slice(before).map(({ body }) => body.models)).toEqual([undefined]);
    expect((await ask({ models: ["two/b"] })).status).toBe(200);
    await gateway.admin("PATCH", "/api/settings", { requestOverrides: { enabled: false, deniedKeys: [] } });
    expect((await ask({ models: ["two/b"] })).status).toBe(400);
  });
});
