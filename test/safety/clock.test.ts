import { expect, test } from "bun:test";
import { startInProcess } from "../kit/in-process.ts";
import { chatReply } from "../kit/upstream.ts";

const DAY_MS = 86_400_000;

test("K-15: a clock that is set 400 days ahead and back again leaves keys and accounts usable", async () => {
  let limited = true;
  const gateway = await startInProcess({
    script: () =>
      limited
        ? {
            type: "answer",
            status: 429,
            headers: { "retry-after": "60" },
            body: { error: { message: "slow down" } },
          }
        : { type: "answer", body: chatReply("hello") },
  });
  gateway.node("one");
  const { key } = gateway.engine.access.createKey({ name: "steady" });
  const ask = async () => {
    const headers = { authorization: `Bearer ${key}` };
    const body = { model: "one/a", messages: [{ role: "user", content: "hi" }] };
    return (await gateway.call("/v1/chat/completions", body, { headers, withinMs: 20_000 })).status;
  };
  gateway.clock.jump(400 * DAY_MS);
  expect(await ask()).toBe(429);
  gateway.clock.jump(-400 * DAY_MS);
  limited = false;
  gateway.clock.advance(61_000);
  expect(await ask()).toBe(200);
  await gateway.stop();
});
