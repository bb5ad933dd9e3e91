import { expect, test } from "bun:test";
import type { RequestRecord } from "../../src/core/record.ts";
import { asCurl } from "../../web/pages/logs/as-curl.ts";

const base = { stream: true, requestedModel: "it's" } as RequestRecord;

test.each([
  ["anthropic", "/v1/messages", "x-api-key: $OMNIROUTE_KEY", '"max_tokens":1024'],
  ["openai-chat", "/v1/chat/completions", "authorization: Bearer $OMNIROUTE_KEY", '"messages":['],
  ["openai-responses", "/v1/responses", "authorization: Bearer $OMNIROUTE_KEY", '"input":"Hello!"'],
  ["gemini", "/v1beta/models/x:generateContent", "authorization: Bearer $OMNIROUTE_KEY", '"contents":['],
] as const)(
  "a call in the format %s is written as a line that a shell understands",
  (sourceFormat, path, key, body) => {
    const line = asCurl({ ...base, sourceFormat, path }, "http://gateway.test");
    const said = Bun.spawnSync(["sh", "-c", line.replace(/^curl/, "printf '%s\\n'")], {
      env: { OMNIROUTE_KEY: "$OMNIROUTE_KEY" },
    }).stdout.toString();
    expect(said).toContain(`http://gateway.test${path}\n`);
    expect(said).toContain(`${key}\n`);
    expect(said).toContain(body);
    if (sourceFormat !== "gemini") expect(said).toContain('"model":"it\'s"');
  },
);

test.each([
  ["/v1/embeddings", `-d '{"model":"m","input":"Hello!"}'`],
  ["/v1beta/models/m:embedContent", `-d '{"content":{"parts":[{"text":"Hello!"}]}}'`],
  ["/v1/providers/p/rerank", `"documents":`],
  ["/v1/audio/speech", `"voice":"alloy"`],
  ["/v1/images/edits", `-F 'image=@picture.png'`],
  ["/v1/audio/transcriptions", `-F 'file=@talk.mp3'`],
])("a call of %s is asked as that service takes it", (path, words) => {
  const record = { stream: false, requestedModel: "m", sourceFormat: "other", path } as RequestRecord;
  const line = asCurl(record, "http://g");
  expect(line).toContain(words);
  expect(line).not.toContain("messages");
  expect(line.includes("content-type")).toBe(!words.startsWith("-F"));
});

test("what the playground asked is asked at the door that keys open", () => {
  const record = { ...base, sourceFormat: "openai-chat", path: "/api/playground/chat" } as RequestRecord;
  expect(asCurl(record, "http://g")).toStartWith("curl 'http://g/v1/chat/completions' ");
});

test("the same words are sent again where they were recorded, and are not too long for a line", () => {
  const record = { ...base, sourceFormat: "openai-chat", path: "/v1/chat/completions" } as RequestRecord;
  expect(asCurl(record, "http://g", '{"model":"a","said":"it is"}')).toContain(
    `-d '{"model":"a","said":"it is"}'`,
  );
  expect(asCurl(record, "http://g", "x".repeat(10_000)).length).toBeLessThan(500);
});
