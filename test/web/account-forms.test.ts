import { afterAll, beforeAll, expect, test } from "bun:test";
import { type TestGateway } from "../kit/gateway.ts";
import { signedInVisitor, textOf, type Visitor } from "./kit.ts";

const ACTOR = { name: "admin", ip: "127.0.0.1" };

let gateway: TestGateway;
let visitor: Visitor;
let ids: string[];

beforeAll(async () => {
  ({ gateway, visitor } = await signedInVisitor());
  ids = ["One", "Two", "Three 3"].map(
    (name, index) =>
      gateway.engine.manage.connections.create(
        { provider: "openai", name, apiKey: `sk-order-${name}-000${index}`, priority: 1 },
        ACTOR,
      ).id,
  );
});
afterAll(() => gateway.stop());

const names = () =>
  gateway.engine.manage.connections
    .list()
    .filter(({ provider }) => provider === "openai")
    .map(({ name, priority }) => `${priority} ${name}`);

test("accounts move one place at a time by their buttons", async () => {
  const answer = await visitor.post("/dashboard/providers/openai?do=move", { id: ids[2]!, to: "up" });
  expect(answer.status).toBe(303);
  expect(names()).toEqual(["1 One", "2 Three 3", "3 Two"]);
  await visitor.post("/dashboard/providers/openai?do=move", { id: ids[0]!, to: "up" });
  expect(names()).toEqual(["1 One", "2 Three 3", "3 Two"]);
});

test("a whole order is taken; strangers in it are passed over, and who is not named comes last", async () => {
  await visitor.post("/dashboard/providers/openai?do=order", { id: [ids[1]!, "nobody", ids[2]!] });
  expect(names()).toEqual(["1 Two", "2 Three 3", "3 One"]);
});

test("limits of one's own are counted, shown as bars, and taken away by emptying them", async () => {
  const place = `/dashboard/providers/openai/connections/${ids[0]}`;
  await visitor.post(`${place}?do=save-limits`, {
    "limit-daily": "50",
    "unit-daily": "requests",
    "limit-monthly": "12,5",
    "unit-monthly": "usd",
    hour: "6",
  });
  expect(gateway.engine.manage.quotas.of(ids[0]!).ownLimits).toEqual([
    { name: "daily", limit: 50, unit: "requests", hour: 6 },
    { name: "monthly", limit: 12.5, unit: "usd", hour: 6 },
  ]);
  const page = textOf(await (await visitor.get("/dashboard/quota")).text());
  expect(page).toContain("0 of 50 requests");
  expect(page).toContain("$0.00 of $12.50");
  await visitor.post(`${place}?do=save-limits`, { "limit-daily": "", hour: "6" });
  expect(gateway.engine.manage.quotas.of(ids[0]!).ownLimits).toEqual([]);
});

test("a limit that is no number is refused, and the form keeps it", async () => {
  const answer = await visitor.post(`/dashboard/providers/openai/connections/${ids[0]}?do=save-limits`, {
    "limit-daily": "plenty",
    "unit-daily": "requests",
    hour: "0",
  });
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain('value="plenty"');
});

test("quotas are asked for again, one or all", async () => {
  const one = await visitor.follow(await visitor.post("/dashboard/quota?do=refresh", { id: ids[0]! }));
  expect(textOf(await one.text())).toContain("One account was asked for.");
  const all = await visitor.follow(await visitor.post("/dashboard/quota?do=refresh"));
  expect(textOf(await all.text())).toContain("3 accounts were asked for.");
});
