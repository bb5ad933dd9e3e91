import { afterAll, beforeAll, expect, test } from "bun:test";
import type { TestGateway } from "../kit/gateway.ts";
import { type Greeter, startGreeter } from "../kit/greeter.ts";
import type { Upstream } from "../kit/upstream.ts";

/** `/v1/responses` with a string for `input` must reach a provider of any format as a user's message. */

let greeter: Greeter;
let gateway: TestGateway;
let upstream: Upstream;
beforeAll(async () => {
  greeter = await startGreeter();
  ({ gateway, upstream } = greeter);
});
afterAll(() => greeter.stop());

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
