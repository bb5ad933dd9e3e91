import { afterEach, beforeEach, expect, test } from "bun:test";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import { chatReply } from "../kit/upstream.ts";

/** A model that nobody configured must never answer. */

let gateway: InProcess;
beforeEach(async () => {
  gateway = await startInProcess({ script: () => ({ type: "answer", body: chatReply("Hello") }) });
});
afterEach(() => gateway.stop());

const ask = async (model: string) => {
  const { status, headers } = await gateway.call("/v1/chat/completions", {
    model,
    messages: [{ role: "user", content: "hi" }],
  });
  return [status, headers.get("x-omniroute-model")];
};

test.each([
  "gpt-5",
  "claude-opus-4-6",
  "gemini-2.5-pro",
  "openai/gpt-5",
  "auto",
  "or/anything",
  "no-such-thing",
])("%s with nothing connected: an error, and no call", async (model) => {
  const [status, answered] = await ask(model);
  expect(status).toBeWithin(400, 411);
  expect(answered).toBeNull();
  expect(gateway.outbound.sent).toEqual([]);
});

test("a combo whose legs all fail ends in an error, not in somebody else's answer", async () => {
  gateway.node("one");
  gateway.node("other");
  gateway.combo("team", ["one/a"], { config: { maxRetries: 0 } });
  gateway.outbound.script = ({ url }) =>
    url.includes("//one.")
      ? { type: "answer", status: 500, body: { error: { message: "down" } } }
      : { type: "answer", body: chatReply("I was not asked") };
  expect(await ask("team")).toEqual([503, null]);
  expect(gateway.outbound.sent.every(({ url }) => url.includes("//one."))).toBe(true);
});

test("`auto` asks what is connected, and only that", async () => {
  gateway.node("one");
  expect((await ask("auto"))[0]).toBe(404);
  const [connection] = gateway.engine.manage.connections.list().filter(({ name }) => name === "one 1");
  gateway.engine.manage.connections.update(connection!.id, { defaultModel: "main" }, { name: "test" });
  expect(await ask("auto")).toEqual([200, "one/main"]);
  expect(gateway.outbound.sent.map(({ body }) => body.model)).toEqual(["main"]);
});
