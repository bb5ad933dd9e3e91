import { afterAll, beforeAll, expect, test } from "bun:test";
import type { TestGateway } from "../kit/gateway.ts";
import { type Greeter, startGreeter } from "../kit/greeter.ts";

/** Errors of a Messages call have Anthropic's shape; its stream knows no `[DONE]` and begins with the input's tokens. */

let greeter: Greeter;
let gateway: TestGateway;
beforeAll(async () => {
  greeter = await startGreeter();
  ({ gateway } = greeter);
});
afterAll(() => greeter.stop());

const post = (body: unknown, headers: { [name: string]: string } = {}) =>
  fetch(`${gateway.url}/v1/messages`, {
    method: "POST",
    headers,
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
const MESSAGES = [{ role: "user", content: "Some words to count, and then some more." }];

test.each<[string, unknown, number]>([
  ["broken JSON", "{", 400],
  ["no messages", { model: "chat/m", max_tokens: 5 }, 400],
  ["an unknown model", { model: "nothing/m", max_tokens: 5, messages: MESSAGES }, 404],
  ["a provider's failure", { model: "mock/500", max_tokens: 5, messages: MESSAGES }, 502],
  ["a limit", { model: "mock/429", max_tokens: 5, messages: MESSAGES }, 429],
])("%s", async (_name, body, status) => {
  const response = await post(body);
  const told = (await response.json()) as any;
  if (status === 502) expect(response.status).toBeGreaterThanOrEqual(500);
  else expect(response.status).toBe(status);
  expect(told).toEqual({
    type: "error",
    error: expect.objectContaining({ type: expect.any(String), message: expect.any(String) }),
    request_id: response.headers.get("x-request-id"),
  });
});

test("a stream begins with the tokens of its input and ends with message_stop", async () => {
  const text = await (
    await post({ model: "chat/m", max_tokens: 5, stream: true, messages: MESSAGES })
  ).text();
  const events = text.match(/^data: .*$/gm)!.map((line) => line.slice(6));
  expect(events).not.toContain("[DONE]");
  const [start] = events.map((line) => JSON.parse(line));
  expect(start).toMatchObject({ type: "message_start" });
  expect(start.message.usage.input_tokens).toBeGreaterThan(0);
  expect(JSON.parse(events.at(-1)!)).toEqual({ type: "message_stop" });
});
