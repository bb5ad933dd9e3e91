import { afterAll, beforeAll, expect, test } from "bun:test";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import { chatReply } from "../kit/upstream.ts";

/** Memory that grew with every model and every conversation somebody named. */

/** What routing remembers of conversations. */
const REMEMBERED = 10_000;
const STEP = 1000;

let gateway: InProcess;
beforeAll(async () => {
  gateway = await startInProcess({ script: () => ({ type: "answer", body: chatReply("Hello") }) });
  gateway.node("one");
});
afterAll(() => gateway.stop());

test("beyond ten thousand models and conversations nothing more is remembered than before", async () => {
  const sizes: number[] = [];
  for (let index = 0; index < REMEMBERED + 3 * STEP; index++) {
    const model = `one/${"m".repeat(50)}${String(index).padStart(6, "0")}`;
    const headers = { "x-session-id": `${"s".repeat(50)}${String(index).padStart(6, "0")}` };
    const body = { model, messages: [{ role: "user", content: "hi" }] };
    expect((await gateway.call("/v1/chat/completions", body, { headers })).status).toBe(200);
    const { health, router } = gateway.engine;
    if ((index + 1) % STEP === 0)
      sizes.push(JSON.stringify([health.snapshot(), router.memory.snapshot()]).length);
  }
  expect(sizes[1]).toBeGreaterThan(sizes[0] ?? 0);
  const full = sizes[REMEMBERED / STEP] ?? 0;
  expect(sizes.at(-1)).toBeLessThan(full * 1.02);
  expect(gateway.engine.liveRequests()).toEqual([]);
  expect([gateway.outbound.open, gateway.engine.router.limits.requestsInFlight]).toEqual([0, 0]);
}, 60_000);
