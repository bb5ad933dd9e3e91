import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { savePrices } from "../../src/store/index.ts";
import { type InProcess, ranUntil, startInProcess } from "../kit/in-process.ts";
import type { Deed } from "../kit/scripted-outbound.ts";
import { chatStream, messagesStream } from "../kit/upstream.ts";

let gateway: InProcess;
beforeEach(async () => {
  gateway = await startInProcess();
});
afterEach(() => gateway.stop());

/** Cut off behind the first `keep` events. */
const cut = (text: string, then: "break" | "silence" = "break"): Deed => ({
  type: "stream",
  chunks: chatStream(text, { end: false }),
  then,
});
const says = (text: string, usage?: [number, number]): Deed => ({
  type: "stream",
  chunks: chatStream(text, usage ? { usage } : {}),
});

/** A combo of nodes, each with what it does call by call. */
function team(deeds: { [node: string]: Deed[] }, config: object = {}): void {
  const counts = new Map<string, number>();
  for (const node of Object.keys(deeds)) gateway.node(node);
  gateway.outbound.script = ({ url }) => {
    const node = /\/\/(\w+)\./.exec(url)?.[1] ?? "";
    const count = counts.get(node) ?? 0;
    counts.set(node, count + 1);
    const all = deeds[node] ?? [];
    return all[Math.min(count, all.length - 1)] ?? { type: "refuse" };
  };
  const models = Object.keys(deeds).map((node) => `${node}/m`);
  gateway.combo("team", models, { config: { maxRetries: 0, continueStream: true, ...config } });
}

const ask = (more: object = {}, options: object = {}) =>
  gateway.call(
    "/v1/chat/completions",
    {
      model: "team",
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: "user", content: "Tell me" }],
      ...more,
    },
    options,
  );
const chunksOf = (stream: string): any[] =>
  stream
    .split("\n")
    .filter((line) => line.startsWith("data: {"))
    .map((line) => JSON.parse(line.slice(6)));
const textOf = (stream: string): string =>
  chunksOf(stream)
    .map((chunk) => chunk.choices?.[0]?.delta?.content ?? "")
    .join("");
const outcomes = () =>
  gateway
    .lastRequest()
    .attempts.map(({ model, outcome, continues }) => `${model} ${outcome}${continues ? " on" : ""}`);

describe("an answer that breaks off in its text is continued by the next target", () => {
  test("with the partial text as the beginning of its answer; the seam is marked by a comment", async () => {
    team({ one: [cut("The quick brown ")], two: [says("fox jumps.")] });
    const { text, headers } = await ask();
    expect(textOf(text)).toBe("The quick brown fox jumps.");
    expect(text).toContain("\n: x-omniroute-continued-by=two/m\n");
    expect(text.match(/data: \[DONE\]/g)).toHaveLength(1);
    expect(text.match(/"role":"assistant"/g)).toHaveLength(1);
    expect(text.match(/"finish_reason":"stop"/g)).toHaveLength(1);
    expect(text).not.toContain('"error"');
    expect(new Set(chunksOf(text).map((chunk) => chunk.id)).size).toBe(1);
    expect(headers.get("x-omniroute-model")).toBe("one/m");
    expect(gateway.outbound.sent[1]?.body.messages).toEqual([
      { role: "user", content: "Tell me" },
      { role: "assistant", content: "The quick brown" },
    ]);
    expect(outcomes()).toEqual(["one/m malformed", "two/m ok on"]);
  });

  test("is billed apart and together", async () => {
    team({ one: [cut("The quick brown ")], two: [says("fox.", [20, 5])] });
    const price = { input: 1, output: 10 };
    const providerOf = (name: string) =>
      gateway.engine.router.connections.find((connection) => connection.name === name)?.provider ?? "";
    savePrices(gateway.engine.store, [
      { provider: providerOf("one 1"), model: "m", price, updatedAt: 1 },
      { provider: providerOf("two 1"), model: "m", price: { input: 2, output: 20 }, updatedAt: 1 },
    ]);
    const { text } = await ask();
    const record = gateway.lastRequest();
    const [first, second] = record.attempts;
    expect(first?.usage).toMatchObject({ output: 4, estimated: true });
    expect(second?.usage).toMatchObject({ input: 20, output: 5 });
    expect(record.usage).toMatchObject({
      input: (first?.usage?.input ?? 0) + 20,
      output: 9,
      estimated: true,
    });
    expect(first?.cost).toBeCloseTo(((first?.usage?.input ?? 0) * 1 + 4 * 10) / 1e6, 12);
    expect(second?.cost).toBeCloseTo((20 * 2 + 5 * 20) / 1e6, 12);
    expect(record.cost).toBeCloseTo((first?.cost ?? 0) + (second?.cost ?? 0), 12);
    const usage = chunksOf(text).findLast((chunk) => chunk.usage)?.usage;
    expect(usage.completion_tokens).toBe(9);
    expect(text).toContain(": x-omniroute-tokens-out=9");
    const receipt = (await gateway.admin("GET", `/api/receipts/${record.id}`)).body;
    expect(receipt.attempts[0].reason_for_next).toContain("the next target wrote on from there");
    expect(receipt.attempts[1]).toMatchObject({ continues: true, cost: second?.cost });
  });

  test("the comments before the end tell of both parts, also when the second came in one piece", async () => {
    team({
      one: [cut("The quick brown ")],
      two: [{ type: "stream", chunks: [chatStream("fox.", { usage: [20, 5] }).join("")] }],
    });
    const { text } = await ask();
    expect(chunksOf(text).findLast((chunk) => chunk.usage)?.usage.completion_tokens).toBe(9);
    expect(text).toContain(": x-omniroute-tokens-out=9");
  });

  test.each<[string, Deed]>([
    ["a broken connection", cut("Half an ")],
    ["a clean end without a finish", { ...cut("Half an "), then: "end" } as Deed],
    [
      "an error event",
      {
        type: "stream",
        chunks: [
          ...chatStream("Half an ", { end: false }),
          `data: ${JSON.stringify({ error: { message: "Overloaded", code: 503 } })}\n\n`,
        ],
      },
    ],
    [
      "a limit told in the stream",
      {
        type: "stream",
        chunks: [
          ...chatStream("Half an ", { end: false }),
          `data: ${JSON.stringify({ error: { message: "slow down", code: "rate_limit_exceeded" } })}\n\n`,
        ],
      },
    ],
    ["silence", cut("Half an ", "silence")],
  ])("after %s", async (_name, deed) => {
    team({ one: [deed], two: [says("answer.")] }, { idleTimeoutMs: 10_000 });
    const { text } = await ask();
    expect(textOf(text)).toBe("Half an answer.");
    expect(text).toContain("[DONE]");
    expect(gateway.outbound.open).toBe(0);
  });

  test("one that refuses to write on is asked in words", async () => {
    const refused: Deed = {
      type: "answer",
      status: 400,
      body: { error: { message: "Prefilling assistant messages is not supported." } },
    };
    team({ one: [cut("Half an ")], two: [refused, says("answer.")] });
    const { text } = await ask();
    expect(textOf(text)).toBe("Half an answer.");
    const [, , asked] = gateway.outbound.sent;
    expect(asked?.body.messages.map(({ role }: { role: string }) => role)).toEqual([
      "user",
      "assistant",
      "user",
    ]);
    expect(outcomes()).toEqual(["one/m malformed", "two/m ok on"]);
  });

  test("breaks in a row are continued too, up to three", async () => {
    team({
      one: [cut("a ")],
      two: [cut("b ")],
      three: [cut("c ")],
      four: [cut("d ")],
      five: [says("e")],
    });
    const { text } = await ask();
    expect(textOf(text)).toBe("a b c d ");
    expect(text).toContain('"error"');
    expect(text).not.toContain("[DONE]");
    expect(outcomes()).toEqual([
      "one/m malformed",
      "two/m malformed on",
      "three/m malformed on",
      "four/m malformed on",
    ]);
  });

  test("the only target may go on itself", async () => {
    team({ one: [cut("Half an "), says("answer.")] });
    expect(textOf((await ask()).text)).toBe("Half an answer.");
  });

  test("the next target may go on to a call", async () => {
    const call = (delta: object, finish: string | null = null) =>
      `data: ${JSON.stringify({ id: "x", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
    const tool = {
      index: 0,
      id: "call_1",
      type: "function",
      function: { name: "look", arguments: '{"a":1}' },
    };
    team({
      one: [cut("Let me ")],
      two: [
        {
          type: "stream",
          chunks: [
            call({ role: "assistant", content: "look." }),
            call({ tool_calls: [tool] }),
            call({}, "tool_calls"),
            "data: [DONE]\n\n",
          ],
        },
      ],
    });
    const tools = [{ type: "function", function: { name: "look", parameters: { type: "object" } } }];
    const { text } = await ask({ tools });
    expect(textOf(text)).toBe("Let me look.");
    expect(text).toContain('"name":"look"');
    expect(text).toContain('"finish_reason":"tool_calls"');
  });
});

describe("what was said is not said again", () => {
  const said = "Once upon a time there was a fox ";
  test.each([
    ["who begins anew is cut to what is new", `${said}in a wood.`, `${said}in a wood.`],
    ["who goes on with the space that was sent", " in a wood.", `${said}in a wood.`],
    ["who goes on", "in a wood.", `${said}in a wood.`],
    ["who begins with the same letters by chance", "Oncoming cars.", `${said}Oncoming cars.`],
  ])("%s", async (_name, second, expected) => {
    team({ one: [cut(said)], two: [says(second)] });
    expect(textOf((await ask()).text)).toBe(expected);
  });

  test("who tells another story from the start is passed over for the next", async () => {
    team({
      one: [cut(said)],
      two: [says("Once upon a time there was a bear in town.")],
      three: [says("in a wood.")],
    });
    expect(textOf((await ask()).text)).toBe(`${said}in a wood.`);
    expect(outcomes()).toEqual(["one/m malformed", "two/m malformed on", "three/m ok on"]);
  });
});

describe("where nothing may be continued", () => {
  const endsAsError = async () => {
    const { text } = await ask();
    expect(text).toContain('"error"');
    expect(text).not.toContain("[DONE]");
    expect(gateway.outbound.sent).toHaveLength(1);
    return text;
  };
  const chunk = (delta: object) =>
    `data: ${JSON.stringify({ id: "x", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`;

  test("by default", async () => {
    team({ one: [cut("Half an ")], two: [says("never")] }, { continueStream: false });
    expect(textOf(await endsAsError())).toBe("Half an ");
  });

  test("inside the arguments of a call, or after one", async () => {
    const tool = { index: 0, id: "call_1", type: "function", function: { name: "look", arguments: '{"a":' } };
    team({
      one: [
        {
          type: "stream",
          chunks: [chunk({ role: "assistant", content: "Let me " }), chunk({ tool_calls: [tool] })],
          then: "break",
        },
      ],
      two: [says("never")],
    });
    await endsAsError();
  });

  test("inside reasoning, or before any text", async () => {
    team({
      one: [
        {
          type: "stream",
          chunks: [chunk({ role: "assistant", reasoning_content: "Let me think" })],
          then: "break",
        },
      ],
      two: [says("never")],
    });
    await endsAsError();
  });

  test("a whole answer, which is simply asked for again", async () => {
    team({
      one: [cut("Half an ")],
      two: [
        {
          type: "answer",
          body: {
            choices: [{ index: 0, message: { role: "assistant", content: "Whole" }, finish_reason: "stop" }],
          },
        },
      ],
    });
    const { text } = await ask({ stream: false, stream_options: undefined });
    expect(JSON.parse(text).choices[0].message.content).toBe("Whole");
  });

  test("when nobody else can: the break is told as it was, and billed once", async () => {
    team({
      one: [cut("Half an "), { type: "refuse" }],
      two: [{ type: "answer", status: 500, body: { error: { message: "down" } } }],
    });
    const { text } = await ask();
    expect(textOf(text)).toBe("Half an ");
    expect(text).toContain('"error"');
    expect(outcomes()).toEqual(["one/m malformed", "two/m overloaded on", "one/m unreachable on"]);
    expect(gateway.lastRequest().usage).toMatchObject({ output: 2, estimated: true });
  });

  test("after the client has left", async () => {
    team({ one: [cut("Half an ")], two: [{ type: "stall" }] });
    const leaving = new AbortController();
    const pending = ask({}, { signal: leaving.signal }).catch(() => undefined);
    await ranUntil(gateway.clock, 0, () => gateway.outbound.sent.length === 2);
    leaving.abort();
    await pending;
    await ranUntil(gateway.clock, 0, () => gateway.outbound.open === 0);
    expect(gateway.outbound.open).toBe(0);
  });
});

describe("in every client's protocol, from one format to another", () => {
  const clients: [path: string, body: object, ending: RegExp][] = [
    ["/v1/chat/completions", { messages: [{ role: "user", content: "hi" }] }, /data: \[DONE\]\n\n$/],
    ["/v1/messages", { max_tokens: 99, messages: [{ role: "user", content: "hi" }] }, /message_stop/],
    ["/v1/responses", { input: "hi" }, /response\.completed/],
    [
      "/v1beta/models/team:streamGenerateContent?alt=sse",
      { contents: [{ role: "user", parts: [{ text: "hi" }] }] },
      /"finishReason":"STOP"/,
    ],
  ];
  for (const [path, body, ending] of clients) {
    test.each(["one", "two"])(`${path}: %s breaks off`, async (first) => {
      gateway.node("one");
      gateway.node("two", { type: "anthropic-compatible" });
      const order = first === "one" ? ["one/m", "two/m"] : ["two/m", "one/m"];
      gateway.combo("team", order, { config: { maxRetries: 0, continueStream: true } });
      gateway.outbound.script = ({ url }, count) => {
        const text = count === 0 ? "Half an " : "answer.";
        const options = { end: count > 0 };
        const chunks = url.includes("//one.") ? chatStream(text, options) : messagesStream(text, options);
        return { type: "stream", chunks, then: count === 0 ? "break" : "end" };
      };
      const { text } = await gateway.call(path, { model: "team", stream: true, ...body });
      expect(textIn(text)).toBe("Half an answer.");
      expect(text).toMatch(ending);
      expect(gateway.outbound.sent).toHaveLength(2);
    });
  }
});

/** The text of a stream in any of the protocols. */
function textIn(stream: string): string {
  return chunksOf(stream)
    .map((chunk) => {
      if (chunk.choices) return chunk.choices[0]?.delta?.content ?? "";
      if (chunk.type === "content_block_delta") return chunk.delta.text ?? "";
      if (chunk.type === "response.output_text.delta") return chunk.delta;
      return (
        chunk.candidates?.[0]?.content?.parts?.map((part: { text?: string }) => part.text ?? "").join("") ??
        ""
      );
    })
    .join("");
}
