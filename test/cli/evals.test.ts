import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeServerFile } from "../../src/cli/server-file.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { run } from "./kit.ts";

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
  const { port, dataDir } = gateway;
  writeServerFile(dataDir, {
    pid: process.pid,
    port,
    host: "127.0.0.1",
    startedAt: Date.now(),
    version: "0",
  });
});
afterAll(() => gateway.stop());

const evals = (...words: string[]) => run(["eval", ...words, "--data-dir", gateway.dataDir]);
const suite = (name: string, value: object) => {
  const file = join(gateway.dataDir, name);
  writeFileSync(file, JSON.stringify(value));
  return file;
};
const CASES = [
  { id: "hello", name: "H", input: "hello", expected: { strategy: "exact", value: "hello" } },
  { id: "bye", name: "B", input: "bye", expected: { strategy: "exact", value: "hello" } },
];

test("a suite is imported, asked, listed, compared and removed", async () => {
  const file = suite("mine.json", { name: "Mine", cases: CASES });
  expect((await evals("import", file)).out).toBe("Saved the suite mine with 2 cases.\n");
  expect((await evals("list")).out).toMatch(/^mine {2,}Mine {2,}2$/m);

  const estimate = await evals("run", "mine", "--model", "mock/echo", "--estimate");
  expect(estimate).toMatchObject({ code: 0, out: expect.stringContaining("2 calls, about 0.0000 USD") });

  const first = await evals("run", "mine", "--model", "mock/echo", "mock/think");
  expect(first.code).toBe(1);
  expect(first.out).toMatch(/^hello +mock\/echo +passed/m);
  expect(first.out).toMatch(/^bye +mock\/echo +failed .*Expected "hello"/m);
  expect(first.out).toContain("2 of 4 passed");

  const { runId } = JSON.parse((await evals("run", "mine", "--model", "mock/echo", "--json")).out);
  expect((await evals("runs")).out).toContain(runId);
  expect((await evals("runs", runId)).out).toContain("1 of 2 passed");
  expect((await evals("compare", runId)).out).toMatch(/^bye +failed/m);
  expect((await evals("remove", "mine")).code).toBe(0);
  expect((await evals("list")).out).not.toContain("mine");
});

test("all passed: exit code 0", async () => {
  await evals("import", suite("good.json", { id: "named", name: "Good", cases: CASES.slice(0, 1) }));
  expect((await evals("run", "named", "--model", "mock/echo")).code).toBe(0);
});

test.each([
  [["run", "nothing", "--model", "mock/echo"], "no suite"],
  [["run", "golden-set"], "Name the models"],
  [["import", "/nowhere/x.json"], "cannot be read"],
  [["runs", "nothing"], "no such run"],
  [["compare", "nothing"], "no such run"],
  [["remove", "golden-set"], "built in"],
])("eval %j fails with a sentence", async (words, message) => {
  const { code, err } = await evals(...words);
  expect(code).toBe(1);
  expect(err).toContain(message);
});
