import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { LogFile } from "../../src/observing/log-file.ts";
import { FakeClock } from "../kit/fake-clock.ts";

const DAY_MS = 86_400_000;
let directory: string;
let path: string;
let troubles: unknown[];
let clock: FakeClock;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "omniroute-log-"));
  path = join(directory, "logs", "omniroute.log");
  troubles = [];
  clock = new FakeClock(Date.now());
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const open = (maxBytes = 100) =>
  new LogFile({ path, maxBytes, retentionDays: 10, clock, onTrouble: (error) => troubles.push(error) });

/** Writes lines one after the other, each in a batch of its own. */
async function written(lines: readonly string[], maxBytes?: number): Promise<void> {
  for (const line of lines) {
    const file = open(maxBytes);
    file.add(line);
    await file.close();
  }
}

test("lines are written behind the caller's back, in order, for the owner alone", async () => {
  const file = open();
  file.add("one");
  file.add("two");
  expect(existsSync(path)).toBe(false);
  clock.advance(200);
  await file.close();
  expect(readFileSync(path, "utf8")).toBe("one\ntwo\n");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
});

test("a full file is put aside, and the fifth goes", async () => {
  await written(Array.from({ length: 8 }, (_, number) => String(number).repeat(120)));
  const files = readdirSync(dirname(path)).sort();
  expect(files).toEqual(["", ".1", ".2", ".3", ".4"].map((ending) => `omniroute.log${ending}`));
  expect(readFileSync(path, "utf8")[0]).toBe("7");
  expect(readFileSync(`${path}.4`, "utf8")[0]).toBe("3");
});

test("what is older than the retention time goes, and a file takes only its share of that time", async () => {
  mkdirSync(dirname(path), { recursive: true });
  const began = new Date(clock.now() - 3 * DAY_MS).toISOString();
  writeFileSync(path, `{"time":"${began}","message":"of three days ago"}\n`);
  writeFileSync(`${path}.1`, "of long ago\n");
  const longAgo = new Date(clock.now() - 11 * DAY_MS);
  utimesSync(`${path}.1`, longAgo, longAgo);
  await written(["now"], 1_000_000);
  expect(readFileSync(path, "utf8")).toBe("now\n");
  expect(readFileSync(`${path}.1`, "utf8")).toContain("of three days ago");
  expect(existsSync(`${path}.2`)).toBe(false);
});

test("a disk that refuses is told of once, lines wait and are then dropped and counted", async () => {
  writeFileSync(join(directory, "logs"), "no directory");
  const file = open();
  const line = "x".repeat(100_000);
  for (let number = 0; number < 60; number++) file.add(line);
  expect(file.dropped).toBe(60 - Math.floor((4 * 1024 * 1024) / 100_000));
  await clock.run(300);
  for (let wait = 0; wait < 2000 && troubles.length === 0; wait++) await Bun.sleep(5);
  expect(troubles).toHaveLength(1);
  rmSync(join(directory, "logs"));
  await file.close();
  expect(statSync(path).size).toBeGreaterThan(100);
});
