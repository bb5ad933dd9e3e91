import { afterEach, beforeEach, expect, test } from "bun:test";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import { chatReply } from "../kit/upstream.ts";

/** One 401 for one model must not switch the whole connection off, nor need a person while the credential works. */

let gateway: InProcess;
let id: string;
let isKeyGood = true;
beforeEach(async () => {
  isKeyGood = true;
  gateway = await startInProcess({
    script: ({ url, body }) => {
      const refusal = {
        type: "answer",
        status: 401,
        body: { error: { message: "Incorrect API key provided", code: "invalid_api_key" } },
      } as const;
      if (url.endsWith("/models"))
        return isKeyGood ? { type: "answer", body: { object: "list", data: [] } } : refusal;
      return body.model === "forbidden" || !isKeyGood
        ? refusal
        : { type: "answer", body: chatReply("Hello") };
    },
  });
  [id = ""] = gateway.node("one");
});
afterEach(() => gateway.stop());

const ask = async (model: string) =>
  (await gateway.call("/v1/chat/completions", { model, messages: [{ role: "user", content: "hi" }] })).status;
const connection = () => gateway.engine.manage.connections.find(id);

test("the model rests for a minute, the connection serves its other models, and nobody has to sign in", async () => {
  expect(await ask("one/forbidden")).toBe(502);
  await gateway.clock.run(1000);
  expect(await ask("one/fine")).toBe(200);
  expect([connection().isActive, connection().needsSignIn ?? false]).toEqual([true, false]);
  expect(gateway.engine.health.cooldowns()).toMatchObject([{ modelId: "forbidden", kind: "credentials" }]);
  await gateway.clock.run(60_000);
  expect(gateway.engine.health.cooldowns()).toEqual([]);
});

test("a credential that fails its test too waits for a new one, and is tested again by itself", async () => {
  isKeyGood = false;
  expect(await ask("one/fine")).toBe(502);
  await gateway.clock.run(1000);
  expect(connection().status).toBe("sign in again");
  const before = gateway.outbound.sent.length;
  expect(await ask("one/other")).toBe(503);
  expect(gateway.outbound.sent).toHaveLength(before);
  isKeyGood = true;
  await gateway.clock.run(10 * 60_000);
  expect(connection().needsSignIn ?? false).toBe(false);
  expect(await ask("one/fine")).toBe(200);
});
