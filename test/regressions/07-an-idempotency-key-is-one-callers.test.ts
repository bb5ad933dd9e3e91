import { afterEach, beforeEach, expect, test } from "bun:test";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import { chatReply } from "../kit/upstream.ts";

let gateway: InProcess;
beforeEach(async () => {
  gateway = await startInProcess({
    script: ({ url, body }) =>
      url.endsWith("/chat/completions")
        ? { type: "answer", body: chatReply(`answer to ${body.messages[0].content}`) }
        : { type: "refuse" },
  });
  gateway.node("one");
});
afterEach(() => gateway.stop());

const ask = (content: string, headers: { [name: string]: string }) =>
  gateway.call(
    "/v1/chat/completions",
    { model: "one/m", messages: [{ role: "user", content }] },
    { headers },
  );

test("the same Idempotency-Key of two tenants: each gets the answer to its own question", async () => {
  const bearer = (name: string) => `Bearer ${gateway.engine.access.createKey({ name }).key}`;
  const same = { "idempotency-key": "retry-1" };
  const mine = await ask("my question", { ...same, authorization: bearer("mine") });
  const yours = await ask("your question", { ...same, authorization: bearer("yours") });
  expect(mine.text).toContain("answer to my question");
  expect(yours.text).toContain("answer to your question");
  expect(yours.headers.get("x-omniroute-idempotent")).toBeNull();
});

test("the same key of one tenant with another body is refused, not answered with the first", async () => {
  const headers = { "idempotency-key": "retry-1" };
  await ask("first", headers);
  const second = await ask("second", headers);
  expect(second.status).toBe(422);
  expect(second.text).not.toContain("answer to first");
});
