import { afterAll, beforeAll, expect, test } from "bun:test";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { closedPort, startUpstream } from "../kit/upstream.ts";

/** System, tools and tool results cost tokens, and so a count must rise with each of them. */

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
  gateway.node("chat", `http://127.0.0.1:${await closedPort()}/v1`);
});
afterAll(() => gateway.stop());

const count = async (body: object) => {
  const response = await fetch(`${gateway.url}/v1/messages/count_tokens`, {
    method: "POST",
    body: JSON.stringify({ model: "chat/m", messages: [{ role: "user", content: "hi" }], ...body }),
  });
  expect(response.status).toBe(200);
  return ((await response.json()) as { input_tokens: number }).input_tokens;
};

const WORDS = "Every word of this costs something, wherever it stands. ".repeat(20);
const LEAST = 100;

test.each<[string, object]>([
  ["system", { system: WORDS }],
  ["system in blocks", { system: [{ type: "text", text: WORDS }] }],
  [
    "tools",
    { tools: [{ name: "read", description: WORDS, input_schema: { type: "object", properties: {} } }] },
  ],
  [
    "a tool's schema",
    {
      tools: [
        {
          name: "read",
          input_schema: { type: "object", properties: { path: { type: "string", description: WORDS } } },
        },
      ],
    },
  ],
  [
    "a tool call",
    {
      messages: [
        {
          role: "assistant",
          content: [{ type: "tool_use", id: "t1", name: "read", input: { text: WORDS } }],
        },
      ],
    },
  ],
  [
    "a tool's result",
    {
      messages: [
        { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "read", input: {} }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: WORDS }] },
      ],
    },
  ],
])("%s", async (_name, body) => {
  const bare = await count({});
  expect(await count(body)).toBeGreaterThan(bare + LEAST);
});

test("an endpoint of one's own that speaks Anthropic's format is asked, and missed by nobody where it cannot count", async () => {
  const upstream = startUpstream(({ path }) =>
    path.endsWith("/count_tokens")
      ? { type: "json", body: { input_tokens: 4711 } }
      : { type: "json", status: 404, body: {} },
  );
  gateway.node("own", `${upstream.url}/v1`, { type: "anthropic-compatible" });
  expect(await count({ model: "own/m", system: WORDS })).toBe(4711);
  expect(upstream.seen[0]?.path).toBe("/v1/messages/count_tokens");
  expect(upstream.seen[0]?.text).toContain(WORDS);

  upstream.script(() => ({ type: "json", status: 404, body: {} }));
  expect(await count({ model: "own/m" })).not.toBe(4711);
  await upstream.stop();
});
