import { describe, expect, test } from "bun:test";
import { GatewayError, TargetFailure } from "../../../src/core/errors.ts";
import { collect } from "../../../src/core/reply.ts";
import type { ChatRequest } from "../../../src/core/request.ts";
import { ToolNames } from "../../../src/core/tool-names.ts";
import { kiro } from "../../../src/formats/kiro/index.ts";

const target = { id: "claude-sonnet-4.5", maker: "kiro/claude-sonnet-4.5" };
const encode = (request: Partial<ChatRequest>, account?: { [name: string]: unknown }) =>
  kiro.encodeRequest(
    { model: "m", stream: true, messages: [], ...request },
    { ...target, ...(account && { account }) },
    {},
  );
const stateOf = (request: Partial<ChatRequest>) => (encode(request).body as any).conversationState;
const user = (text: string) => ({ role: "user" as const, parts: [{ type: "text" as const, text }] });
const assistant = (text: string) => ({ ...user(text), role: "assistant" as const });

describe("requests", () => {
  test("the last turn is the message, the rest the history, and the system speaks in the first", () => {
    const state = stateOf({
      messages: [
        { role: "system", parts: [{ type: "text", text: "Be brief." }] },
        user("Hi"),
        assistant("Hello"),
        user("One"),
        user("Two"),
      ],
    });
    expect(state.history).toEqual([
      { userInputMessage: { content: "Be brief.\n\nHi", modelId: target.id, origin: "AI_EDITOR" } },
      { assistantResponseMessage: { content: "Hello" } },
    ]);
    expect(state.currentMessage.userInputMessage.content).toBe("One\n\nTwo");
    expect(state).toMatchObject({ chatTriggerType: "MANUAL", conversationId: expect.any(String) });
  });

  test("begins and ends with the user whatever came", () => {
    const state = stateOf({ messages: [assistant("Once upon")] });
    expect(state.history.map((entry: object) => Object.keys(entry)[0])).toEqual([
      "userInputMessage",
      "assistantResponseMessage",
    ]);
    expect(state.currentMessage.userInputMessage.content).not.toBe("");
  });

  test("tools, calls and results, with names and schemas that Kiro takes", () => {
    const parameters = {
      $schema: "x",
      type: "object",
      additionalProperties: false,
      properties: {
        count: { type: "integer", minimum: 1, default: 2 },
        where: { $ref: "#/$defs/Place" },
        what: {
          anyOf: [{ type: "null" }, { type: "array", items: { type: ["string", "null"], const: "x" } }],
        },
      },
      required: ["count"],
      $defs: {
        Place: { type: "object", properties: { city: { type: "string" } }, additionalProperties: false },
      },
    };
    const request: Partial<ChatRequest> = {
      tools: [
        { type: "function", name: "mcp-look.up", description: "x".repeat(20_000), parameters },
        { type: "custom", name: "patch" },
      ],
      messages: [
        user("Look"),
        {
          role: "assistant",
          parts: [
            { type: "tool-call", id: "c1", name: "mcp-look.up", input: '{"count":1}' },
            { type: "tool-call", id: "c2", name: "patch", input: "*** a", freeText: true },
          ],
        },
        {
          role: "user",
          parts: [
            { type: "tool-result", id: "c1", output: [{ type: "text", text: "42" }] },
            { type: "tool-result", id: "c2", output: [], failed: true },
          ],
        },
      ],
    };
    const { body, toolNames } = encode(request) as any;
    const { userInputMessageContext: context } = body.conversationState.currentMessage.userInputMessage;
    const [first, second] = context.tools.map((tool: any) => tool.toolSpecification);
    expect(first.name).toMatch(/^[a-zA-Z][a-zA-Z0-9_]{0,63}$/);
    expect(toolNames.fromWire(first.name).name).toBe("mcp-look.up");
    expect(first.description).toHaveLength(10_240);
    expect(first.inputSchema.json).toEqual({
      type: "object",
      properties: {
        count: { type: "number" },
        where: { type: "object", properties: { city: { type: "string" } } },
        what: { type: "array", items: { type: "string" } },
      },
      required: ["count"],
    });
    expect(second).toMatchObject({ name: "patch", description: "patch" });
    expect(body.conversationState.history[1].assistantResponseMessage).toEqual({
      content: "(calls)",
      toolUses: [
        { toolUseId: "c1", name: first.name, input: { count: 1 } },
        { toolUseId: "c2", name: "patch", input: { input: "*** a" } },
      ],
    });
    expect(context.toolResults).toEqual([
      { toolUseId: "c1", status: "success", content: [{ text: "42" }] },
      { toolUseId: "c2", status: "error", content: [{ text: "(no output)" }] },
    ]);
  });

  test("tools of the history are declared also when they are on offer no more", () => {
    const call = { type: "tool-call" as const, id: "c1", name: "look", input: "" };
    const messages = [user("Look"), { role: "assistant" as const, parts: [call] }, user("And?")];
    for (const request of [{}, { toolChoice: { type: "none" as const } }]) {
      const { tools } = stateOf({ messages, ...request }).currentMessage.userInputMessage
        .userInputMessageContext;
      expect(tools.map((tool: any) => tool.toolSpecification.name)).toEqual(["look"]);
    }
  });

  test("limits, the account's profile and pictures go along", () => {
    const messages = [
      {
        role: "user" as const,
        parts: [
          { type: "media" as const, kind: "image" as const, mediaType: "image/png", data: "QUJD" },
          {
            type: "media" as const,
            kind: "image" as const,
            mediaType: "image/png",
            url: "https://x.example/a",
          },
        ],
      },
    ];
    const { body, losses } = encode(
      { messages, maxOutputTokens: 90_000, temperature: 0.5, topP: 0.9 },
      { profileArn: "arn:aws:codewhisperer:x" },
    ) as any;
    expect(body.profileArn).toBe("arn:aws:codewhisperer:x");
    expect(body.inferenceConfig).toEqual({ maxTokens: 32_000, temperature: 0.5, topP: 0.9 });
    expect(body.conversationState.currentMessage.userInputMessage.images).toEqual([
      { format: "png", source: { bytes: "QUJD" } },
    ]);
    expect(losses.map((loss: { what: string }) => loss.what)).toEqual(["image input"]);
  });

  test("a tool that must be called is refused, what is left out is told", () => {
    expect(() => encode({ messages: [user("Hi")], toolChoice: { type: "required" } })).toThrow(GatewayError);
    const { losses } = encode({ messages: [user("Hi")], stop: ["x"], output: { type: "json" }, seed: 1 });
    expect(losses.map(({ what, silent = false }) => [what, silent])).toEqual([
      ["stop", false],
      ["response_format", false],
      ["seed", true],
    ]);
  });
});

describe("answers", () => {
  const read = (...events: [string, unknown][]) => {
    const toolNames = new ToolNames([{ type: "custom", name: "patch" }]);
    const decoder = kiro.streamDecoder({ quirks: {}, toolNames, maker: target.maker });
    const told = events.flatMap(([event, payload]) =>
      decoder.push({ event, data: typeof payload === "string" ? payload : JSON.stringify(payload) }),
    );
    return collect([...told, ...decoder.end()]);
  };

  test("text, thoughts, calls in pieces, and tokens as told", () => {
    const reply = read(
      ["reasoningContentEvent", { text: "Hm." }],
      ["assistantResponseEvent", { content: "I will " }],
      ["assistantResponseEvent", { content: "look." }],
      ["toolUseEvent", { toolUseId: "c1", name: "look" }],
      ["toolUseEvent", { toolUseId: "c1", name: "look", input: '{"city":' }],
      ["toolUseEvent", { toolUseId: "c1", name: "look", input: '"Paris"}' }],
      ["toolUseEvent", { toolUseId: "c1", name: "look", stop: true }],
      ["toolUseEvent", { toolUseId: "c2", name: "now", stop: true }],
      ["toolUseEvent", { toolUseId: "c3", name: "patch", input: '{"input":"*** a"}' }],
      ["toolUseEvent", { toolUseId: "c3", name: "patch", stop: true }],
      ["meteringEvent", { unit: "credit", usage: 0.2 }],
      ["metricsEvent", { inputTokens: 12, outputTokens: 7 }],
    );
    expect(reply.parts).toEqual([
      { type: "reasoning", text: "Hm." },
      { type: "text", text: "I will look." },
      { type: "tool-call", id: "c1", name: "look", input: '{"city":"Paris"}' },
      { type: "tool-call", id: "c2", name: "now", input: "{}" },
      { type: "tool-call", id: "c3", name: "patch", input: "*** a", freeText: true },
    ]);
    expect(reply).toMatchObject({ finish: "tool-calls", usage: { input: 12, output: 7 } });
  });

  test("tokens are worked out from the share of the window where they are not told", () => {
    const reply = read(
      ["assistantResponseEvent", { content: "Hello there" }],
      ["contextUsageEvent", { contextUsagePercentage: 1.5 }],
    );
    expect(reply.finish).toBe("stop");
    expect(reply.usage?.estimated).toBe(true);
    expect((reply.usage?.input ?? 0) + (reply.usage?.output ?? 0)).toBe(3000);
  });

  test("an answer cut by the limit says so", () => {
    const reply = read(
      ["assistantResponseEvent", { content: "Hello" }],
      ["messageStopEvent", { stopReason: "MAX_TOKENS" }],
    );
    expect(reply.finish).toBe("length");
  });

  test.each([
    ["ThrottlingException", { message: "Too many requests." }, "rate-limited"],
    ["ServiceQuotaExceededException", { message: "Month is over." }, "quota-exhausted"],
    ["AccessDeniedException", { message: "The bearer token is invalid." }, "credentials"],
    [
      "ValidationException",
      { message: "Input is too long.", reason: "CONTENT_LENGTH_EXCEEDS_THRESHOLD" },
      "context-length",
    ],
    ["ValidationException", { message: "Improperly formed request." }, "rejected"],
    ["InternalServerException", { message: "Oops." }, "overloaded"],
  ])("%s %p is %s", (name, body, kind) => {
    const run = () => read(["exception", `${name}\n${JSON.stringify(body)}`]);
    expect(run).toThrow(expect.objectContaining({ kind, message: body.message }));
  });

  test.each([
    ["nothing", []],
    ["half a call", [["toolUseEvent", { toolUseId: "c1", name: "look", input: '{"ci' }]]],
  ] as [string, [string, unknown][]][])("%s is a broken answer", (_name, events) => {
    expect(() => read(...events)).toThrow(TargetFailure);
  });
});
