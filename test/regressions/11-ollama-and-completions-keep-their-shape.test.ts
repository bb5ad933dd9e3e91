import { afterAll, beforeAll, expect, test } from "bun:test";
import type { TestGateway } from "../kit/gateway.ts";
import { type Greeter, startGreeter } from "../kit/greeter.ts";

/** Ollama's whole answer is one object with text; its list holds what is really there; old completions are no chat. */

let greeter: Greeter;
let gateway: TestGateway;
beforeAll(async () => {
  greeter = await startGreeter();
  ({ gateway } = greeter);
  gateway.engine.manage.models.add([{ provider: "chat", id: "m", name: "M" }], { name: "test" });
});
afterAll(() => greeter.stop());

const post = (path: string, body: object) =>
  fetch(gateway.url + path, { method: "POST", body: JSON.stringify(body) });
const MESSAGES = [{ role: "user", content: "hi" }];

test.each(["/api/chat", "/v1/api/chat"])("%s with `stream: false` is one object", async (path) => {
  const response = await post(path, { model: "chat/m", stream: false, messages: MESSAGES });
  expect(response.headers.get("content-type")).toStartWith("application/json");
  const text = await response.text();
  expect(text.trim().split("\n")).toHaveLength(1);
  expect(JSON.parse(text)).toMatchObject({ done: true, message: { role: "assistant", content: "Hello" } });
});

test("without `stream` it is one object a line", async () => {
  const response = await post("/api/chat", { model: "chat/m", messages: MESSAGES });
  expect(response.headers.get("content-type")).toStartWith("application/x-ndjson");
  const lines = (await response.text())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ message }) => message?.content ?? "").join("")).toBe("Hello");
  expect(lines.map(({ done }) => done)).toEqual([...lines.slice(1).map(() => false), true]);
});

test.each(["/api/tags", "/v1/api/tags"])("%s lists what a client can call", async (path) => {
  const listed = (await (await fetch(gateway.url + path)).json()) as { models: { model: string }[] };
  const models = (await (await fetch(`${gateway.url}/v1/models`)).json()) as { data: { id: string }[] };
  expect(listed.models.map(({ model }) => model)).toContain("chat/m");
  const callable = new Set(models.data.map(({ id }) => id));
  for (const { model } of listed.models) expect(callable).toContain(model);
});

test("old completions answer with text, whole and streamed", async () => {
  const whole = (await (await post("/v1/completions", { model: "chat/m", prompt: "hi" })).json()) as any;
  expect(whole).toMatchObject({ object: "text_completion", choices: [{ text: "Hello" }] });
  expect(whole.choices[0].message).toBeUndefined();
  const stream = await (
    await post("/v1/completions", { model: "chat/m", prompt: "hi", stream: true })
  ).text();
  const chunks = stream
    .match(/^data: \{.*$/gm)!
    .map(
      (line) => JSON.parse(line.slice(6)) as { object: string; choices: { text?: string; delta?: object }[] },
    );
  for (const { object, choices } of chunks) {
    expect(object).toBe("text_completion");
    for (const choice of choices) expect(choice.delta).toBeUndefined();
  }
  expect(chunks.flatMap(({ choices }) => choices.map(({ text }) => text ?? "")).join("")).toBe("Hello");
});
