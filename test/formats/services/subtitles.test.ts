import { describe, expect, test } from "bun:test";
import { lastCue, linesOf, srtOf, vttOf } from "../../../src/formats/services/transcription/subtitles.ts";

const word = (text: string, start: number, end = start + 0.4) => ({ text, start, end });

describe("words become lines", () => {
  test("that end with their sentence", () => {
    const words = ["Good", "morning.", "How", "are", "you?"].map((text, at) => word(text, at / 2));
    expect(linesOf(words)).toEqual([
      { text: "Good morning.", start: 0, end: 0.9 },
      { text: "How are you?", start: 1, end: 2.4 },
    ]);
  });

  test("that are never too long to read, in time or in letters", () => {
    const slow = Array.from({ length: 10 }, (_unused, at) => word("so", at * 2));
    for (const line of linesOf(slow)) expect(line.end - line.start).toBeLessThanOrEqual(8.4);
    const wordy = Array.from({ length: 60 }, (_unused, at) => word("abcdefghi", at / 100));
    for (const line of linesOf(wordy)) expect(line.text.length).toBeLessThanOrEqual(84);
    expect(
      linesOf(wordy)
        .map(({ text }) => text)
        .join(" "),
    ).toBe(Array(60).fill("abcdefghi").join(" "));
  });

  test("and none of none", () => expect(linesOf([])).toEqual([]));
});

describe("subtitles", () => {
  const lines = [
    { text: " Good morning.", start: 0, end: 1.5 },
    { text: "Bye.", start: 3661.0005, end: 3662.25 },
  ];

  test("as SubRip", () =>
    expect(srtOf(lines)).toBe(
      "1\n00:00:00,000 --> 00:00:01,500\nGood morning.\n\n2\n01:01:01,001 --> 01:01:02,250\nBye.\n\n",
    ));

  test("as WebVTT", () =>
    expect(vttOf(lines)).toBe(
      "WEBVTT\n\n00:00.000 --> 00:01.500\nGood morning.\n\n01:01:01.001 --> 01:01:02.250\nBye.\n\n",
    ));

  test("say how long the audio is", () => {
    expect(lastCue(srtOf(lines))).toBe(3662.25);
    expect(lastCue(vttOf(lines.slice(0, 1)))).toBe(1.5);
    expect(lastCue("no times here")).toBeUndefined();
  });
});
