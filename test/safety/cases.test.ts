import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CASES } from "./cases.ts";

const root = join(import.meta.dir, "..");
/** How many cases each letter has. */
const COUNTS = {
  N: 5,
  R: 6,
  H: 7,
  L: 10,
  J: 5,
  A: 22,
  B: 11,
  F: 17,
  S: 10,
  U: 18,
  T: 14,
  O: 4,
  G: 5,
  C: 14,
  X: 3,
  K: 24,
};

test("every case is there", () => {
  const found = Object.fromEntries(
    Object.entries(Object.groupBy(Object.keys(CASES), ([letter]) => letter!)).map(([letter, ids]) => [
      letter,
      ids!.length,
    ]),
  );
  expect(found).toEqual(COUNTS);
});

test.each(Object.entries(CASES))("%s is shown by a test that there is", (_id, shown) => {
  expect(shown.length).toBeGreaterThan(0);
  for (const [file, words] of shown) {
    const path = join(root, file);
    expect([file, existsSync(path)]).toEqual([file, true]);
    expect([file, words, readFileSync(path, "utf8").includes(words)]).toEqual([file, words, true]);
  }
});

test("the document names every case and its test", () => {
  const text = readFileSync(join(root, "../docs/SECURITY.md"), "utf8");
  const missing = Object.entries(CASES).flatMap(([id, shown]) => {
    const row = text.split("\n").find((line) => line.startsWith(`| ${id} |`)) ?? "";
    return shown.every(([file]) => row.includes(`\`${file}\``)) ? [] : [id];
  });
  expect(missing).toEqual([]);
});
