import { expect, test } from "bun:test";
import { startInProcess } from "../kit/in-process.ts";
import { chatReply } from "../kit/upstream.ts";

/** Nothing may be paced, capped or queued unless somebody asked for it. */

test("five hundred calls at once over one account all go out at once", async () => {
  const gateway = await startInProcess({
    script: () => ({ type: "answer", body: chatReply("Hello"), after: 1000 }),
  });
  gateway.node("one");
  const start = gateway.clock.monotonic();
  const answers = await Promise.all(
    Array.from({ length: 500 }, () =>
      gateway.call("/v1/chat/completions", { model: "one/a", messages: [{ role: "user", content: "hi" }] }),
    ),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(gateway.clock.monotonic() - start).toBe(1000);
  const { body } = await gateway.admin("GET", "/api/resilience");
  expect(body.defaults).toEqual({
    requestsPerMinute: 0,
    minTimeBetweenRequests: 0,
    concurrentRequests: 0,
    maxWaitMs: 0,
  });
  expect(body.waitForCooldown.enabled).toBe(false);
  await gateway.stop();
});
