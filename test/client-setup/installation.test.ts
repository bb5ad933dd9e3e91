import { expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { tempHome, tool } from "./kit.ts";

test("nothing is installed on an empty machine", () => {
  using home = tempHome();
  expect(home.desk.state(tool("opencode"))).toMatchObject({
    installed: false,
    runnable: false,
    command: "opencode",
    reason: "not_found",
  });
});

test.each([
  ["the search path", "path/claude"],
  ["where installers put programs", ".local/bin/claude"],
  ["a version manager's folder", ".nvm/versions/node/v24.1.0/bin/claude"],
])("a program is found in %s", (_name, path) => {
  using home = tempHome();
  home.write(path, "#!/bin/sh\n", 0o755);
  expect(home.desk.state(tool("claude"))).toMatchObject({
    installed: true,
    runnable: true,
    commandPath: home.at(path),
    reason: undefined,
  });
});

test("a program that was named counts before all others, also when it is not there", () => {
  using home = tempHome({ programs: { CLI_CODEX_BIN: "/nowhere/codex" } });
  home.write("path/codex", "", 0o755);
  expect(home.desk.state(tool("codex"))).toMatchObject({
    installed: false,
    commandPath: "/nowhere/codex",
    reason: "not_found",
  });
});

test("a file that may not be started is told apart", () => {
  using home = tempHome();
  home.write("path/gemini", "", 0o644);
  expect(home.desk.state(tool("gemini"))).toMatchObject({
    installed: true,
    runnable: false,
    reason: "not_executable",
  });
});

test("editors and extensions are known by what they leave behind", () => {
  using home = tempHome();
  mkdirSync(home.at(".vscode/extensions/rooveterinaryinc.roo-cline-3.30.1"), { recursive: true });
  mkdirSync(home.at(".cursor"));
  for (const id of ["roo", "cursor"])
    expect(home.desk.state(tool(id))).toMatchObject({ installed: true, configStatus: "manual" });
  expect(home.desk.state(tool("antigravity")).installed).toBe(false);
});
