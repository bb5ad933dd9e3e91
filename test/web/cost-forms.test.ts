import { afterAll, beforeAll, expect, test } from "bun:test";
import { type TestGateway } from "../kit/gateway.ts";
import { signedInVisitor, textOf, type Visitor } from "./kit.ts";

let gateway: TestGateway;
let visitor: Visitor;

beforeAll(async () => {
  ({ gateway, visitor } = await signedInVisitor());
});
afterAll(() => gateway.stop());

const PLACE = "/dashboard/costs/pricing?provider=groq";
const sourceOf = (model: string) =>
  gateway.engine.manage.prices
    .of(gateway.engine.catalogue.byId.get("groq")!)
    .find((each) => each.model.id === model);

test("prices come in as the API tells them, are shown as one's own, and go away all at once", async () => {
  const prices = JSON.stringify({ groq: { "my-model": { input: 1, output: 2, cached: 0.5 } } });
  const page = await visitor.follow(await visitor.post(`${PLACE}&do=import`, { prices }));
  expect(textOf(await page.text())).toContain("One price is taken over.");
  expect(sourceOf("my-model")).toMatchObject({
    source: "user",
    price: { input: 1, output: 2, cacheRead: 0.5 },
  });
  const reset = await visitor.follow(await visitor.post(`${PLACE}&do=reset-all`, { provider: "groq" }));
  expect(textOf(await reset.text())).toContain("One price is back to what is built in.");
  expect(sourceOf("my-model")).toBeUndefined();
});

test.each([
  "",
  "{",
  "[]",
  '{"groq": 1}',
  '{"nobody": {"x": {"input": 1}}}',
  '{"groq": {"x": {"input": "much"}}}',
])("prices that are none are refused, and stay in the field: %j", async (prices) => {
  const answer = await visitor.post(`${PLACE}&do=import`, { prices });
  expect(answer.status).toBe(400);
  if (prices !== "") expect(textOf(await answer.text())).toContain(prices.replaceAll('"', "&quot;"));
});

test("a model's price is brought into the form by its address", async () => {
  const model = sourceOf("llama-3.3-70b-versatile")!;
  const page = await (await visitor.get(`${PLACE}&model=${model.model.id}`)).text();
  expect(page).toContain(`value="${model.price?.input}"`);
});

test("a key's budget keeps its threshold and hour, and its doors, through the form", async () => {
  const { record } = gateway.engine.access.createKey({ name: "Careful" });
  await visitor.post(`/dashboard/endpoint/keys/${record.id}?do=rules`, {
    monthlyLimitUsd: "25",
    warningThreshold: "65",
    resetTime: "06:00",
    allowedEndpoints: ["chat", "messages"],
  });
  const saved = gateway.engine.access.listKeys().find(({ id }) => id === record.id)!;
  expect(saved).toMatchObject({
    allowedEndpoints: ["chat", "messages"],
    budget: { monthlyLimitUsd: 25, warningThreshold: 0.65, resetTime: "06:00" },
  });
  const page = await (await visitor.get(`/dashboard/endpoint/keys/${record.id}`)).text();
  expect(page).toContain('value="65"');
  expect(page).toMatch(/<option[^>]*selected[^>]*>06:00|value="06:00" selected/);
});
