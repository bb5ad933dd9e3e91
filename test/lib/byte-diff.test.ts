import { describe, expect, test } from "bun:test";
import { commonStart, diffBytes, type Hunk } from "../../src/lib/byte-diff.ts";
import { seededRandom } from "../kit/random.ts";

const told = (before: string, after: string) => {
  const [left, right] = [Buffer.from(before), Buffer.from(after)];
  return diffBytes(left, right).map(({ beforeStart, beforeEnd, afterStart, afterEnd }) => [
    beforeStart,
    left.toString("utf8", beforeStart, beforeEnd),
    right.toString("utf8", afterStart, afterEnd),
  ]);
};

/** The later text, made of the earlier one and what the hunks say. */
function applied(before: Buffer, after: Buffer, hunks: readonly Hunk[]): Buffer {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const { beforeStart, beforeEnd, afterStart, afterEnd } of hunks) {
    pieces.push(before.subarray(at, beforeStart), after.subarray(afterStart, afterEnd));
    at = beforeEnd;
  }
  return Buffer.concat([...pieces, before.subarray(at)]);
}

const FILL = "Nothing of this line is any different. ";

describe("two texts", () => {
  test.each<[string, string, string, unknown[]]>([
    ["that are equal", "same", "same", []],
    ["of which one goes on", "abc", "abcdef", [[3, "", "def"]]],
    ["of which one is empty", "", "x", [[0, "", "x"]]],
    ["with another word", `${FILL}at 10:41 ${FILL}`, `${FILL}at 10:57 ${FILL}`, [[45, "41", "57"]]],
    [
      "with two changes far apart",
      `one ${FILL}two ${FILL}`,
      `uno ${FILL}dos ${FILL}`,
      [
        [0, "one", "uno"],
        [43, "two", "dos"],
      ],
    ],
    ["with a character of several bytes", "price: 5 €", "price: 5 ₤", [[9, "€", "₤"]]],
    ["with a character that shares its end", "ä", "¤", [[0, "ä", "¤"]]],
  ])("%s", (_what, before, after, hunks) => {
    expect(told(before, after)).toEqual(hunks as never);
  });
});

test("the hunks make the later text of the earlier one, and cut no character", () => {
  const random = seededRandom(7);
  const words = ["a", "bc ", "é", "€", "𝄞", "\\n", "\n", '"},{"', '","', ". ", "word ", "0123456789"];
  const pick = () => words[Math.floor(random() * words.length)]!;
  for (let round = 0; round < 300; round++) {
    const before = Array.from({ length: Math.floor(random() * 200) }, pick);
    const after = before.flatMap((word) =>
      random() < 0.9 ? [word] : random() < 0.5 ? [] : [pick(), pick()],
    );
    const [left, right] = [Buffer.from(before.join("")), Buffer.from(after.join(""))];
    const hunks = diffBytes(left, right);
    expect(applied(left, right, hunks).equals(right)).toBe(true);
    for (const { beforeStart, beforeEnd, afterStart, afterEnd } of hunks) {
      expect(left.toString("utf8", beforeStart, beforeEnd)).not.toContain("\ufffd");
      expect(right.toString("utf8", afterStart, afterEnd)).not.toContain("\ufffd");
    }
  }
});

test("elements that changed places are told, not all that stands between them", () => {
  const about = FILL.repeat(50);
  const before = Buffer.from(`[{"name":"one"},{"name":"two","about":"${about}"},{"name":"three"}]`);
  const after = Buffer.from(`[{"name":"two","about":"${about}"},{"name":"one"},{"name":"three"}]`);
  const hunks = diffBytes(before, after);
  expect(applied(before, after, hunks).equals(after)).toBe(true);
  const told = hunks.map(({ beforeStart, beforeEnd, afterStart, afterEnd }) => [
    beforeEnd - beforeStart,
    afterEnd - afterStart,
  ]);
  expect(told).toEqual([
    [15, 0],
    [0, 15],
  ]);
});

test("what has nothing in common is one hunk, however long it is", () => {
  const random = seededRandom(3);
  const noise = () => Buffer.from(Array.from({ length: 30_000 }, () => `${random()}\n`).join(""));
  const [left, right] = [noise(), noise()];
  expect(diffBytes(left, right)).toHaveLength(1);
  expect(applied(left, right, diffBytes(left, right)).equals(right)).toBe(true);
});

test("the common start is exact to the byte", () => {
  for (const length of [0, 1, 4095, 4096, 4097, 10_000]) {
    const [left, right] = [Buffer.alloc(length + 10, "a"), Buffer.alloc(length + 10, "a")];
    right[length] = 98;
    expect(commonStart(left, right)).toBe(length);
  }
});
