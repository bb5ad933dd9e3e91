import { expect, test } from "bun:test";
import { chatReply, startUpstream } from "../kit/upstream.ts";
import { ask } from "./demo.ts";
import { signedInVisitor, textOf } from "./kit.ts";

test("what nobody knows the price of is nowhere shown as free", async () => {
  const upstream = startUpstream(() => ({ type: "json", body: chatReply("Hello!") }));
  const { gateway, visitor } = await signedInVisitor();
  gateway.node("mine", `${upstream.url}/v1`);
  const { key } = gateway.engine.access.createKey({ name: "Laptop" });
  expect((await ask(gateway.url, key, "mine/m")).status).toBe(200);
  expect((await ask(gateway.url, "none", "nobody/m")).status).toBe(404);

  const usage = await visitor.get("/dashboard/usage");
  expect(textOf(await usage.text())).toMatch(/mine\/m 50% 1 0 \d+ \S+ unknown/);
  const logs = textOf(await (await visitor.get("/dashboard/logs")).text());
  // A call that never reached a provider has used nothing.
  expect(logs.match(/unknown/g)).toHaveLength(1);
  const quota = textOf(await (await visitor.get("/dashboard/quota")).text());
  expect(quota).toMatch(/This month \d+ tokens(?!,)/);
  const costs = textOf(await (await visitor.get("/dashboard/costs")).text());
  expect(costs).toContain("This month $0.00 One request of unknown price");
  await gateway.stop();
  await upstream.stop();
});
