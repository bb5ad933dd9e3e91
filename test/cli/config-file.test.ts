import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, temporaryDirectory } from "./kit.ts";

test("a file is checked: right, or with the line of what is wrong", async () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, "omniroute.toml");
  writeFileSync(file, '[settings]\nlogRetentionDays = 0\n\n[[keys]]\nname = "a"\nkey = "${CI_KEY}"\n');
  const wrong = await run(["config", "check", file]);
  expect([wrong.code, wrong.out]).toEqual([
    1,
    expect.stringMatching(
      /omniroute\.toml:6: keys\.0\.key: the variable CI_KEY is not set\n.*:2: settings\.logRetentionDays: /,
    ),
  ]);
  writeFileSync(file, '[[keys]]\nname = "a"\nkey = "${CI_KEY}"\n');
  const right = await run(["config", "check", file], { env: { CI_KEY: "x".repeat(20) } });
  expect([right.code, right.out]).toEqual([0, `${file} is right.\n`]);
  expect((await run(["config", "check", join(directory.path, "none")])).code).toBe(2);
});

test.each([
  [
    '[[combos]]\nname = "a"\nmodels = ["b"]\n\n[[combos]]\nname = "b"\nmodels = ["a"]\n',
    5,
    "combos.1: This would be a circle",
  ],
  ['[settings]\n\n[aliases]\na = "b"\nb = "a"\n', 5, "aliases.b: "],
  [
    '[[nodes]]\nname = "n"\nprefix = "openai"\ntype = "openai-compatible"\nbaseUrl = "http://127.0.0.1:1/v1"\n',
    1,
    "nodes.0: ",
  ],
  ['[[combos]]\nname = "openai/x"\nmodels = ["a"]\n', 1, "combos.0: "],
])("what a start refuses is found with its line: %j", async (text, at, words) => {
  using directory = temporaryDirectory();
  const file = join(directory.path, "omniroute.toml");
  writeFileSync(file, text);
  const { code, out } = await run(["config", "check", file]);
  expect([code, out]).toEqual([1, expect.stringContaining(`omniroute.toml:${at}: ${words}`)]);
});

test("the state is written as a file that is right again", async () => {
  using directory = temporaryDirectory();
  const words = ["--data-dir", join(directory.path, "data")];
  await run(["key", "create", "laptop", ...words]);
  for (const format of ["toml", "yaml"]) {
    const { code, out } = await run(["config", "export", "--format", format, ...words]);
    expect([code, out.includes("#   CLIENT_LAPTOP"), out.includes("sk-omni-")]).toEqual([0, true, false]);
    const file = join(directory.path, `again.${format}`);
    writeFileSync(file, out);
    expect((await run(["config", "check", file], { env: { CLIENT_LAPTOP: "k".repeat(30) } })).out).toContain(
      "is right",
    );
  }
});

test("undo takes the newest change back, and lists what can be", async () => {
  using directory = temporaryDirectory();
  const words = ["--data-dir", join(directory.path, "data")];
  expect((await run(["undo", ...words])).err).toContain("There is nothing to undo.");
  expect((await run(["undo", "--list", ...words])).out).toContain("There is nothing to undo.");
  expect((await run(["undo", "latest", ...words])).code).toBe(2);
});
