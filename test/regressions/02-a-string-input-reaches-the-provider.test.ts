import { afterAll, beforeAll, expect, test } from "bun:test";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { chatReply, messagesReply, startUpstream, type Upstream } from "../kit/upstream.ts";

/** `/v1/responses` with a string for `input` must reach a provider of any format as a user's message. */

let gateway: TestGateway;
let upstream: Upstream;
beforeAll(async () => {
  upstream = startUpstream(({ path }) => ({
    type: "json",
    body: path.endsWith("/messages") ? messagesReply("Hello") : chatReply("Hello"),
  }));
  gateway = await startGateway();
  gateway.node("chat", `${upstream.url}/v1`);
  gateway.node("messages", `${upstream.url}/v1`, { type: "anthropic-compatible" });
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

test.each(["chat", "messages"])("towards %s", async (prefix) => {
  const response = await fetch(`${gateway.url}/v1/responses`, {
    method: "POST",
    body: JSON.stringify({ model: `${prefix}/m`, instructions: "Be kind.", input: "Say hello" }),
  });
  expect(await response.json()).toMatchObject({ object: "response", status: "completed" });
  const { messages } = upstream.seen.at(-1)!.body;
  const asked = messages.filter(({ role }: { role: string }) => role === "user");
  expect(asked).toHaveLength(1);
  expect(JSON.stringify(asked[0].content)).toContain("Say hello");
});
