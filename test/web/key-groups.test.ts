import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { startGateway, TEST_PASSWORD, type TestGateway } from "../kit/gateway.ts";
import { chatReply, startUpstream, type Upstream } from "../kit/upstream.ts";
import { chromiumPath, complaintsOf, launch, signedIn } from "./browser.ts";
import { textOf, Visitor } from "./kit.ts";

const executable = chromiumPath();
const SLOW_MS = 60_000;
let gateway: TestGateway;
let upstream: Upstream;

beforeAll(async () => {
  upstream = startUpstream(() => ({ type: "json", body: chatReply("hello", { usage: [0, 10] }) }));
  gateway = await startGateway();
  gateway.node("one", `${upstream.url}/v1`);
  const [node] = gateway.engine.manage.nodes.list();
  gateway.engine.manage.prices.change({ [node!.id]: { a: { input: 0, output: 100_000 } } }, { name: "test" });
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

const ask = (key: string) =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: "one/a", messages: [{ role: "user", content: "hi" }] }),
  });

describe("without scripts", () => {
  let visitor: Visitor;
  beforeAll(async () => void (visitor = await new Visitor(gateway).signIn()));
  const send = async (path: string, fields: { [name: string]: string | string[] } = {}) => {
    const answer = await visitor.post(path, fields);
    return textOf(await (answer.status === 303 ? await visitor.follow(answer) : answer).text());
  };

  test("a group is made, gets rules, is paused, resumed and removed, and the removal is taken back", async () => {
    const { access } = gateway.engine;
    expect(
      await send("/dashboard/endpoint/groups?do=create", { name: "Interns", note: "till May" }),
    ).toContain("Interns is made.");
    expect(await send("/dashboard/endpoint/groups?do=create", { name: "Interns" })).toContain(
      "There is a key group Interns already",
    );
    const { id } = access.groups.list()[0]!;
    const place = `/dashboard/endpoint/groups/${id}`;
    const rules = { allowedModels: "one/*\ntwo/b", requestsPerMinute: "7", weeklyLimitUsd: "25" };
    expect(await send(`${place}?do=rules`, rules)).toContain("Interns is saved.");
    expect(access.groups.get(id)).toMatchObject({
      note: "till May",
      allowedModels: ["one/*", "two/b"],
      limits: { requestsPerMinute: 7 },
      budget: { weeklyLimitUsd: 25 },
    });
    await send(`${place}?do=update`, { name: "Crew", note: "" });
    expect(access.groups.get(id).note).toBeUndefined();
    await send(`${place}?do=pause`);
    const { record } = access.createKey({ name: "Tablet", groupId: id });
    expect(textOf(await (await visitor.get("/dashboard/endpoint/groups")).text())).toContain("Paused");
    expect(await send(`${place}?do=take-out`, { keyId: record.id })).toContain(
      "Tablet is in no group any more.",
    );
    expect(access.groups.keysIn(id)).toEqual([]);
    expect(await send(`${place}?do=add`, { keyId: record.id })).toContain("Tablet is in the group.");
    await send(`${place}?do=resume`);
    expect(access.groups.get(id).isActive).toBe(true);
    const after = await send(`${place}?do=remove`);
    expect(after).toContain("Crew is removed.");
    expect(after).toContain("Undo");
    expect(access.listKeys().find((key) => key.id === record.id)!.groupId).toBeUndefined();
  });
});

describe.if(executable !== undefined)("in a browser", () => {
  let browser: Browser;
  let token: string;
  beforeAll(async () => {
    browser = await launch(executable!);
    ({ token } = await gateway.engine.access.login(TEST_PASSWORD, "127.0.0.1"));
  }, SLOW_MS);
  afterAll(() => browser.close());

  test(
    "a group is made, a key put into it, its budget spent, the key refused, and the sum shown",
    async () => {
      const context = await signedIn(browser, gateway.url, token);
      const page = await context.newPage();
      const complaints = complaintsOf(page);
      await page.goto("/dashboard/endpoint/groups");
      await page.locator("#new-group").getByLabel("Name").fill("Night shift");
      await page.getByRole("button", { name: "Create group" }).click();
      await page.getByText("Night shift is made.").waitFor();
      await page.getByLabel("Dollars per day").fill("1");
      await page.locator("#rules").getByRole("button", { name: "Save" }).click();
      await page.getByText("Night shift is saved.").waitFor();

      await page.goto("/dashboard/endpoint");
      await page.locator("#new-key").getByLabel("Name").fill("Robot");
      await page.locator("#new-key").getByLabel("Group").selectOption({ label: "Night shift" });
      await page.getByRole("button", { name: "Create key" }).click();
      await page.getByText("Robot: the key is ready").waitFor();
      const key = /sk-omni-[\w-]{20,}/.exec(await page.content())![0];
      expect((await ask(key)).status).toBe(200);
      const refused = await ask(key);
      expect([refused.status, await refused.text()]).toEqual([
        402,
        expect.stringContaining("group Night shift"),
      ]);

      await page.goto("/dashboard/endpoint/groups");
      const row = page.getByRole("row", { name: /Night shift/ });
      expect(await row.innerText()).toMatch(/Spent[\s\S]*\$1\.00\s*\/ \$1\.00/);
      await row.getByRole("link", { name: "Night shift" }).click();
      await page.locator("#keys").getByRole("link", { name: "Robot" }).waitFor();
      await page.goto("/dashboard/usage?by=keyGroup");
      await page.getByRole("heading", { name: "By key group" }).waitFor();
      expect(await page.content()).toContain("Night shift");
      await page.goto("/dashboard/costs");
      expect(await page.getByRole("row", { name: /Night shift/ }).innerText()).toContain("Spent");
      expect(complaints).toEqual([]);
      await context.close();
    },
    SLOW_MS,
  );
});
