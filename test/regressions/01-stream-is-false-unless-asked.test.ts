import { afterAll, beforeAll, expect, test } from "bun:test";
import type { TestGateway } from "../kit/gateway.ts";
import { type Greeter, startGreeter } from "../kit/greeter.ts";
import { chatReply, messagesReply, type Upstream } from "../kit/upstream.ts";

/** A call that says nothing about streaming must be answered whole, however long the model is silent. */

let greeter: Greeter;
let gateway: TestGateway;
let upstream: Upstream;
beforeAll(async () => {
  greeter = await startGreeter({ streamIdleTimeoutMs: 50 });
  ({ gateway, upstream } = greeter);
});
afterAll(() => greeter.stop());

const MESSAGES = [{ role: "user", content: "hi" }];
const CALLS: [path: string, body: (model: string) => object][] = [
  ["/v1/chat/completions", (model) => ({ model, messages: MESSAGES })],
  ["/v1/completions", (model) => ({ model, prompt: "hi" })],
  ["/v1/responses", (model) => ({ model, input: "hi" })],
  ["/v1/messages", (model) => ({ model, max_tokens: 10, messages: MESSAGES })],
];

for (const prefix of ["chat", "messages"])
  test.each(CALLS)(`%s without \`stream\`, answered by ${prefix}`, async (path, body) => {
    const response = await fetch(gateway.url + path, {
      method: "POST",
      body: JSON.stringify(body(`${prefix}/m`)),
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toStartWith("application/json");
    expect(JSON.stringify(await response.json())).toContain("Hello");
    expect(upstream.seen.at(-1)!.body.stream ?? false).toBe(false);
  });

test.each(["chat", "messages"])(
  "a whole answer of %s that takes longer than a stream may be silent arrives",
  async (prefix) => {
    const quick = prefix === "chat" ? chatReply("Late") : messagesReply("Late");
    const late = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      async fetch() {
        await Bun.sleep(300);
        return Response.json(quick);
      },
    });
    const type = prefix === "chat" ? "openai-compatible" : "anthropic-compatible";
    gateway.node(`late-${prefix}`, `http://127.0.0.1:${late.port}/v1`, { type });
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ model: `late-${prefix}/m`, messages: MESSAGES }),
    });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("Late");
    await late.stop(true);
  },
);
