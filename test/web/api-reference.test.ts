import { describe, expect, test } from "bun:test";
import { schemaRows, typeOf } from "../../web/parts/schema-rows.ts";
import { callsOf, matching } from "../../web/pages/api/calls.ts";
import { createAdmin } from "../../src/admin/index.ts";
import { publicOperations } from "../../src/gateway/operations.ts";
import { startInProcess } from "../kit/in-process.ts";

describe("a schema in words", () => {
  test.each([
    [{ type: "string" }, "string"],
    [{ type: "array", items: { enum: ["a", "b"] } }, '("a" | "b")[]'],
    [{ anyOf: [{ type: "null" }, { type: "integer" }] }, "null | integer"],
    [{ const: true }, "true"],
    [{}, "any"],
  ])("%j is %s", (schema, words) => expect(typeOf(schema)).toBe(words));

  test("names what stands inside by its whole path", () => {
    const item = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };
    const schema = { properties: { keys: { type: "array", items: item } } };
    expect(schemaRows(schema)).toEqual([
      { name: "keys", type: "object[]", required: false },
      { name: "keys[].name", type: "string", required: true },
    ]);
  });
});

test("calls are found by address, by word and by field", async () => {
  const gateway = await startInProcess();
  const calls = callsOf(createAdmin(gateway.engine, publicOperations()).document());
  const found = (question: string) =>
    matching(calls, question).map(({ method, path }) => `${method} ${path}`);
  expect(found("")).toHaveLength(calls.length);
  expect(found("keys rotate")).toEqual(["POST /api/keys/:id/rotate"]);
  expect(found("dailyLimitUsd")).toContain("POST /api/usage/budget");
  expect(found("chat completions")).toContain("POST /v1/chat/completions");
  expect(found("no such thing at all")).toEqual([]);
  expect(calls[0]!.path).toStartWith("/v1/");
  await gateway.stop();
});
