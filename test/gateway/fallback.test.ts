import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import {
  chatReply,
  chatStream,
  closedPort,
  messagesStream,
  startResettingUpstream,
  startUpstream,
  type Step,
  type Upstream,
} from "../kit/upstream.ts";

const json = (status: number, body: unknown, headers: { [name: string]: string } = {}): Step => ({
  type: "json",
  status,
  body,
  headers,
});
const error = (message: string, more: object = {}) => ({ error: { message, type: "error", ...more } });

/** What the first target does, and what the log must say of it. */
const FAULTS: [name: string, step: Step, outcome: string][] = [
  ["401", json(401, error("Incorrect API key provided", { code: "invalid_api_key" })), "credentials"],
  ["403", json(403, error("Your account is not allowed to do this")), "credentials"],
  ["404", json(404, error("The model `a` does not exist", { code: "model_not_found" })), "no-such-model"],
  [
    "429 with Retry-After",
    json(429, error("Rate limit reached", { code: "rate_limit_exceeded" }), { "retry-after": "30" }),
    "rate-limited",
  ],
  ["429 without Retry-After", json(429, error("Rate limit reached")), "rate-limited"],
  ["402", json(402, error("Insufficient balance")), "quota-exhausted"],
  ["400", json(400, error("Invalid value for messages")), "rejected"],
  ["500", json(500, error("Internal error")), "overloaded"],
  ["529", json(529, error("Overloaded")), "overloaded"],
  [
    "a web page",
    { type: "text", body: "<html>login</html>", headers: { "content-type": "text/html" } },
    "malformed",
  ],
  [
    "an error as its first event",
    {
      type: "stream",
      chunks: [`data: ${JSON.stringify(error("Overloaded", { code: "server_error" }))}\n\n`],
    },
    "overloaded",
  ],
  ["an empty stream", { type: "stream", chunks: [] }, "malformed"],
  [
    "a role, then an error",
    {
      type: "stream",
      chunks: [
        chatStream("x", { end: false })[0]!,
        `data: ${JSON.stringify(error("boom", { code: "server_error" }))}\n\n`,
      ],
    },
    "overloaded",
  ],
  [
    "a cut before any content",
    { type: "stream", chunks: [chatStream("x", { end: false })[0]!], then: "break" },
    "malformed",
  ],
];

describe("a combo whose first target fails", () => {
  let gateway: TestGateway;
  let first: Upstream;
  let second: Upstream;

  beforeAll(() => {
    first = startUpstream(() => json(500, {}));
    second = startUpstream(() => json(500, {}));
  });
  beforeEach(async () => {
    gateway = await startGateway();
    first.seen.length = second.seen.length = 0;
  });
  afterEach(() => gateway.stop());
  afterAll(() => Promise.all([first.stop(), second.stop()]));

  for (const [name, step, outcome] of FAULTS) {
    for (const connections of ["one connection", "two connections"] as const) {
      test(`${name}: the second answers, over ${connections}, as one clean stream`, async () => {
        const two = connections === "two connections";
        const respond = (seen: { body: { model: string } }) =>
          seen.body.model === "a" ? step : ({ type: "stream", chunks: chatStream("Hello from b") } as Step);
        first.script(respond);
        second.script(respond);
        gateway.node("one", `${first.url}/v1`);
        if (two) gateway.node("two", `${second.url}/v1`);
        gateway.combo("team", ["one/a", two ? "two/b" : "one/b"]);

        const answer = await ask(gateway, {
          model: "team",
          stream: true,
          messages: [{ role: "user", content: "hi" }],
        });
        expect(answer.status).toBe(200);
        expect(textOf(answer.body)).toBe("Hello from b");
        expect(answer.body.match(/data: \[DONE\]/g)).toHaveLength(1);
        expect(answer.body).not.toContain('"error"');
        expect(answer.headers.get("x-omniroute-fallback-attempts")).toBe("1");
        expect(gateway.lastRequest()?.attempts.map((attempt) => attempt.outcome)).toEqual([
          outcome as "ok",
          "ok",
        ]);
      });
    }
  }

  test("a connection that is refused", async () => {
    second.script(() => json(200, chatReply("Hello from b")));
    gateway.node("gone", `http://127.0.0.1:${await closedPort()}/v1`);
    gateway.node("two", `${second.url}/v1`);
    gateway.combo("team", ["gone/a", "two/b"]);
    const answer = await ask(gateway, { model: "team", messages: [{ role: "user", content: "hi" }] });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body).choices[0].message.content).toBe("Hello from b");
  });

  test("a reset before the first byte is repeated once, then the next target answers", async () => {
    const resetting = startResettingUpstream();
    second.script(() => json(200, chatReply("Hello from b")));
    gateway.node("broken", `${resetting.url}/v1`);
    gateway.node("two", `${second.url}/v1`);
    gateway.combo("team", ["broken/a", "two/b"]);
    const answer = await ask(gateway, { model: "team", messages: [{ role: "user", content: "hi" }] });
    resetting.stop();
    expect(answer.status).toBe(200);
    expect(resetting.count()).toBe(2);
  });

  test("a target that is silent before the first byte", async () => {
    first.script(() => ({ type: "stall" }));
    second.script(() => ({ type: "stream", chunks: chatStream("Hello from b") }));
    gateway.node("one", `${first.url}/v1`);
    gateway.node("two", `${second.url}/v1`);
    gateway.combo("team", ["one/a", "two/b"], { config: { maxRetries: 0, timeoutMs: 1000 } });
    const answer = await ask(gateway, {
      model: "team",
      stream: true,
      messages: [{ role: "user", content: "hi" }],
    });
    expect(textOf(answer.body)).toBe("Hello from b");
    await first.seen[0]!.aborted;
    expect(gateway.lastRequest()?.attempts.map((attempt) => attempt.outcome)).toEqual(["timeout", "ok"]);
  });

  test("a cut after content is told as an error, and nobody else is asked", async () => {
    first.script(() => ({
      type: "stream",
      chunks: chatStream("Half an ans", { end: false }),
      then: "break",
    }));
    second.script(() => json(200, chatReply("never")));
    gateway.node("one", `${first.url}/v1`);
    gateway.node("two", `${second.url}/v1`);
    gateway.combo("team", ["one/a", "two/b"]);
    const answer = await ask(gateway, {
      model: "team",
      stream: true,
      messages: [{ role: "user", content: "hi" }],
    });
    expect(textOf(answer.body)).toBe("Half an ans");
    expect(answer.body).toContain('"error"');
    expect(answer.body).not.toContain("[DONE]");
    expect(answer.body).not.toContain('"finish_reason":"stop"');
    expect(second.seen).toHaveLength(0);
  });

  test("the same towards a Messages client", async () => {
    first.script(() => ({
      type: "stream",
      chunks: messagesStream("Half an ans", { end: false }),
      then: "break",
    }));
    gateway.node("one", `${first.url}/v1`, { type: "anthropic-compatible" });
    const answer = await ask(
      gateway,
      { model: "one/a", max_tokens: 50, stream: true, messages: [{ role: "user", content: "hi" }] },
      "/v1/messages",
    );
    expect(answer.body).toContain("event: error");
    expect(answer.body).not.toContain("message_stop");
    expect(answer.body).not.toContain("end_turn");
  });
});

async function ask(gateway: TestGateway, body: object, path = "/v1/chat/completions") {
  const response = await fetch(gateway.url + path, { method: "POST", body: JSON.stringify(body) });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

/** The text of a chat stream. */
function textOf(stream: string): string {
  return stream
    .split("\n")
    .filter((line) => line.startsWith("data: {"))
    .map((line) => JSON.parse(line.slice(6)))
    .map((chunk) => chunk.choices?.[0]?.delta?.content ?? "")
    .join("");
}
