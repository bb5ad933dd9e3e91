import { afterEach, beforeEach, expect, test } from "bun:test";
import { SseSplitter } from "../../src/lib/sse.ts";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import { chatStream, messagesStream } from "../kit/upstream.ts";

let gateway: InProcess;
beforeEach(async () => {
  gateway = await startInProcess({
    script: ({ url }) => ({
      type: "stream",
      chunks: url.endsWith("/messages") ? messagesStream("some words") : chatStream("some words"),
      gap: 900,
    }),
  });
  gateway.node("one");
  gateway.node("ant", { type: "anthropic-compatible" });
});
afterEach(() => gateway.stop());

const TURN = { messages: [{ role: "user", content: "hi" }], max_tokens: 9, stream: true };
const eventsOf = (text: string) => {
  const splitter = new SseSplitter();
  return [...splitter.push(Buffer.from(text)), ...splitter.end()];
};
const ask = (path: string, body: object, headers = { "x-omniroute-progress": "true" }) =>
  gateway.call(path, { model: "one/m", ...TURN, ...body }, { headers });

test.each<[string, string, object, (data: string) => boolean]>([
  ["chat", "/v1/chat/completions", {}, (data) => data === "[DONE]"],
  ["chat from another format", "/v1/chat/completions", { model: "ant/m" }, (data) => data === "[DONE]"],
  ["messages", "/v1/messages", {}, (data) => data.includes("message_stop")],
  ["messages passed through", "/v1/messages", { model: "ant/m" }, (data) => data.includes("message_stop")],
  [
    "responses",
    "/v1/responses",
    { messages: undefined, input: "hi" },
    (data) => data.includes("response.completed"),
  ],
  ["legacy", "/v1/completions", { messages: undefined, prompt: "hi" }, (data) => data === "[DONE]"],
  [
    "Gemini",
    "/v1beta/models/one/m:streamGenerateContent?alt=sse",
    {
      model: undefined,
      messages: undefined,
      stream: undefined,
      max_tokens: undefined,
      contents: [{ parts: [{ text: "hi" }] }],
    },
    (data) => data.includes("finishReason"),
  ],
])("%s: events every two seconds and a last one before the end", async (_name, path, body, isEnd) => {
  const { text, headers } = await ask(path, body);
  expect(headers.get("x-omniroute-progress")).toBe("enabled");
  const events = eventsOf(text);
  const progress = events.flatMap(({ event, data }) => (event === "progress" ? [JSON.parse(data)] : []));
  expect(progress.length).toBeGreaterThan(1);
  expect(progress.map(({ done }) => done ?? false)).toEqual([...progress.slice(1).map(() => false), true]);
  expect(progress.at(-1)).toMatchObject({ tokens_generated: 7, elapsed_ms: expect.any(Number) });
  const periodic = progress.filter(({ done }) => !done).map(({ elapsed_ms }) => elapsed_ms);
  for (const [index, elapsed] of periodic.slice(1).entries()) expect(elapsed - periodic[index]).toBe(2000);
  expect(events.at(-2)?.event).toBe("progress");
  expect(isEnd(events.at(-1)!.data)).toBe(true);
});

test("an answer from the cache says that it is done", async () => {
  gateway.engine.manage.settings.change({ cacheStreams: true }, { name: "test" });
  await ask("/v1/chat/completions", { temperature: 0 });
  const kept = await ask("/v1/chat/completions", { temperature: 0 });
  expect(kept.headers.get("x-omniroute-cache")).toBe("HIT");
  const [last, end] = eventsOf(kept.text).slice(-2);
  expect(JSON.parse(last!.data)).toMatchObject({ tokens_generated: 7, done: true });
  expect(end!.data).toBe("[DONE]");
});

test.each([
  ["nobody asked", {}, TURN],
  ["it is whole", { "x-omniroute-progress": "true" }, { ...TURN, stream: false }],
])("none where %s", async (_why, headers, body) => {
  const answer = await ask("/v1/chat/completions", body, headers as never);
  expect(answer.headers.get("x-omniroute-progress")).toBeNull();
  expect(answer.text).not.toContain("event: progress");
});

test("none in a Gemini stream that is an array, nor in Ollama's lines", async () => {
  const contents = {
    model: undefined,
    messages: undefined,
    stream: undefined,
    max_tokens: undefined,
    contents: [{ parts: [{ text: "hi" }] }],
  };
  const array = await ask("/v1beta/models/one/m:streamGenerateContent", contents);
  expect(() => JSON.parse(array.text)).not.toThrow();
  const lines = await ask("/v1/api/chat", {});
  expect(lines.text).not.toContain("progress");
});
