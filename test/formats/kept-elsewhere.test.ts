import { describe, expect, test } from "bun:test";
import { GatewayError } from "../../src/core/errors.ts";
import { FORMAT_IDS } from "../../src/core/reply.ts";
import { FORMATS } from "../../src/formats/index.ts";

const input = [{ type: "message", role: "user", content: "Go on." }];
const encode = (target: (typeof FORMAT_IDS)[number], body: { [field: string]: unknown }) => () =>
  FORMATS[target].encodeRequest(
    FORMATS["openai-responses"].decodeRequest({ model: "m", ...body }),
    { id: "m", maker: "test/m" },
    {},
  );

/** What names something that lies at OpenAI, and the field an error must name. */
const ROWS: [string, { [field: string]: unknown }, string][] = [
  ["an earlier answer", { input, previous_response_id: "resp_1" }, "previous_response_id"],
  ["a stored conversation", { input, conversation: { id: "conv_1" } }, "conversation"],
  ["a stored prompt", { input, prompt: { id: "pmpt_1" } }, "prompt"],
  ["a stored item", { input: [{ type: "item_reference", id: "msg_1" }, ...input] }, "input"],
];

describe("a request whose content lies at its vendor", () => {
  for (const [what, body, field] of ROWS) {
    test.each(["openai-chat", "anthropic", "gemini"] as const)(`${what} is refused towards %s`, (target) => {
      try {
        encode(target, body)();
      } catch (error) {
        expect(error).toBeInstanceOf(GatewayError);
        expect(error).toMatchObject({ code: "unsupported", status: 400, param: field });
        return;
      }
      throw new Error("not refused");
    });
    test(`${what} goes to who keeps it`, () =>
      expect(JSON.stringify(encode("openai-responses", body)().body)).toContain("_1"));
  }

  test("a file's id means nothing to another vendor, which is told", () => {
    const document = { type: "document", source: { type: "file", file_id: "file_011" } };
    const fileData = { mimeType: "application/pdf", fileUri: "gs://bucket/a.pdf" };
    const requests = [
      FORMATS.anthropic.decodeRequest({
        model: "m",
        max_tokens: 10,
        messages: [{ role: "user", content: [document] }],
      }),
      FORMATS.gemini.decodeRequest({ contents: [{ parts: [{ fileData }] }] }, { model: "m" }),
    ];
    for (const request of requests) {
      const target = { id: "m", maker: "test/m" };
      const { body, losses } = FORMATS["openai-chat"].encodeRequest(request, target, {});
      expect(losses.map((loss) => [loss.what, loss.silent ?? false])).toEqual([["document input", false]]);
      expect(JSON.stringify(body)).not.toMatch(/file_011|gs:/);
    }
  });
});
