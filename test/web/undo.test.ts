import { afterAll, beforeAll, expect, test } from "bun:test";
import { type TestGateway } from "../kit/gateway.ts";
import { signedInVisitor, textOf, type Visitor } from "./kit.ts";

const ACTOR = { name: "admin", ip: "127.0.0.1" };

let gateway: TestGateway;
let visitor: Visitor;

beforeAll(async () => {
  ({ gateway, visitor } = await signedInVisitor());
});
afterAll(() => gateway.stop());

const idIn = (page: string) =>
  /name="id" value="(\d+)"[^>]*\/?>\s*<input type="hidden" name="back"/.exec(page)?.[1];
const names = () => gateway.engine.manage.connections.list().map(({ name }) => name);

test("what a message tells of can be taken back from it, and the way leads back to the page", async () => {
  const { id } = gateway.engine.manage.connections.create(
    { provider: "groq", name: "Dear account", apiKey: "gsk-undo-0001" },
    ACTOR,
  );
  const page = await (
    await visitor.follow(await visitor.post("/dashboard/providers/groq?do=remove", { id }))
  ).text();
  expect(textOf(page)).toContain("Dear account is removed.");
  expect(names()).not.toContain("Dear account");
  const undone = await visitor.post("/dashboard/undo", {
    id: idIn(page)!,
    back: "/dashboard/providers/groq",
  });
  expect(undone.headers.get("location")).toBe("/dashboard/providers/groq");
  expect(textOf(await (await visitor.follow(undone)).text())).toContain("Undone: Account removed.");
  expect(names()).toContain("Dear account");
});

test("a second time it says that there is nothing to take back", async () => {
  const { id } = gateway.engine.manage.combos.create({ name: "short-lived", models: ["mock/echo"] }, ACTOR);
  const page = await (await visitor.follow(await visitor.post(`/dashboard/combos/${id}?do=remove`))).text();
  const entry = idIn(page)!;
  await visitor.post("/dashboard/undo", { id: entry, back: "/dashboard/combos" });
  const again = await visitor.follow(
    await visitor.post("/dashboard/undo", { id: entry, back: "/dashboard/combos" }),
  );
  expect(again.status).toBe(200);
  expect(textOf(await again.text())).not.toContain("Undone:");
});

test("messages of what changed nothing offer nothing", async () => {
  const page = await (await visitor.follow(await visitor.post("/dashboard/quota?do=refresh"))).text();
  expect(idIn(page)).toBeUndefined();
});

test.each(["https://elsewhere.test/", "//elsewhere.test", "/api/settings"])(
  "the way back never leads to %s",
  async (back) => {
    const answer = await visitor.post("/dashboard/undo", { id: "1", back });
    expect(answer.headers.get("location")).not.toContain("elsewhere");
  },
);

test("forms from elsewhere, and visitors who are not signed in, undo nothing", async () => {
  const foreign = await visitor.post("/dashboard/undo", { id: "1" }, { origin: "https://elsewhere.test" });
  expect(foreign.status).toBe(403);
});
