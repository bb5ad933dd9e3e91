import { expect, test } from "bun:test";
import { run, temporaryDirectory } from "./kit.ts";

/** Without a server, on a data directory of one's own. */
test("groups are made, filled, paused, changed and removed on the store itself", async () => {
  using directory = temporaryDirectory();
  const cli = (...words: string[]) => run(["key", ...words, "--data-dir", directory.path]);
  const asJson = async (...words: string[]) => JSON.parse((await cli(...words, "--json")).out);

  const made = await asJson("group", "create", "team", "--models", "one/*", "--rpm", "5", "--daily", "2");
  expect(made).toMatchObject({
    name: "team",
    allowedModels: ["one/*"],
    limits: { requestsPerMinute: 5 },
    budget: { dailyLimitUsd: 2 },
  });
  const { id } = await asJson("create", "laptop", "--group", "team");
  const listed = await cli("group", "list");
  expect(listed.out).toMatch(/^team\s+works\s+1\s+\$0\.00\s+\$2\.00\s+-$/m);
  expect((await cli("list")).out).toMatch(/laptop\s+\S+\s+team\s+inference/);

  expect((await cli("group", "create", "team")).err).toContain("There is a key group team already");
  expect((await cli("group", "remove", "team")).err).toContain("1 key is in the group team");
  expect((await cli("group", "pause", "team")).code).toBe(0);
  expect((await cli("group", "list")).out).toMatch(/^team\s+paused/m);
  expect((await cli("list")).out).toMatch(/laptop\s+\S+\s+team\s+inference\s+paused/);
  expect((await cli("group", "change", "team")).err).toContain("Say what to change");
  expect(
    await asJson("group", "change", "team", "--models", "none", "--daily", "none", "--note", "x"),
  ).toEqual(expect.not.objectContaining({ allowedModels: expect.anything(), budget: expect.anything() }));

  expect((await cli("move", id)).out).toContain("in no group");
  expect((await cli("move", id, "nobody")).err).toContain('There is no key group "nobody"');
  expect((await cli("move", id, "team")).code).toBe(0);
  expect((await run(["undo", "--data-dir", directory.path])).out).toContain("key.update");
  expect((await asJson("list")).keys).toMatchObject([{ name: "laptop", group: null }]);
  expect((await cli("move", id, "team")).code).toBe(0);
  expect((await cli("group", "remove", "team", "--detach")).out).toContain("removed");
  expect((await asJson("list")).keys).toMatchObject([{ name: "laptop", group: null }]);
  expect((await run(["undo", "--data-dir", directory.path])).out).toContain("key-group.remove");
  expect((await asJson("list")).keys).toMatchObject([{ name: "laptop", group: "team" }]);
});
