import { afterAll, beforeAll, expect, test } from "bun:test";
import type { TestGateway } from "../kit/gateway.ts";
import { type Greeter, startGreeter } from "../kit/greeter.ts";

/** `[DONE]` is the last thing of a chat stream, also when the provider goes on talking, and of no other format. */

let greeter: Greeter;
let gateway: TestGateway;
const AFTERWORDS = ["data: {}\n\n", ": a late word\n\n", "data: [DONE]\n\n"];
beforeAll(async () => {
  greeter = await startGreeter({}, AFTERWORDS);
  ({ gateway } = greeter);
});
afterAll(() => greeter.stop());

const MESSAGES = [{ role: "user", content: "hi" }];
const stream = async (path: string, body: object) =>
  (
    await fetch(gateway.url + path, { method: "POST", body: JSON.stringify({ ...body, stream: true }) })
  ).text();

test.each(["chat", "messages", "mock"])("a chat stream from %s", async (prefix) => {
  const model = prefix === "mock" ? "mock/echo" : `${prefix}/m`;
  for (const more of [{}, { stream_options: { include_usage: true } }]) {
    const text = await stream("/v1/chat/completions", { model, messages: MESSAGES, ...more });
    expect(text.split("data: [DONE]")).toHaveLength(2);
    expect(text).toEndWith("data: [DONE]\n\n");
  }
});

test.each(["chat", "messages"])("streams of the other formats from %s", async (prefix) => {
  const model = `${prefix}/m`;
  const messages = await stream("/v1/messages", { model, max_tokens: 10, messages: MESSAGES });
  expect(messages.trimEnd()).toEndWith('data: {"type":"message_stop"}');
  const responses = await stream("/v1/responses", { model, input: "hi" });
  expect(responses).not.toContain("[DONE]");
  const last = responses.match(/^data: .*$/gm)!.at(-1)!;
  expect(JSON.parse(last.slice(6))).toMatchObject({ type: "response.completed" });
});
