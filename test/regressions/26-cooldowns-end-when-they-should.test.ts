import { afterEach, beforeEach, expect, test } from "bun:test";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import type { Deed } from "../kit/scripted-outbound.ts";
import { chatReply } from "../kit/upstream.ts";

/**
 * Cooldowns must not stay after quota returned, be lost at a restart, or be charged for the client's own bad request;
 * an exhausted account must not be chosen again.
 */

let gateway: InProcess;
let ids: string[];
beforeEach(async () => {
  gateway = await startInProcess();
  ids = gateway.node("one", { connections: 2 });
});
afterEach(() => gateway.stop());

const good: Deed = { type: "answer", body: chatReply("Hello") };
const spent = (seconds: number): Deed => ({
  type: "answer",
  status: 429,
  body: {
    error: {
      message: "You exceeded your current quota",
      code: "insufficient_quota",
      resets_in_seconds: seconds,
    },
  },
});
const ask = (gate = gateway) =>
  gate.call("/v1/chat/completions", { model: "one/a", messages: [{ role: "user", content: "hi" }] });

test("an exhausted account is not chosen again before its reset, and is right after it", async () => {
  gateway.outbound.script = ({ headers }) => (headers["authorization"]?.endsWith("-1") ? spent(7200) : good);
  expect((await ask()).status).toBe(200);
  const before = gateway.outbound.sent.length;
  for (let turn = 0; turn < 10; turn++) {
    await ask();
    expect(gateway.lastRequest().connectionId).toBe(ids[1]);
    gateway.clock.advance(700_000);
  }
  expect(gateway.outbound.sent).toHaveLength(before + 10);
  gateway.clock.advance(7_200_000);
  gateway.outbound.script = () => good;
  await gateway.admin("PUT", `/api/providers/${ids[1]}`, { isActive: false });
  expect((await ask()).status).toBe(200);
  expect(gateway.lastRequest().connectionId).toBe(ids[0]);
});

test("quota that returns early lifts the cooldown", async () => {
  gateway.outbound.script = () => spent(86_400);
  await ask();
  expect((await ask()).status).toBe(429);
  for (const id of ids) gateway.engine.health.quotaReturned(id);
  gateway.outbound.script = () => good;
  expect((await ask()).status).toBe(200);
});

test("a restart keeps them, and they end at their own time whatever the clock does", async () => {
  gateway.outbound.script = () => spent(3600);
  await ask();
  await gateway.engine.close();
  const again = await startInProcess({
    config: { dataDir: gateway.dataDir },
    clock: gateway.clock,
    script: () => good,
  });
  const first = await ask(again);
  expect(first.status).toBe(429);
  expect(Number(first.headers.get("retry-after"))).toBeWithin(3590, 3601);
  // Somebody sets the wall clock back by a day: that does not make it longer.
  gateway.clock.jump(-86_400_000);
  gateway.clock.advance(3_600_000);
  expect((await ask(again)).status).toBe(200);
  await again.stop();
});

test("the client's own bad requests are charged to nobody", async () => {
  gateway.outbound.script = () => ({
    type: "answer",
    status: 400,
    body: { error: { message: "Invalid value" } },
  });
  for (let turn = 0; turn < 10; turn++) expect((await ask()).status).toBe(400);
  expect([gateway.engine.health.cooldowns(), gateway.engine.health.breakers()]).toEqual([[], []]);
  gateway.outbound.script = () => good;
  expect((await ask()).status).toBe(200);
});
