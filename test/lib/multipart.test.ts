import { expect, test } from "bun:test";
import { boundaryOf, MultipartError, type MultipartEvent, MultipartReader } from "../../src/lib/multipart.ts";

type Part = { name: string; fileName: string | undefined; mediaType: string | undefined; text: string };

function read(boundary: string, pieces: readonly Uint8Array[]): Part[] {
  const reader = new MultipartReader(boundary);
  const parts: Part[] = [];
  let open: { part: Extract<MultipartEvent, { type: "part" }>; bytes: Uint8Array[] } | undefined;
  for (const piece of pieces) {
    for (const event of reader.push(piece)) {
      if (event.type === "part") open = { part: event, bytes: [] };
      else if (event.type === "data") open?.bytes.push(Buffer.from(event.bytes));
      else if (open) {
        const { name, fileName, mediaType } = open.part;
        parts.push({ name, fileName, mediaType, text: Buffer.concat(open.bytes).toString("latin1") });
      }
    }
  }
  reader.end();
  return parts;
}

const BODY = Buffer.from(
  [
    "--b0",
    'Content-Disposition: form-data; name="model"',
    "",
    "whisper-1",
    "--b0",
    'Content-Disposition: form-data; name="empty"',
    "",
    "",
    "--b0",
    'content-disposition: form-data; name="file"; filename="a \\"quoted\\" %22name%22.mp3"',
    "Content-Type: audio/mpeg",
    "",
    "\r\n--b\r\n--b1\x00\xff\r\n",
    "--b0  ",
    'Content-Disposition: form-data; name="file"; filename="x"; filename*=UTF-8\'\'na%C3%AFve.wav',
    "",
    "z",
    "--b0--",
    "",
  ].join("\r\n"),
  "latin1",
);

const PARTS: Part[] = [
  { name: "model", fileName: undefined, mediaType: undefined, text: "whisper-1" },
  { name: "empty", fileName: undefined, mediaType: undefined, text: "" },
  {
    name: "file",
    fileName: 'a "quoted" "name".mp3',
    mediaType: "audio/mpeg",
    text: "\r\n--b\r\n--b1\x00\xff\r\n",
  },
  { name: "file", fileName: "naïve.wav", mediaType: undefined, text: "z" },
];

test("a form is read the same however its bytes are cut", () => {
  expect(read("b0", [BODY])).toEqual(PARTS);
  expect(
    read(
      "b0",
      [...BODY].map((byte) => Uint8Array.of(byte)),
    ),
  ).toEqual(PARTS);
  for (let cut = 1; cut < BODY.length; cut++)
    expect(read("b0", [BODY.subarray(0, cut), BODY.subarray(cut)])).toEqual(PARTS);
});

test("a form that Bun writes is read", async () => {
  const form = new FormData();
  form.append("model", "a/b");
  form.append("file", new File([new Uint8Array(300_000).fill(45)], "dashes.wav", { type: "audio/wav" }));
  const request = new Request("http://x/", { method: "POST", body: form });
  const parts = read(boundaryOf(request.headers.get("content-type"))!, [await request.bytes()]);
  expect(
    parts.map(({ name, fileName, mediaType, text }) => [name, fileName, mediaType, text.length]),
  ).toEqual([
    ["model", undefined, undefined, 3],
    ["file", "dashes.wav", "audio/wav", 300_000],
  ]);
});

test.each([
  ["cut off in the middle", "--b0\r\nContent-Disposition: form-data; name=x\r\n\r\nvalue"],
  ["without any boundary", "model=whisper-1"],
  ["a part without a name", "--b0\r\nContent-Type: text/plain\r\n\r\nx\r\n--b0--"],
  ["headers without end", `--b0\r\nX: ${"x".repeat(20_000)}`],
  ["too many parts", `${"--b0\r\nContent-Disposition: form-data; name=x\r\n\r\nx\r\n".repeat(300)}--b0--`],
])("refuses a form that is %s", (_what, text) => {
  expect(() => read("b0", [Buffer.from(text)])).toThrow(MultipartError);
});

test.each([
  ["multipart/form-data; boundary=abc", "abc"],
  ['Multipart/Form-Data; charset=utf-8; boundary="a b"', "a b"],
  ["multipart/form-data", undefined],
  ["multipart/mixed; boundary=abc", undefined],
  ["application/json", undefined],
  [null, undefined],
])("%p has the boundary %p", (type, boundary) => {
  expect(boundaryOf(type)).toBe(boundary);
});
