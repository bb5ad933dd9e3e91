import { afterEach, beforeEach, expect, test } from "bun:test";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import { chatReply } from "../kit/upstream.ts";

/** A 429 with a known reset must not be asked again and again, nor hold the client before it is told. */

let gateway: InProcess;
beforeEach(async () => {
  gateway = await startInProcess();
  gateway.node("one");
  gateway.combo("pair", ["one/a", "one/b"]);
});
afterEach(() => gateway.stop());

const ask = (model: string) =>
  gateway.call("/v1/chat/completions", { model, messages: [{ role: "user", content: "hi" }] });

test.each(["one/a", "pair"])(
  "%s: one call upstream, then a prompt 429 with the time left, until the reset",
  async (model) => {
    let isLimited = true;
    gateway.outbound.script = () =>
      isLimited
        ? {
            type: "answer",
            status: 429,
            headers: { "retry-after": "45" },
            body: { error: { message: "Rate limit reached" } },
          }
        : { type: "answer", body: chatReply("Hello") };
    const start = gateway.clock.monotonic();
    expect((await ask(model)).status).toBe(429);
    const calls = gateway.outbound.sent.length;
    expect(calls).toBe(model === "pair" ? 2 : 1);
    for (let turn = 0; turn < 20; turn++) {
      const answer = await ask(model);
      expect(answer.status).toBe(429);
      expect(Number(answer.headers.get("retry-after"))).toBe(45);
    }
    expect(gateway.outbound.sent).toHaveLength(calls);
    expect(gateway.clock.monotonic() - start).toBe(0);
    isLimited = false;
    gateway.clock.advance(44_000);
    expect((await ask(model)).status).toBe(429);
    gateway.clock.advance(1000);
    expect((await ask(model)).status).toBe(200);
  },
);
