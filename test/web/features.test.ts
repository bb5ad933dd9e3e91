import { expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { LANGUAGES } from "../../web/i18n/index.ts";
import { pages } from "../../web/pages/index.ts";
import { FEATURED } from "./featured.ts";

const DOCS = join(import.meta.dir, "../../docs");
const MOST_BYTES = 60 * 1024;

const text = readFileSync(join(DOCS, "FEATURES.md"), "utf8");
const shown = [...text.matchAll(/\]\(images\/([\w-]+)\.webp\)/g)].map(([, name = ""]) => name);

test("the tour shows every picture that is taken, and no other lies about", () => {
  const taken = FEATURED.map(({ name }) => name).sort();
  expect(shown.toSorted()).toEqual(taken);
  expect(readdirSync(join(DOCS, "images")).sort()).toEqual(taken.map((name) => `${name}.webp`).sort());
});

test("no picture is heavy", () => {
  const heavy = shown.filter((name) => statSync(join(DOCS, "images", `${name}.webp`)).size > MOST_BYTES);
  expect(heavy).toEqual([]);
});

test("the tour names every entry of the menu", () => {
  const titles = pages.filter(({ menu }) => menu).map(({ title }) => LANGUAGES.en.messages[title]);
  expect(titles.filter((title) => !text.toLowerCase().includes(title.toLowerCase()))).toEqual([]);
});
