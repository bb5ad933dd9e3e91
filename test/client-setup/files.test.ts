import { expect, test } from "bun:test";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { PLACE, tempHome, tool } from "./kit.ts";

const CLAUDE = ".claude/settings.json";
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test.each([0o600, 0o644, 0o640])("a file keeps its mode (%o), and no draft is left beside it", (mode) => {
  using home = tempHome();
  home.write(CLAUDE, "{}");
  chmodSync(home.at(CLAUDE), mode);
  home.desk.apply(tool("claude"), PLACE);
  expect(modeOf(home.at(CLAUDE))).toBe(mode.toString(8));
  expect(readdirSync(home.at(".claude"))).toEqual(["settings.json"]);
});

test("a new file and its copies are for their owner alone", () => {
  using home = tempHome();
  home.desk.apply(tool("claude"), PLACE);
  expect(modeOf(home.at(CLAUDE))).toBe("600");
  const folder = join(home.root, "backups/claude");
  expect(modeOf(folder)).toBe("700");
  for (const name of readdirSync(folder)) expect(modeOf(join(folder, name))).toBe("600");
});

test("a link inside the home directory stays a link, and its target is written", () => {
  using home = tempHome();
  home.write("dotfiles/claude.json", `{ "theme": "dark" }`);
  mkdirSync(home.at(".claude"));
  symlinkSync("../dotfiles/claude.json", home.at(CLAUDE));
  home.desk.apply(tool("claude"), PLACE);
  expect(lstatSync(home.at(CLAUDE)).isSymbolicLink()).toBe(true);
  expect(JSON.parse(home.read("dotfiles/claude.json"))).toMatchObject({
    theme: "dark",
    env: { ANTHROPIC_MODEL: "my-combo" },
  });
  home.desk.remove(tool("claude"));
  expect(home.read("dotfiles/claude.json")).toBe(`{ "theme": "dark" }`);
});

test.each(["file", "folder"])("a link of a %s that leads out of the home directory is left alone", (kind) => {
  using home = tempHome();
  const outside = join(home.root, "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "settings.json"), "{}");
  if (kind === "folder") symlinkSync(outside, home.at(".claude"));
  else {
    mkdirSync(home.at(".claude"));
    symlinkSync(join(outside, "settings.json"), home.at(CLAUDE));
  }
  expect(() => home.desk.apply(tool("claude"), PLACE)).toThrow(/leads out of the home directory/);
  expect(readFileSync(join(outside, "settings.json"), "utf8")).toBe("{}");
  expect(home.desk.state(tool("claude")).configStatus).toBe("unreadable");
});

test("a link that leads nowhere, and a folder in the file's place, are told of", () => {
  using home = tempHome();
  mkdirSync(home.at(".claude"));
  symlinkSync("nowhere.json", home.at(CLAUDE));
  expect(() => home.desk.apply(tool("claude"), PLACE)).toThrow(/cannot be read \(ENOENT\)/);
  mkdirSync(home.at(".factory/settings.json"), { recursive: true });
  expect(() => home.desk.apply(tool("droid"), PLACE)).toThrow(/is not a file/);
});

test("when the second file cannot be written, the first is as it was", () => {
  using home = tempHome();
  home.write(".codex/config.toml", `model = "mine"\n`);
  mkdirSync(home.at(".codex/.env"));
  expect(() => home.desk.apply(tool("codex"), PLACE)).toThrow();
  expect(home.read(".codex/config.toml")).toBe(`model = "mine"\n`);
  expect(home.shelf.list()).toEqual([]);
});

test("every change can be gone back to, step by step, and the way back is never dropped", () => {
  using home = tempHome();
  home.write(CLAUDE, `{ "theme": "dark" }`);
  const first = home.desk.apply(tool("claude"), PLACE);
  for (let round = 0; round < 30; round++) {
    home.clock.advance(1000);
    home.desk.apply(tool("claude"), { ...PLACE, model: `model-${round}` });
  }
  const kept = home.desk.backups("claude");
  expect(kept.length).toBe(21);
  expect(kept.at(-1)).toEqual(first);
  home.desk.restore(tool("claude"), kept[0]!.id);
  expect(home.desk.state(tool("claude")).model).toBe("model-28");
  home.desk.remove(tool("claude"));
  expect(JSON.parse(home.read(CLAUDE))).toEqual({ theme: "dark" });
});

test("a copy that is not there, or is named like a path, is not found", () => {
  using home = tempHome();
  for (const id of ["20261121T093000000Z", "../../../etc/passwd", ""]) {
    expect(() => home.desk.restore(tool("claude"), id)).toThrow("There is no such backup");
    expect(() => home.desk.dropBackup(tool("claude"), id)).toThrow("There is no such backup");
  }
});
