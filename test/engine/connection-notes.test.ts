import { afterEach, beforeEach, expect, test } from "bun:test";
import { findConnection } from "../../src/store/index.ts";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import { chatReply } from "../kit/upstream.ts";

let gateway: InProcess;
let id: string;
beforeEach(async () => {
  gateway = await startInProcess();
  [id = ""] = gateway.node("one");
});
afterEach(() => gateway.stop());

const ask = () =>
  gateway.call("/v1/chat/completions", { model: "one/a", messages: [{ role: "user", content: "hi" }] });
const good = () => ({ type: "answer", body: chatReply("Hello") }) as const;
const bad = () =>
  ({ type: "answer", status: 400, body: { error: { message: "no, said key-of-one-1" } } }) as const;

test("the last use and the last error are known at once, written soon, and cleared by a good answer", async () => {
  gateway.outbound.script = bad;
  const at = gateway.clock.now();
  await ask();
  const view = gateway.engine.manage.connections.find(id);
  expect(view).toMatchObject({ lastUsedAt: at, lastError: { kind: "rejected", status: 400 } });
  expect(view.lastError?.message).not.toContain("key-of-one-1");
  expect(findConnection(gateway.engine.store, id)?.lastUsedAt).toBeUndefined();
  await gateway.clock.run(5000);
  expect(findConnection(gateway.engine.store, id)).toMatchObject({
    lastUsedAt: at,
    lastError: { status: 400 },
  });
  gateway.outbound.script = good;
  await ask();
  await gateway.clock.run(5000);
  const stored = findConnection(gateway.engine.store, id);
  expect([stored?.lastUsedAt, stored?.lastError]).toEqual([at + 5000, undefined]);
});

test("a busy connection is not written for every call", async () => {
  gateway.outbound.script = good;
  let writes = 0;
  const { note } = gateway.engine.store;
  gateway.engine.store.note = (work) => {
    writes++;
    note.call(gateway.engine.store, work);
  };
  for (let turn = 0; turn < 20; turn++) await ask();
  // Half a second before counters and notes are due.
  await gateway.clock.run(4500);
  const before = writes;
  await gateway.clock.run(500);
  expect(before).toBe(0);
  expect(writes).toBeLessThanOrEqual(2);
});

test("what waits is written at the end", async () => {
  gateway.outbound.script = good;
  const at = gateway.clock.now();
  await ask();
  await gateway.engine.close();
  const again = await startInProcess({ config: { dataDir: gateway.dataDir } });
  expect(findConnection(again.engine.store, id)?.lastUsedAt).toBe(at);
  await again.stop();
});

test("a good test frees what waited for a new sign-in, and lifts no limit", async () => {
  gateway.outbound.script = ({ url }) =>
    url.endsWith("/models")
      ? { type: "answer", body: { object: "list", data: [] } }
      : {
          type: "answer",
          status: 429,
          headers: { "retry-after": "600" },
          body: { error: { message: "slow down" } },
        };
  await ask();
  expect(gateway.engine.health.cooldowns()).toHaveLength(1);
  const result = await gateway.engine.manage.connections.test(id, new AbortController().signal);
  expect(result.valid).toBe(true);
  expect(gateway.engine.health.cooldowns()).toHaveLength(1);
});
