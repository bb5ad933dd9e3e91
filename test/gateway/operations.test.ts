import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { PUBLIC_CALLS } from "../../src/gateway/operations.ts";
import { type InProcess, startInProcess } from "../kit/in-process.ts";

let gateway: InProcess;
beforeAll(async () => void (gateway = await startInProcess()));
afterAll(() => gateway.stop());

const SAMPLES: { readonly [field: string]: unknown } = {
  model: "mock/echo",
  messages: [{ role: "user", content: "hi" }],
  max_tokens: 16,
  contents: [{ role: "user", parts: [{ text: "hi" }] }],
  content: { parts: [{ text: "hi" }] },
  requests: [{ content: { parts: [{ text: "hi" }] } }],
  documents: ["one", "two"],
};
const ROWS = Object.entries(PUBLIC_CALLS).map(([call, facts]) => {
  const [method = "", path = ""] = call.split(" ");
  const address = path
    .replace("{model}", "mock/echo")
    .replace("{provider}", "mock")
    .replace("{id}", "mock/echo");
  return { call, method, path: address.replace(/^\/api\//, "/v1/api/"), facts };
});

describe("what the document says of the public API is so", () => {
  const posts = ROWS.filter(({ method, facts }) => method === "POST" && !facts.isForm);

  test.each(posts)("$call is served", async ({ path, facts }) => {
    const body = sampleOf(Object.keys(facts.required ?? {}));
    const { status, text } = await gateway.call(path, body);
    const isServed = status < 500 && status !== 405 && !text.includes('"not_found"');
    expect(isServed ? "served" : `${status} ${text}`).toBe("served");
  });

  test.each(
    posts.flatMap((row) => Object.keys(row.facts.required ?? {}).map((field) => ({ ...row, field }))),
  )("$call without $field is refused by that name", async ({ path, facts, field }) => {
    const fields = Object.keys(facts.required ?? {}).filter((name) => name !== field);
    const { status, text } = await gateway.call(path, sampleOf(fields));
    expect(status).toBe(400);
    expect(text).toContain(field);
  });
});

const sampleOf = (fields: readonly string[]) =>
  Object.fromEntries(fields.map((field) => [field, SAMPLES[field] ?? "hi"]));
