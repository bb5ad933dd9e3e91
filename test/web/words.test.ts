import { Glob } from "bun";
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import {
  acceptedLanguage,
  createSay,
  createShow,
  isMessageKey,
  LANGUAGES,
  type MessageKey,
} from "../../web/i18n/index.ts";
import { fillMessage, fillPieces, gapsOf } from "../../web/i18n/message.ts";

const english = LANGUAGES.en.messages;

describe.each(Object.entries(LANGUAGES))("%s", (tag, { messages }) => {
  const keys = Object.keys(english) as MessageKey[];

  test("has every message and none of its own", () => {
    expect(Object.keys(messages).sort()).toEqual(keys.toSorted());
  });

  test("says every message with the same gaps", () => {
    const faults = keys.filter((key) => gapsOf(messages[key]).join() !== gapsOf(english[key]).join());
    expect(faults).toEqual([]);
  });

  test("has a word for every number in every plural", () => {
    const say = createSay(tag as keyof typeof LANGUAGES);
    const counted = keys.filter((key) => english[key].includes(", plural,"));
    expect(counted.length).toBeGreaterThan(10);
    for (const key of counted)
      for (const count of [0, 1, 2, 5, 21, 1_000_000])
        expect(say(key, { count, name: "x", errors: 0, time: "x" }), key).not.toMatch(/[{}#]/);
  });

  test("leaves nothing empty", () => {
    expect(keys.filter((key) => messages[key].trim() === "")).toEqual([]);
  });
});

test("everything that is audited has a word", async () => {
  const deeds = new Set<string>();
  for (const file of new Glob("src/**/*.ts").scanSync(join(import.meta.dir, "../..")))
    for (const [, deed = ""] of (await Bun.file(join(import.meta.dir, "../..", file)).text()).matchAll(
      /\baudit\([^")]*"([a-z-]+\.[a-z.-]+)"/gi,
    ))
      deeds.add(deed);
  expect(deeds.size).toBeGreaterThan(20);
  expect([...deeds].filter((deed) => !isMessageKey(`audit.${deed}`))).toEqual([]);
});

test("Portuguese is no copy of English", () => {
  const same = (Object.keys(english) as MessageKey[]).filter(
    (key) => LANGUAGES["pt-BR"].messages[key] === english[key],
  );
  // Names and words that both languages share.
  expect(same.length).toBeLessThan(40);
});

test.each([
  ["Hello {name}!", { name: "Ana" }, "Hello Ana!"],
  ["{a}{b}", { a: 1, b: 2 }, "12"],
  ["{gone}", {}, "{gone}"],
  ["no gaps", {}, "no gaps"],
  ["{n, plural, =0 {none} one {one of {of}} other {# of {of}}}", { n: 0, of: 9 }, "none"],
  ["{n, plural, =0 {none} one {one of {of}} other {# of {of}}}", { n: 1, of: 9 }, "one of 9"],
  ["{n, plural, =0 {none} one {one of {of}} other {# of {of}}}", { n: 1234, of: 9 }, "1,234 of 9"],
  ["# {n, plural, other {#}}", { n: 3 }, "# 3"],
  ["{name}", { name: "{other}" }, "{other}"],
])("%p with %p says %p", (message, values, said) => {
  expect(fillMessage(message, values, "en")).toBe(said);
});

test("a message with a brace that is never closed is a mistake of ours", () => {
  expect(() => gapsOf("{oops")).toThrow("never closed");
});

test("gaps may hold anything", () => {
  expect(
    fillPieces("a {x} b {n, plural, one {#} other {# {x}}}", "en", { n: 2 }, (name) => ({ name })),
  ).toEqual(["a ", { name: "x" }, " b ", "2", " ", { name: "x" }]);
});

test.each([
  [undefined, "en"],
  ["", "en"],
  ["pt-BR", "pt-BR"],
  ["pt", "pt-BR"],
  ["pt-PT,pt;q=0.8", "pt-BR"],
  ["de-DE,de;q=0.9", "en"],
  ["en;q=0.3, pt;q=0.7", "pt-BR"],
  ["pt;q=0, en", "en"],
  ["*", "en"],
  [";;;,,q=", "en"],
  ["EN-us", "en"],
])("Accept-Language %p is answered in %p", (header, language) => {
  expect(acceptedLanguage(header)).toBe(language as "en");
});

describe("numbers and times", () => {
  const show = createShow("en", "UTC");
  const portuguese = createShow("pt-BR", "UTC");
  const noon = Date.UTC(2026, 10, 21, 12);

  test.each([
    [show.number(1234567), "1,234,567"],
    [show.number(undefined), "–"],
    [show.compact(999), "999"],
    [show.compact(12_345), "12.3K"],
    [show.percent(0.954), "95.4%"],
    [show.money(0), "$0.00"],
    [show.money(2.614), "$2.61"],
    [show.money(0.0123), "$0.012"],
    [show.money(0.001234), "$0.00123"],
    [show.money(undefined), "–"],
    [show.bytes(0), "0 bytes"],
    [show.bytes(1536), "1.5 kB"],
    [show.bytes(40 * 1024 * 1024), "40 MB"],
    [show.duration(340), "340ms"],
    [show.duration(2400), "2.4s"],
    [show.duration(192_000), "3m 12s"],
    [show.duration(5 * 3_600_000 + 120_000), "5h 2m"],
    [show.duration(76 * 3_600_000), "3d 4h"],
    [show.duration(900_000), "15m"],
    [show.duration(48 * 3_600_000), "2d"],
    [show.remaining(900_000), "15m 0s"],
    [show.remaining(23_400), "24s"],
    [show.remaining(-5), "0s"],
    [show.relative(noon - 5 * 60_000, noon), "5 min. ago"],
    [show.relative(noon + 2 * 3_600_000, noon), "in 2 hr."],
    [show.relative(noon, noon), "now"],
    [show.dateTime(noon), "Nov 21, 2026, 12:00:00 PM"],
    [createShow("en", "America/Sao_Paulo").hour(noon), "9:00 AM"],
    [portuguese.number(1234567), "1.234.567"],
    [portuguese.percent(0.954), "95,4%"],
    [portuguese.relative(noon - 5 * 60_000, noon), "há 5 min."],
  ])("%p is written %p", (written, expected) => {
    expect(written.replace(/[\u00a0\u202f]/g, " ")).toBe(expected);
  });
});
