import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listBackups, listConnections } from "../../src/store/index.ts";
import { FORMER_SECRET, omniRoute1, omniRoute38 } from "../kit/former-files.ts";
import type { TestGateway } from "../kit/gateway.ts";
import { signedInVisitor, textOf, type Visitor } from "./kit.ts";

const PAGE = "/dashboard/settings/storage";
let gateway: TestGateway;
let visitor: Visitor;

beforeAll(async () => {
  ({ gateway, visitor } = await signedInVisitor());
});
afterAll(() => gateway.stop());

const shown = async (answer: Response) =>
  (answer.status === 303 ? await visitor.follow(answer) : answer).text();
const send = async (action: string, fields: { [name: string]: string } = {}) =>
  shown(await visitor.post(`${PAGE}?do=${action}`, fields));
const upload = async (bytes: Uint8Array, name = "storage.sqlite") => {
  const form = new FormData();
  form.set("file", new File([Buffer.from(bytes)], name));
  form.set("mode", "replace");
  const request = new Request(`${visitor.origin}${PAGE}?do=look`, { method: "POST", body: form });
  request.headers.set("origin", visitor.origin);
  return visitor.send(request);
};
const staged = () => readdirSync(gateway.dataDir).filter((name) => name.startsWith("import-"));

test("what an earlier OmniRoute left in the data directory is offered, opened with its own key, and left alone", async () => {
  const path = join(gateway.dataDir, "storage.sqlite");
  expect(textOf(await (await visitor.get(PAGE)).text())).not.toContain("left its database here");
  await Bun.write(path, omniRoute38());
  writeFileSync(join(gateway.dataDir, "server.env"), `STORAGE_ENCRYPTION_KEY="${FORMER_SECRET}"\n`);
  const before = Bun.hash(readFileSync(path));
  expect(textOf(await (await visitor.get(PAGE)).text())).toContain("left its database here");
  const looked = textOf(await send("nearby"));
  expect(looked).toContain("4 connections, 1 node, 2 combos, 1 client key, 0 groups of keys.");
  expect(looked).not.toContain("a key or a sign-in anew");
  expect([listConnections(gateway.engine.store), Bun.hash(readFileSync(path))]).toEqual([[], before]);
  rmSync(path);
});

test("a file is looked into first; it comes in when that is confirmed, once", async () => {
  const page = await shown(await upload(omniRoute1()));
  const text = textOf(page);
  expect(text).toContain("storage.sqlite would bring in");
  expect(text).toContain("4 connections, 1 node, 2 combos, 1 client key, 0 groups of keys.");
  expect(listConnections(gateway.engine.store)).toEqual([]);
  expect(staged()).toHaveLength(1);

  const id = /name="id" value="([^"]+)"/.exec(page)?.[1] ?? "";
  expect(textOf(await send("bring", { id }))).toContain("Brought in.");
  expect(listConnections(gateway.engine.store)).toHaveLength(4);
  expect(staged()).toEqual([]);
  expect((await visitor.post(`${PAGE}?do=bring`, { id })).status).toBe(404);
});

test("what is no configuration is refused on the page, and nothing of it stays", async () => {
  const answer = await upload(Buffer.from("no database ".repeat(500)), "notes.txt");
  expect([answer.status, textOf(await answer.text()).includes("The file was refused")]).toEqual([400, true]);
  expect(staged()).toEqual([]);
});

test("a restore point is made with a name, tried, restored and removed", async () => {
  expect(textOf(await send("backup", { name: "before the summer" }))).toContain("before-the-summer");
  gateway.engine.manage.settings.change({ instanceName: "changed" }, { name: "test" });
  const point = listBackups(gateway.engine.store).find(({ label }) => label === "before-the-summer")!;
  expect(textOf(await send("try", { file: point.filename }))).toContain("would bring back");
  expect(gateway.engine.settings().instanceName).toBe("changed");
  expect(textOf(await send("restore", { file: point.filename }))).toContain("Restored.");
  expect(gateway.engine.settings().instanceName).toBe("");
  expect((await visitor.get(PAGE)).status).toBe(200);
  expect(textOf(await send("remove", { file: point.filename }))).toContain("The copy is removed.");
  expect(listBackups(gateway.engine.store).some(({ label }) => label !== undefined)).toBe(false);
});

test("how often copies are made, and how many stay", async () => {
  await send("schedule", { backupEveryHours: "6", backupsKept: "5" });
  expect(gateway.engine.settings()).toMatchObject({ backupEveryHours: 6, backupsKept: 5 });
});

test("an export under a passphrase is downloaded by a form", async () => {
  const answer = await visitor.post("/api/db-backups/export", { passphrase: "twelve characters" });
  expect([answer.status, answer.headers.get("content-disposition")]).toEqual([
    200,
    expect.stringMatching(/^attachment; filename="omniroute-backup-/),
  ]);
});
