import { afterAll, beforeAll, expect, test } from "bun:test";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { signedInVisitor, textOf, type Visitor } from "./kit.ts";

const PAGE = "/dashboard/settings/advanced";
const ACTOR = { name: "test" };
let gateway: TestGateway;
let hub: TestGateway;
let visitor: Visitor;

beforeAll(async () => {
  ({ gateway, visitor } = await signedInVisitor());
  hub = await startGateway();
});
afterAll(async () => {
  await gateway.stop();
  await hub.stop();
});

const send = async (action: string, fields: { [name: string]: string } = {}) => {
  const answer = await visitor.post(`${PAGE}?do=${action}`, fields);
  return textOf(await (answer.status === 303 ? await visitor.follow(answer) : answer).text());
};
const join = (more: { [name: string]: string } = {}) =>
  send("sync-join", {
    id: "omniroute",
    "target.url": hub.url,
    "target.token": hub.engine.access.createKey({ name: "sync", scopes: ["sync"] }).key,
    passphrase: "correct horse battery",
    ...more,
  });

test("joining says what is wrong, then what it shares with whom", async () => {
  expect(await join({ passphrase: "short" })).toContain("at least 12 characters");
  expect(await join()).toContain("keeps no bundles");
  hub.engine.manage.settings.change({ syncHub: true }, ACTOR);
  const joined = await join();
  expect(joined).toContain("This installation has joined.");
  expect(joined).toContain(hub.url);
  expect(joined).not.toContain("correct horse battery");
  expect(await send("sync-now")).toContain("Everything is exchanged.");
  expect(await send("sync-leave")).toContain("syncs with nobody now");
});

test("the shelf for others is a switch", async () => {
  await send("sync-hub", { syncHub: "on" });
  expect(gateway.engine.settings().syncHub).toBe(true);
  await send("sync-hub");
  expect(gateway.engine.settings().syncHub).toBe(false);
});
