import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { chatStream, messagesStream, startUpstream, type Upstream } from "../kit/upstream.ts";

/** A stream that broke off told as a success; text damaged by where its bytes were cut. */

const TEXT = "Grüße aus 東京 👩‍👩‍👧 naïve café.";
const CLIENTS = {
  "/v1/chat/completions": { ends: '"finish_reason":"stop"', fails: '"error"' },
  "/v1/messages": { ends: '"end_turn"', fails: "event: error" },
  "/v1/responses": { ends: "response.completed", fails: "response.failed" },
  "/v1beta/models/MODEL:streamGenerateContent?alt=sse": { ends: '"STOP"', fails: '"error"' },
};
const PROVIDERS = [
  ["chat", chatStream],
  ["messages", messagesStream],
] as const;

let gateway: TestGateway;
let upstream: Upstream;
beforeAll(async () => {
  upstream = startUpstream(() => ({ type: "stall" }));
  gateway = await startGateway();
  gateway.node("chat", `${upstream.url}/v1`);
  gateway.node("messages", `${upstream.url}/v1`, { type: "anthropic-compatible" });
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

async function ask(path: string, prefix: string): Promise<string> {
  const model = `${prefix}/m`;
  const said = "hi";
  const body = path.startsWith("/v1beta")
    ? { contents: [{ role: "user", parts: [{ text: said }] }] }
    : path.endsWith("responses")
      ? { model, stream: true, input: said }
      : { model, stream: true, max_tokens: 100, messages: [{ role: "user", content: said }] };
  const response = await fetch(gateway.url + path.replace("MODEL", model), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return response.text();
}

/** All texts of a stream's deltas, whatever the client's format. */
function textOf(wire: string): string {
  const events = wire
    .split("\n")
    .filter((line) => line.startsWith("data: {"))
    .map((line): any => JSON.parse(line.slice(6)));
  return events
    .map(
      (event) =>
        event.choices?.[0]?.delta?.content ??
        event.candidates?.[0]?.content?.parts?.map((part: { text?: string }) => part.text ?? "").join("") ??
        (typeof event.delta === "string" && event.type === "response.output_text.delta"
          ? event.delta
          : event.type === "content_block_delta"
            ? (event.delta.text ?? "")
            : ""),
    )
    .join("");
}

describe.each(PROVIDERS)("a provider that speaks %s", (prefix, stream) => {
  test.each(Object.entries(CLIENTS))("%s: a break is told as one", async (path, { ends, fails }) => {
    upstream.script(() => ({ type: "stream", chunks: stream(TEXT, { end: false }), then: "break" }));
    gateway.engine.health.resetAll();
    const wire = await ask(path, prefix);
    expect(wire).toContain(fails);
    expect(wire).not.toContain(ends);
    expect(gateway.lastRequest()?.errorCode).toBeDefined();
  });

  test.each(Object.keys(CLIENTS))("%s: text is whole wherever its bytes are cut", async (path) => {
    for (const size of [1, 3, 7]) {
      const bytes = Buffer.from(stream(TEXT).join(""));
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      );
      upstream.script(() => ({ type: "stream", chunks }));
      gateway.engine.health.resetAll();
      expect(textOf(await ask(path, prefix))).toBe(TEXT);
    }
  });
});
