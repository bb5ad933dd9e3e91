import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openaiService } from "../kit/service-answers.ts";
import { chatStream, startUpstream, type Upstream } from "../kit/upstream.ts";
import { executable, folder, run, serve, type Serving, setUp } from "./kit.ts";

/** One call of each kind of body, recorded, bundled and played again by the program as people have it. */
const SECRET = "canary-of-the-provider-0123456789";
const SOUND = Uint8Array.from({ length: 3000 }, (_, at) => (at * 13) % 256);
const data = folder();
let server: Serving;
let upstream: Upstream;

beforeAll(async () => {
  await executable();
  upstream = startUpstream((seen) => {
    if (seen.path.endsWith("/audio/speech"))
      return { type: "stream", headers: { "content-type": "audio/mpeg" }, chunks: [SOUND] };
    return seen.path.endsWith("/chat/completions")
      ? { type: "stream", chunks: chatStream("Hello there") }
      : openaiService(seen);
  });
  server = await serve(data.path);
  await setUp(server);
}, 180_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await upstream.stop();
  data[Symbol.dispose]();
});

const manage = async (path: string, body: object): Promise<any> => {
  const token = readFileSync(join(data.path, "cli-token"), "utf8").trim();
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(server.url + path, { method: "POST", headers, body: JSON.stringify(body) })).json();
};

function callsToMake(): [name: string, path: string, body: string | FormData][] {
  const form = new FormData();
  form.append("model", "mine/whisper");
  form.append("file", new File([SOUND], "talk.mp3", { type: "audio/mpeg" }));
  const messages = [{ role: "user", content: "Hi" }];
  return [
    ["json", "/v1/embeddings", JSON.stringify({ model: "mine/e", input: "a" })],
    ["form", "/v1/audio/transcriptions", form],
    ["sound", "/v1/audio/speech", JSON.stringify({ model: "mine/t", input: "Hi", voice: "alloy" })],
    ["events", "/v1/chat/completions", JSON.stringify({ model: "mine/m", messages, stream: true })],
  ];
}

/** Streams end with a comment that tells the time they took. */
const withoutComments = (bytes: Uint8Array): string =>
  Buffer.from(bytes).toString("latin1").replace(/^:.*$/gm, "");

test("a form, sound, events and JSON: the answers of then, byte for byte, where nobody is there any more", async () => {
  const node = { name: "mine", prefix: "mine", type: "openai-compatible", baseUrl: `${upstream.url}/v1` };
  const made = await manage("/api/provider-nodes", node);
  await manage("/api/providers", { provider: made.node.id, name: "mine", apiKey: SECRET });
  const words = ["--data-dir", data.path];
  expect((await run({ args: ["recordings", "--next", "4", ...words] })).code).toBe(0);

  const calls = callsToMake();
  const answers = new Map<string, Uint8Array>();
  for (const [name, path, body] of calls) {
    const response = await fetch(server.url + path, { method: "POST", body });
    answers.set(name, await response.bytes());
    const file = join(data.path, `${name}.json`);
    const id = response.headers.get("x-request-id")!;
    // It is written when the answer has left.
    for (let wait = 0; wait < 100; wait++)
      if ((await run({ args: ["bundle", id, file, ...words] })).code === 0) break;
    const text = readFileSync(file, "utf8");
    expect(text).not.toContain(SECRET);
    expect((await run({ args: ["bundle", id, "-", ...words] })).out).toBe(text);
  }
  const listed = await run({ args: ["recordings", ...words] });
  expect(listed.out.match(/ whole\n/g)).toHaveLength(calls.length);
  expect(await server.stop()).toBe(0);
  await upstream.stop();

  for (const [name, got] of answers) {
    const again = await run({ args: ["replay", join(data.path, `${name}.json`), "--answer"] });
    expect([name, again.code, again.err]).toEqual([name, 0, expect.stringContaining("The same came of it.")]);
    expect([name, withoutComments(again.bytes)]).toEqual([name, withoutComments(got)]);
  }
}, 180_000);
