import { describe, expect, test } from "bun:test";
import { sealProof } from "../../../src/core/envelope.ts";
import { NO_QUIRKS, type Quirks } from "../../../src/core/quirks.ts";
import { type Part, replay, type Reply } from "../../../src/core/reply.ts";
import { FORMATS } from "../../../src/formats/index.ts";
import { openaiResponses } from "../../../src/formats/openai-responses/index.ts";
import { SseSplitter } from "../../../src/lib/sse.ts";
import { encodeContext } from "../../kit/answers.ts";

const user = (text: string) => ({ type: "message", role: "user", content: [{ type: "input_text", text }] });
const TRIGGER = { type: "compaction_trigger" };
const ask = (...input: object[]) =>
  openaiResponses.decodeRequest({
    model: "m",
    stream: true,
    store: false,
    tools: [{ type: "function", name: "f", parameters: { type: "object", properties: {} } }],
    tool_choice: "auto",
    input: [user("Build a house."), ...input],
  });
const write = (format: keyof typeof FORMATS, request: ReturnType<typeof ask>, quirks: Quirks = NO_QUIRKS) =>
  JSON.parse(
    JSON.stringify(FORMATS[format].encodeRequest(request, { id: "m", maker: "test/m" }, quirks).body),
  );
const answer = (...parts: Part[]): Reply => ({
  id: "a",
  model: "m",
  parts,
  finish: "stop",
  usage: { input: 9, output: 3 },
});
const said = (text: string): Part => ({ type: "text", text });

describe("a client that runs out of room", () => {
  const request = ask(TRIGGER);
  const context = encodeContext({ request });
  const streamed = (reply: Reply) => {
    const encoder = openaiResponses.streamEncoder(context);
    const wire = [...replay(reply)].map((event) => encoder.push(event)).join("");
    return new SseSplitter().push(Buffer.from(wire)).map(({ data }) => JSON.parse(data));
  };

  test.each(["openai-chat", "openai-responses", "anthropic", "gemini"] as const)(
    "asks a model behind %s for a summary, in words and without calls",
    (format) => {
      const body = JSON.stringify(write(format, request));
      expect(body).toContain("Build a house.");
      expect(body).toContain("write a summary of this conversation");
      expect(body).not.toContain("compaction_trigger");
      expect(body).toMatch(/"(?:tool_choice|mode)":(?:"none"|"NONE"|\{"type":"none"\})/);
    },
  );

  test("leaves it to OpenAI, which does it by itself", () => {
    const { input } = write("openai-responses", request, { clean: true });
    expect(input).toEqual([user("Build a house."), TRIGGER]);
  });

  test("gets the summary as one item, streamed and whole", () => {
    const reply = answer({ type: "reasoning", text: "Hm." }, said("Walls stand."), said("Roof next."));
    const events = streamed(reply);
    const done = events.filter(({ type }) => type === "response.output_item.done").map(({ item }) => item);
    expect(done).toEqual([
      { type: "compaction", id: expect.any(String), encrypted_content: expect.any(String) },
    ]);
    expect(events.map(({ sequence_number: at }) => at)).toEqual(events.map((_event, index) => index));
    expect(events.at(-1)).toMatchObject({ type: "response.completed", response: { output: done } });
    expect(openaiResponses.encodeReply(reply, context)["output"]).toEqual(done);
  });

  test("gets the provider's own item as it is", () => {
    const item = { type: "compaction", id: "cmp_1", encrypted_content: "gAAAA" };
    const parts = openaiResponses.decodeReply(
      { id: "resp_1", status: "completed", output: [item] },
      { quirks: NO_QUIRKS, toolNames: undefined as never, maker: "openai/m" },
    ).parts;
    expect(openaiResponses.encodeReply(answer(...parts), context)["output"]).toEqual([item]);
  });

  test("gets none where the model said nothing, which it takes for a failure", () =>
    expect(openaiResponses.encodeReply(answer(), context)["output"]).toEqual([]));

  test("goes on from the summary with any model", () => {
    const [item] = openaiResponses.encodeReply(answer(said("Walls stand.")), context)["output"] as object[];
    const next = ask(item!, user("Go on."));
    for (const format of ["openai-chat", "openai-responses", "anthropic", "gemini"] as const) {
      const body = JSON.stringify(write(format, next));
      expect(body).toContain("Walls stand.");
      expect(body).not.toContain('"compaction"');
    }
  });

  test("is not answered from a summary that only its vendor can read", () => {
    const next = ask({ type: "compaction", encrypted_content: "gAAAA" }, user("Go on."));
    for (const format of ["openai-chat", "anthropic", "gemini"] as const)
      expect(() => write(format, next)).toThrow("not kept at this provider");
    expect(write("openai-responses", next).input[1]).toEqual({
      type: "compaction",
      encrypted_content: "gAAAA",
    });
  });

  test("cannot pass another proof off as a summary", () => {
    const proof = sealProof({ format: "anthropic", maker: "anthropic/claude", value: "c2ln" });
    const next = ask({ type: "compaction", encrypted_content: proof }, user("Go on."));
    expect(() => write("openai-chat", next)).toThrow("not kept at this provider");
  });
});
