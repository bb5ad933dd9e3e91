import { expect, test } from "bun:test";
import { startInProcess } from "../kit/in-process.ts";
import { chatReply } from "../kit/upstream.ts";

/** Limits, chains, aliases, turns and who serves which conversation must not be forgotten at a restart. */

test("what was set and what was learned is there again", async () => {
  const script = () => ({ type: "answer", body: chatReply("Hello") }) as const;
  const gateway = await startInProcess({ script });
  const ids = gateway.node("one", { connections: 3 });
  const body = { model: "one/a", messages: [{ role: "user", content: "hi" }] };
  const options = { headers: { "x-session-id": "mine" } };
  await gateway.admin("PUT", `/api/providers/${ids[0]}`, { limits: { requestsPerMinute: 3 } });
  await gateway.admin("PATCH", "/api/settings", {
    fallbackStrategy: "round-robin",
    stickyRoundRobinLimit: 1,
  });
  await gateway.admin("PUT", "/api/models/alias", { alias: "mine", model: "one/a" });
  await gateway.admin("POST", "/api/fallback/chains", { name: "net", models: ["one/b"] });
  await gateway.call("/v1/chat/completions", body, options);
  const holder = gateway.lastRequest().connectionId;
  const turn = gateway.engine.router.memory.snapshot().turns;
  await gateway.engine.close();

  const again = await startInProcess({ config: { dataDir: gateway.dataDir }, clock: gateway.clock, script });
  expect(again.engine.settings()).toMatchObject({
    fallbackStrategy: "round-robin",
    connectionLimits: { [ids[0]!]: { requestsPerMinute: 3 } },
  });
  expect(again.engine.router.limits.limitsOf(ids[0]!).requestsPerMinute).toBe(3);
  expect((await again.admin("GET", "/api/models/alias")).body.aliases).toEqual({ mine: "one/a" });
  expect((await again.admin("GET", "/api/fallback/chains")).body.chains).toHaveLength(1);
  expect(again.engine.router.memory.snapshot().turns).toEqual(turn);
  await again.call("/v1/chat/completions", body, options);
  expect(again.lastRequest().connectionId).toBe(holder);
  await again.stop();
});
