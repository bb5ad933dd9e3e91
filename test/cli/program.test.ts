import { expect, test } from "bun:test";
import { VERSION } from "../../src/version.ts";
import { run } from "./kit.ts";

test.each(["--help", "help"])("%s names every command, and asking for it is no failure", async (word) => {
  const { code, out, err } = await run([word]);
  expect([code, err]).toEqual([0, ""]);
  const commands =
    "serve status healthcheck doctor config setup-link admin key provider combo explain plan backup restore service";
  for (const command of commands.split(" ")) expect(out).toMatch(new RegExp(`^ {2}${command}\\b`, "m"));
  expect(out).toContain("Exit codes: 0 fine, 1 failed, 2 wrong use");
});

test.each(["-v", "--version"])("%s prints the version", async (flag) => {
  expect(await run([flag])).toEqual({ code: 0, out: `${VERSION}\n`, err: "" });
});

const helps: [string, ...string[]][] = [
  ["serve", "--port", "--host", "--no-open", "--data-dir", "--env-file"],
  ["status", "--json", "--data-dir"],
  ["key create", "--scope", "--no-log", "--expires", "--json"],
  ["key rotate", "--grace"],
  ["service install", "--system"],
  ["restore", "[copy]", "--dry-run"],
  ["export", "<file>", "--passphrase-file"],
  ["import", "<file>", "--dry-run", "--merge", "--key-file"],
];
test.each(helps)("%s --help tells its options", async (command, ...options) => {
  const { code, out } = await run([...command.split(" "), "--help"]);
  expect(code).toBe(0);
  for (const option of options) expect(out).toContain(option);
});

test.each([
  [["statsu"], "omniroute status"],
  [["hlp"], "omniroute help"],
  [["docter", "--json"], "omniroute doctor"],
  [["--data-dir", "/x", "sttus"], "omniroute status"],
  [["xyzzy"], "omniroute --help"],
  [["key", "lst"], "Did you mean list?"],
  [["status", "--jsno"], "Did you mean --json?"],
  [["--prot", "3000"], "Did you mean --port?"],
])("%p is wrong use, with a hint at the nearest", async (words, hint) => {
  const { code, out, err } = await run(words);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toContain(hint);
});

test.each([[["key"]], [["explain"]], [["key", "create"]], [["status", "extra"]], [["status", "--data-dir"]]])(
  "%p is wrong use",
  async (words) => {
    const { code, out, err } = await run(words);
    expect([code, out]).toEqual([2, ""]);
    expect(err.length).toBeGreaterThan(0);
  },
);

test("options may stand before the command", async () => {
  const { code, out } = await run(["--data-dir", "/nowhere/here", "--json", "status"]);
  expect(code).toBe(1);
  expect(JSON.parse(out)).toEqual({ running: false, dataDir: "/nowhere/here" });
});

test.each([
  [{ PORT: "http" }, "PORT must be a number"],
  [{ TRUSTED_PROXIES: "everyone" }, "TRUSTED_PROXIES"],
])("a setting that means nothing ends with code 2: %p", async (env, message) => {
  const { code, err } = await run(["status"], { env });
  expect(code).toBe(2);
  expect(err).toContain(message);
});

test("colour only on a terminal, and not with NO_COLOR", async () => {
  const words = ["status", "--data-dir", "/nowhere/here"];
  const escape = "\u001b[";
  expect((await run(words)).out).not.toContain(escape);
  expect((await run(words, { terminal: true })).out).toContain(escape);
  expect((await run(words, { terminal: true, env: { NO_COLOR: "1" } })).out).not.toContain(escape);
});

test("config show tells value and source of each setting, and no secret", async () => {
  const env = { PORT: "3000", JWT_SECRET: "kQ3v9Xh2mB7sL0pZ5tR8wY1c", OMNIROUTE_HOST: "x" };
  const { code, out, err } = await run(["config", "show"], { env });
  expect(code).toBe(0);
  expect(out).toMatch(/^PORT\s+3000\s+environment PORT$/m);
  expect(out).toMatch(/^JWT_SECRET\s+\*{8}\s+environment JWT_SECRET$/m);
  expect(out).toMatch(/^HOSTNAME\s+127\.0\.0\.1\s+default$/m);
  expect(out).not.toContain("kQ3v9Xh2mB7sL0pZ5tR8wY1c");
  expect(err).toContain("did you mean HOST?");

  const { settings } = JSON.parse((await run(["config", "show", "--json"], { env })).out) as {
    settings: { name: string; value: string }[];
  };
  expect(settings.find((setting) => setting.name === "PORT")?.value).toBe("3000");
});
