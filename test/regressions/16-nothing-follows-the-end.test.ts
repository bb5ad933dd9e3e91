import { afterAll, beforeAll, expect, test } from "bun:test";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { chatStream, messagesStream, startUpstream, type Upstream } from "../kit/upstream.ts";

/** `[DONE]` is the last thing of a chat stream, also when the provider goes on talking, and of no other format. */

let gateway: TestGateway;
let upstream: Upstream;
const AFTERWORDS = ["data: {}\n\n", ": a late word\n\n", "data: [DONE]\n\n"];
beforeAll(async () => {
  upstream = startUpstream(({ path }) => ({
    type: "stream",
    chunks: [...(path.endsWith("/messages") ? messagesStream("Hello") : chatStream("Hello")), ...AFTERWORDS],
  }));
  gateway = await startGateway();
  gateway.node("chat", `${upstream.url}/v1`);
  gateway.node("messages", `${upstream.url}/v1`, { type: "anthropic-compatible" });
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

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
