import { expect, test } from "bun:test";
import { beginningOf, bodyText, joinedForNow } from "../../src/lib/body-bytes.ts";

const pieces = (...texts: string[]) => texts.map((text) => Buffer.from(text));

test.each([
  [[], ""],
  [["a"], "a"],
  [["{", '"größe":1', "}"], '{"größe":1}'],
  [["x".repeat(1_500_000), "y".repeat(1_500_000)], "x".repeat(1_500_000) + "y".repeat(1_500_000)],
])("pieces follow one another", (texts, whole) => {
  expect(Buffer.from(joinedForNow(pieces(...texts))).toString()).toBe(whole);
  expect(bodyText(pieces(...texts))).toBe(whole);
});

test("text and bytes are read as they are", () => {
  expect([bodyText("größe"), bodyText(Buffer.from("größe"))]).toEqual(["größe", "größe"]);
});

test("the runtime copies what it is to send before the memory is used again", async () => {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => new Response(await request.text()),
  });
  const answers = Array.from({ length: 20 }, (_, index) =>
    fetch(`http://127.0.0.1:${server.port}/`, {
      method: "POST",
      body: joinedForNow(pieces(`${index} `, String(index % 10).repeat(200_000))) as BodyInit,
    }).then((response) => response.text()),
  );
  for (const [index, text] of (await Promise.all(answers)).entries())
    expect(text).toBe(`${index} ${String(index % 10).repeat(200_000)}`);
  await server.stop(true);
});

test.each([
  ["text", "größe"],
  ["bytes", Buffer.from("größe")],
  ["pieces", pieces("gr", "öß", "e")],
])("the beginning of a body that is %s is told with the length of the whole", (_kind, body) => {
  const told = (most: number) => {
    const { bytes, size } = beginningOf(body, most);
    return [bytes.toString("latin1"), size];
  };
  const whole = Buffer.from("größe").toString("latin1");
  expect([told(0), told(3), told(7), told(100)]).toEqual([
    ["", 7],
    [whole.slice(0, 3), 7],
    [whole, 7],
    [whole, 7],
  ]);
});
