import { describe, expect, test } from "bun:test";
import { Mask } from "../../src/lib/mask.ts";
import { Room, Tape } from "../../src/recorder/tape.ts";

const MANY = 1_000_000;
const bytes = (length: number, value = 1) => new Uint8Array(length).fill(value);
const tape = (room: Room, most?: number) => new Tape(() => 0, room, most);

describe("a tape", () => {
  test("keeps what goes by, and says how much that was", () => {
    const kept = tape(new Room(MANY));
    kept.add(bytes(3));
    kept.add(bytes(0));
    kept.add(bytes(2, 2));
    expect([...kept.bytes()]).toEqual([1, 1, 1, 2, 2]);
    expect(kept).toMatchObject({
      size: 5,
      whole: true,
      pieces: [
        [0, 3],
        [0, 2],
      ],
    });
  });

  test("keeps the beginning of what is too long, without holes", () => {
    const kept = tape(new Room(MANY), 4);
    kept.add(bytes(3));
    kept.add(bytes(3));
    kept.add(bytes(1));
    expect(kept.bytes().length).toBe(4);
    expect(kept).toMatchObject({ size: 7, whole: false });
  });

  test("without room counts on, and takes nothing behind the gap", () => {
    const room = new Room(120);
    const kept = tape(room);
    kept.add(bytes(50));
    kept.add(bytes(60));
    kept.add(bytes(1));
    expect(kept.bytes().length).toBe(50);
    expect(kept).toMatchObject({ size: 111, whole: false });
  });

  test("begins anew when the same body is sent again", () => {
    const kept = tape(new Room(MANY));
    kept.add(bytes(3));
    kept.rewind();
    kept.add(bytes(2));
    expect(kept).toMatchObject({ size: 2, whole: true });
    expect(kept.bytes().length).toBe(2);
  });

  test("takes no room for what was begun anew", () => {
    const room = new Room(100);
    const kept = tape(room);
    for (let time = 0; time < 10; time++) {
      kept.rewind();
      kept.add(bytes(60));
    }
    expect(kept).toMatchObject({ size: 60, whole: true });
    kept.rewind();
    expect(room.take(100)).toBe(true);
  });

  test("does not hold on to the whole of what it keeps the beginning of", () => {
    const kept = tape(new Room(MANY), 4);
    const large = bytes(100);
    kept.add(large, true);
    large.fill(9);
    expect([...kept.bytes()]).toEqual([1, 1, 1, 1]);
  });

  test("does not keep memory that its giver uses again", () => {
    const kept = tape(new Room(MANY));
    const shared = bytes(2);
    kept.add(shared);
    shared.fill(9);
    expect([...kept.bytes()]).toEqual([1, 1]);
  });
});

test("calls share the room there is, and give it back", () => {
  const all = new Room(100);
  const [one, two] = [new Room(80, all), new Room(80, all)];
  expect([one.take(81), one.take(80), two.take(40), two.take(20)]).toEqual([false, true, false, true]);
  one.free();
  expect([two.take(60), two.take(1), one.take(20)]).toEqual([true, false, true]);
  one.free();
  two.free();
  expect(all.take(100)).toBe(true);
});

test("what is cut keeps its beginning, and leaves the rest of its room to others", () => {
  const all = new Room(5 * MANY);
  const [one, two] = [tape(new Room(9 * MANY, all)), tape(new Room(9 * MANY, all))];
  for (let piece = 0; piece < 2; piece++) {
    one.add(bytes(MANY));
    two.add(bytes(MANY));
  }
  one.add(bytes(2 * MANY));
  two.add(bytes(MANY));
  expect(one).toMatchObject({ whole: false, size: 4 * MANY });
  expect(one.bytes().length).toBe(MANY);
  expect(two).toMatchObject({ whole: true, size: 3 * MANY });
});

describe("what is struck out of a body", () => {
  const secret = "canary-0123456789";
  const lookalike = "sk-proj-abcdefghijklmnop";
  const noise = Buffer.from([0, 255, 254]);
  const form = (type: string, ...content: (string | Uint8Array)[]) =>
    Buffer.concat([
      Buffer.from(
        `--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\nContent-Type: ${type}\r\n\r\n`,
      ),
      ...content.map((piece) => Buffer.from(piece as Uint8Array)),
      Buffer.from("\r\n--b--\r\n"),
    ]);
  const isIn = (type: string, body: Uint8Array, text: string) =>
    new Mask([secret]).bytes(body, type).includes(text);

  test.each<[string, string, Uint8Array, boolean, boolean]>([
    ["text", "application/json", Buffer.from(`{"a":"${secret} ${lookalike}"}`), false, false],
    ["sound", "audio/mpeg", Buffer.concat([noise, Buffer.from(` ${secret} ${lookalike}`)]), false, true],
    ["text that says it is sound", "audio/mpeg", Buffer.from(`${secret} ${lookalike}`), false, false],
    [
      "text cut in a character",
      "application/json",
      Buffer.concat([Buffer.from(`${secret} ${lookalike} `), Buffer.from([0xc3])]),
      false,
      false,
    ],
    [
      "a field of a form",
      "multipart/form-data; boundary=b",
      form("text/plain", Buffer.from(`${secret} ${lookalike}`)),
      false,
      false,
    ],
    [
      "a file of a form",
      "multipart/form-data; boundary=b",
      form("image/png", noise, Buffer.from(` ${secret} ${lookalike}`)),
      false,
      true,
    ],
  ])("%s", (_what, type, body, hasSecret, hasLookalike) => {
    expect([isIn(type, body, secret), isIn(type, body, lookalike)]).toEqual([hasSecret, hasLookalike]);
    expect(new Mask([secret]).bytes(body, type).length).toBe(body.length);
  });

  test("a secret in base64 and in an address goes, too", () => {
    const text = `${Buffer.from(secret).toString("base64")} https://a?x=${encodeURIComponent("pass word/1")}`;
    const masked = new Mask([secret, "pass word/1"]).text(text);
    expect(masked).not.toContain("pass%20word");
    expect(masked).not.toContain(Buffer.from(secret).toString("base64").replace(/=+$/, ""));
  });
});
