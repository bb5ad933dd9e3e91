import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { countFrames, halveFrames, SseFrames } from "../../src/lib/sse-frames.ts";
import { type SseEvent, SseEventTooLarge, SseSplitter } from "../../src/lib/sse.ts";

const cases: [string, string, SseEvent[]][] = [
  ["LF", "data: a\n\ndata: b\n\n", [event("a"), event("b")]],
  ["CRLF", "event: x\r\ndata: a\r\n\r\ndata: b\r\n\r\n", [event("a", "x"), event("b")]],
  ["lone CR", "data: a\r\rdata: b\r\r", [event("a"), event("b")]],
  ["a byte order mark", "\uFEFFdata: a\n\n", [event("a")]],
  ["comments, ids and retries", ": hello\nid: 1\nretry: 5\ndata: a\n: mid\n\n: end\n\n", [event("a")]],
  ["no space after the colon", "data:a\n\n", [event("a")]],
  ["data over two lines", "data: a\ndata: b\n\n", [event("a\nb")]],
  ["an end without an empty line", "data: a\n\ndata: b", [event("a"), event("b")]],
  ["characters of several bytes", "data: žluť 😀 語\n\n", [event("žluť 😀 語")]],
  ["an event without data", "event: ping\n\ndata: a\n\n", [event("a")]],
];

describe("server-sent events", () => {
  test.each(cases)("%s", (_name, text, expected) => {
    expect(read([Buffer.from(text)])).toEqual(expected);
  });

  test.each(cases)("%s, cut at every byte", (_name, text, expected) => {
    expect(read([...Buffer.from(text)].map((byte) => Buffer.from([byte])))).toEqual(expected);
  });

  test("any way of cutting gives the same events", () => {
    const bytes = Buffer.from(cases.map(([, text]) => text.replace("\uFEFF", "")).join("\n\n"));
    const whole = read([bytes]);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        expect(read(pieces(bytes, cuts))).toEqual(whole);
      }),
    );
  });

  test("an event beyond the limit is refused, many small ones are not", () => {
    const splitter = new SseSplitter(1000);
    for (let i = 0; i < 100; i++) splitter.push(Buffer.from(`data: ${"x".repeat(500)}\n\n`));
    expect(() => {
      for (let i = 0; i < 100; i++) splitter.push(Buffer.from("y".repeat(50)));
    }).toThrow(SseEventTooLarge);
  });
});

describe("frames", () => {
  test("whole frames come out however the bytes are cut, and add up to the input", () => {
    const text = "data: a\n\nevent: b\r\ndata: b\r\n\r\n: c\n\ndata: d\ndata: e\n\nrest";
    const bytes = Buffer.from(text);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        const frames = new SseFrames();
        const runs = pieces(bytes, cuts).map((piece) => frames.push(piece));
        expect(runs.flatMap(apart).map(String)).toEqual([
          "data: a\n\n",
          "event: b\r\ndata: b\r\n\r\n",
          ": c\n\n",
          "data: d\ndata: e\n\n",
        ]);
        expect(runs.map(countFrames).reduce((sum, count) => sum + count)).toBe(4);
        expect(frames.rest().toString()).toBe("rest");
      }),
    );
  });

  test("a blank line too many stays with the frames", () => {
    const frames = new SseFrames();
    const run = frames.push(Buffer.from("data: a\n\n\ndata: b\n\nrest"));
    expect(run.toString()).toBe("data: a\n\n\ndata: b\n\n");
    expect(apart(run).map(String)).toEqual(["data: a\n\n", "\ndata: b\n\n"]);
  });

  test("a frame of megabytes that comes in small pieces is whole in the end", () => {
    const frames = new SseFrames();
    const piece = Buffer.from("data".repeat(50));
    const count = 40_000;
    for (let sent = 0; sent < count; sent++) expect(frames.push(piece).length).toBe(0);
    expect(frames.push(Buffer.from("\n\nrest")).length).toBe(piece.length * count + 2);
    expect(frames.rest().toString()).toBe("rest");
  });

  test("a frame beyond the limit is refused", () => {
    const frames = new SseFrames(100);
    expect(() => frames.push(Buffer.from("z".repeat(101)))).toThrow(SseEventTooLarge);
  });
});

function apart(frames: Uint8Array): Uint8Array[] {
  if (frames.length === 0) return [];
  const halves = halveFrames(frames);
  return halves ? halves.flatMap(apart) : [frames];
}

function event(data: string, name = ""): SseEvent {
  return { event: name, data };
}

function read(chunks: Uint8Array[]): SseEvent[] {
  const splitter = new SseSplitter();
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
}

function pieces(bytes: Buffer, cuts: number[]): Uint8Array[] {
  const marks = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
  return marks.slice(1).map((mark, i) => bytes.subarray(marks[i], mark));
}
