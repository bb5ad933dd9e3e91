import { describe, expect, test } from "bun:test";
import { GatewayError } from "../../../src/core/errors.ts";
import type { TargetModel } from "../../../src/core/format.ts";
import type { Quirks } from "../../../src/core/quirks.ts";
import type { Part } from "../../../src/core/reply.ts";
import type { ChatRequest, Message, Tool } from "../../../src/core/request.ts";
import { openaiChat } from "../../../src/formats/openai-chat/index.ts";

type Wire = { [field: string]: unknown };

const TARGET: TargetModel = { id: "upstream-model", maker: "openrouter/upstream-model" };
const text = (words: string): Part => ({ type: "text", text: words });
const user = (...parts: (Part | string)[]): Message => ({
  role: "user",
  parts: parts.map((part) => (typeof part === "string" ? text(part) : part)),
});
const assistant = (...parts: (Part | string)[]): Message => ({ ...user(...parts), role: "assistant" });
const system = (...parts: string[]): Message => ({ role: "system", parts: parts.map(text) });
const call = (id: string, name = "f", input = "{}"): Part => ({ type: "tool-call", id, name, input });
const result = (id: string, ...output: (Part | string)[]): Part => ({
  type: "tool-result",
  id,
  output: user(...output).parts,
});
const picture: Part = { type: "media", kind: "image", mediaType: "image/png", data: "iVBO" };
const tool = (name: string): Tool => ({ type: "function", name, parameters: { type: "object" } });

function encode(request: Partial<ChatRequest>, quirks: Quirks = {}, target: Partial<TargetModel> = {}) {
  const whole = { model: "asked", stream: false, messages: [user("hi")], ...request };
  return openaiChat.encodeRequest(whole, { ...TARGET, ...target }, quirks);
}
const body = (request: Partial<ChatRequest>, quirks?: Quirks, target?: Partial<TargetModel>): Wire =>
  encode(request, quirks, target).body;
const messagesOf = (messages: Message[], quirks?: Quirks): Wire[] =>
  body({ messages }, quirks)["messages"] as Wire[];
const brief = (messages: Wire[]): unknown[] =>
  messages.map(({ role, content, tool_calls, tool_call_id }) => [
    role,
    tool_call_id ?? (Array.isArray(tool_calls) ? tool_calls.map((entry: Wire) => entry["id"]) : content),
  ]);

const listIn = (message: Wire | undefined, field: string): unknown[] => (message?.[field] ?? []) as unknown[];

describe("a conversation for a chat provider", () => {
  test("has one system text without Claude Code's accounting line", () => {
    const [first] = messagesOf([
      system("x-anthropic-billing-header: cc_version=2; cch=1;", "You are an agent.", "Be brief."),
      user("hi"),
    ]);
    expect(first).toEqual({ role: "system", content: "You are an agent.\n\nBe brief." });
  });

  test("keeps system messages in the middle, and OpenAI's word only where it is known", () => {
    const messages = [user("one"), { ...system("rule"), developer: true }, user("two")];
    expect(brief(messagesOf(messages))).toEqual([
      ["user", "one"],
      ["system", "rule"],
      ["user", "two"],
    ]);
    expect(brief(messagesOf(messages, { developerRole: true }))[1]).toEqual(["developer", "rule"]);
  });

  test("puts system texts before the user's words where system messages are refused", () => {
    const messages = [
      system("rule"),
      user("hi"),
      assistant("yes"),
      system("new rule"),
      user("more", picture),
    ];
    const written = messagesOf(messages, { systemAsUser: true });
    expect(written.map((message) => message["role"])).toEqual(["user", "assistant", "user"]);
    expect(written[0]?.["content"]).toBe("rule\n\nhi");
    expect(listIn(written[2], "content")[0]).toEqual({ type: "text", text: "new rule" });
  });

  test("answers every call directly, in the order of the calls", () => {
    const messages = [
      user("go"),
      assistant("Two.", call("a"), call("b")),
      user(result("b", "B"), result("a", "A"), "and now?"),
    ];
    expect(brief(messagesOf(messages))).toEqual([
      ["user", "go"],
      ["assistant", ["a", "b"]],
      ["tool", "a"],
      ["tool", "b"],
      ["user", "and now?"],
    ]);
  });

  test("answers calls that nobody answered, and tells results of no call as text", () => {
    const messages = [
      user("go"),
      assistant(call("a")),
      user("stop that"),
      user(result("ghost", "boo")),
      assistant(call("late")),
    ];
    const written = messagesOf(messages);
    expect(brief(written)).toEqual([
      ["user", "go"],
      ["assistant", ["a"]],
      ["tool", "a"],
      ["user", "stop that"],
      [
        "user",
        [
          { type: "text", text: "Result of an earlier tool call:" },
          { type: "text", text: "boo" },
        ],
      ],
      ["assistant", ["late"]],
      ["tool", "late"],
    ]);
    expect(written[2]?.["content"]).toContain("interrupted");
  });

  test("moves results to their calls, and tells ids apart that are used again", () => {
    const messages = [
      user(result("a", "first")),
      assistant(call("a")),
      user("wait"),
      assistant(call("x")),
      user(result("x", "1")),
      assistant(call("x")),
      user(result("x", "2")),
    ];
    const written = messagesOf(messages);
    expect(brief(written)).toEqual([
      ["assistant", ["a"]],
      ["tool", "a"],
      ["user", "wait"],
      ["assistant", ["x"]],
      ["tool", "x"],
      ["assistant", ["x_2"]],
      ["tool", "x_2"],
    ]);
    expect(
      written.filter((message) => message["role"] === "tool").map((message) => message["content"]),
    ).toEqual(["first", "1", "2"]);
  });

  test("fits ids to what the provider takes, the same each time", () => {
    const long = "resp_yqqp3b5eoaaatwfitarja6yi42umok5glfymrqxbh4wwznmisz2q:call_0";
    const messages = [user("go"), assistant(call(long)), user(result(long, "A"))];
    const [, , answer] = messagesOf(messages);
    expect(answer?.["tool_call_id"]).toMatch(/^call_[0-9a-f]{24}$/);
    expect(messagesOf(messages)).toEqual(messagesOf(messages));
    const mistral = messagesOf(messages, { toolCallIdPattern: /^[a-zA-Z0-9]{9}$/ });
    expect(mistral[2]?.["tool_call_id"]).toMatch(/^[a-zA-Z0-9]{9}$/);
  });

  test("shows pictures of tools in a user message behind all results, never as text", () => {
    const messages = [
      user("look"),
      assistant(call("a"), call("b")),
      user(result("a", "shot", picture), result("b"), "well?"),
    ];
    const written = messagesOf(messages);
    expect(brief(written).map((entry) => (entry as unknown[])[0])).toEqual([
      "user",
      "assistant",
      "tool",
      "tool",
      "user",
      "user",
    ]);
    expect(written[2]?.["content"]).toBe("shot");
    expect(written[3]?.["content"]).toBe("(no output)");
    expect(written[4]?.["content"]).toEqual([
      { type: "text", text: "Output of tool call a:" },
      { type: "image_url", image_url: { url: "data:image/png;base64,iVBO" } },
    ]);
  });

  test("says in words that a call failed", () => {
    const failed = { ...result("a", "no such file"), failed: true } as Part;
    expect(messagesOf([assistant(call("a")), user(failed)])[1]?.["content"]).toBe("Error: no such file");
  });

  test("gives Mistral a word of the assistant between results and user", () => {
    const messages = [user("go"), assistant(call("a")), user(result("a", "A"), "and?")];
    const roles = messagesOf(messages, { assistantAfterTool: true }).map((message) => message["role"]);
    expect(roles).toEqual(["user", "assistant", "tool", "assistant", "user"]);
  });

  test.each([
    { why: "none", input: "", want: "{}" },
    { why: "broken ones", input: '{"a":', want: '{"arguments":"{\\"a\\":"}' },
    { why: "large numbers", input: '{"id":12345678901234567890}', want: '{"id":12345678901234567890}' },
  ])("has whole arguments in calls that came with $why", ({ input, want }) => {
    const written = messagesOf([assistant(call("a", "f", input)), user(result("a", "A"))]);
    expect(listIn(written[0], "tool_calls")[0]).toMatchObject({ function: { arguments: want } });
  });

  test("has no messages without content", () => {
    expect(brief(messagesOf([system(""), user(""), user("hi"), assistant("")]))).toEqual([["user", "hi"]]);
  });

  test("writes text as text where a provider takes nothing else", () => {
    const { body, losses } = encode({ messages: [user("one", "two", picture)] }, { contentAsString: true });
    expect((body["messages"] as Wire[])[0]?.["content"]).toBe("one\n\ntwo\n\n[image left out]");
    expect(losses).toEqual([{ what: "image input", why: "the model takes text only" }]);
  });

  test("keeps cache marks only where they mean something, whoever set them", () => {
    const marked = (vendor: Part["vendor"]): Message => ({
      role: "user",
      parts: [{ type: "text", text: "a", vendor }],
    });
    const mark = { cache_control: { type: "ephemeral" } };
    for (const vendor of [{ "openai-chat": mark }, { anthropic: mark }]) {
      expect(messagesOf([marked(vendor)])[0]?.["content"]).toBe("a");
      expect(messagesOf([marked(vendor)], { cacheMarks: true })[0]?.["content"]).toEqual([
        { type: "text", text: "a", ...mark },
      ]);
    }
  });

  test.each<{ why: string; part: Part; want: unknown }>([
    {
      why: "a document",
      part: { type: "media", kind: "document", mediaType: "application/pdf", data: "JVBE", name: "a.pdf" },
      want: { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBE" } },
    },
    {
      why: "a text document",
      part: {
        type: "media",
        kind: "document",
        mediaType: "text/plain",
        data: "words",
        plain: true,
        name: "a.txt",
      },
      want: { type: "text", text: "a.txt:\nwords" },
    },
    {
      why: "a document at an address",
      part: { type: "media", kind: "document", mediaType: "", url: "https://a.b/c.pdf" },
      want: { type: "text", text: "[document: https://a.b/c.pdf]" },
    },
    {
      why: "sound",
      part: { type: "media", kind: "audio", mediaType: "audio/mpeg", data: "AAAA" },
      want: { type: "input_audio", input_audio: { data: "AAAA", format: "mp3" } },
    },
    {
      why: "a picture at an address",
      part: { type: "media", kind: "image", mediaType: "", url: "https://a.b/c.png", detail: "high" },
      want: { type: "image_url", image_url: { url: "https://a.b/c.png", detail: "high" } },
    },
  ])("writes $why", ({ part, want }) => {
    expect(listIn(messagesOf([user("see", part)])[0], "content")[1]).toEqual(want);
  });
});

describe("reasoning of earlier turns", () => {
  const mine = {
    format: "openai-chat" as const,
    maker: TARGET.maker,
    value: '{"type":"reasoning.text","signature":"c2ln","format":"anthropic-claude-v1","index":0}',
  };
  const foreign = { format: "anthropic" as const, maker: "claude/x", value: "c2ln" };
  const thought = (proof?: Part["proof"]): Part => ({
    type: "reasoning",
    text: "SECRET",
    ...(proof && { proof }),
  });
  const turn = (part: Part, quirks?: Quirks): Wire =>
    messagesOf([user("go"), assistant(part, "Said.", call("a")), user(result("a", "A"))], quirks)[1] ?? {};

  test("is never visible text", () => {
    expect(JSON.stringify(turn(thought(foreign)))).not.toContain("SECRET");
    expect(turn(thought())["content"]).toBe("Said.");
  });

  test("goes back to its maker as it came", () => {
    expect(turn(thought(mine))["reasoning_details"]).toEqual([
      { type: "reasoning.text", signature: "c2ln", format: "anthropic-claude-v1", index: 0, text: "SECRET" },
    ]);
    expect(turn(thought({ ...mine, maker: "openrouter/other-model" }))).not.toHaveProperty(
      "reasoning_details",
    );
    expect(turn(thought({ ...mine, value: "forged" }))).not.toHaveProperty("reasoning_details");
  });

  test("is echoed as text to providers that refuse a tool loop without it", () => {
    expect(turn(thought(foreign), { echoReasoning: true })["reasoning_content"]).toBe("SECRET");
    expect(turn(thought(), { echoReasoning: true, reasoningField: "reasoning" })["reasoning"]).toBe("SECRET");
    expect(turn(text("none"), { echoReasoning: true })["reasoning_content"]).toBe("");
  });

  test("a call's signature goes back to its maker", () => {
    const signed = {
      ...call("a"),
      proof: { ...mine, value: '{"google":{"thought_signature":"Z29v"}}' },
    } as Part;
    expect((turn(signed)["tool_calls"] as Wire[])[0]?.["extra_content"]).toEqual({
      google: { thought_signature: "Z29v" },
    });
  });

  test.each<{
    why: string;
    reasoning: ChatRequest["reasoning"];
    quirks?: Quirks;
    target?: Partial<TargetModel>;
    want: Wire;
  }>([
    { why: "an effort", reasoning: { effort: "medium" }, want: { reasoning_effort: "medium" } },
    { why: "the nearest effort", reasoning: { effort: "max" }, want: { reasoning_effort: "high" } },
    {
      why: "the nearest of the provider's efforts",
      reasoning: { effort: "minimal" },
      quirks: { efforts: ["none", "high"] },
      want: { reasoning_effort: "high" },
    },
    { why: "a budget as an effort", reasoning: { budget: 10_000 }, want: { reasoning_effort: "medium" } },
    { why: "nothing for `none` where it cannot be said", reasoning: { effort: "none" }, want: {} },
    {
      why: "`none` where it can",
      reasoning: { budget: 0 },
      quirks: { efforts: ["none", "low"] },
      want: { reasoning_effort: "none" },
    },
    {
      why: "nothing to a model that does not reason",
      reasoning: { effort: "high" },
      target: { reasoning: false },
      want: {},
    },
    {
      why: "nothing where the provider has no such field",
      reasoning: { effort: "high" },
      quirks: { reasoningControl: "none" },
      want: {},
    },
    {
      why: "OpenRouter's effort",
      reasoning: { effort: "high", visible: false },
      quirks: { reasoningControl: "openrouter" },
      want: { reasoning: { effort: "high", exclude: true } },
    },
    {
      why: "OpenRouter's budget",
      reasoning: { budget: 2000 },
      quirks: { reasoningControl: "openrouter" },
      want: { reasoning: { max_tokens: 2000 } },
    },
    {
      why: "GLM's switch",
      reasoning: { effort: "none" },
      quirks: { reasoningControl: "thinking" },
      want: { thinking: { type: "disabled" } },
    },
  ])("is asked for with $why", ({ reasoning, quirks, target, want }) => {
    const written = body({ reasoning }, quirks, target);
    const found = Object.fromEntries(
      ["reasoning_effort", "reasoning", "thinking"]
        .filter((field) => field in written)
        .map((field) => [field, written[field]]),
    );
    expect(found).toEqual(want);
  });
});

describe("tools for a chat provider", () => {
  const patch: Tool = {
    type: "custom",
    name: "apply_patch",
    description: "Edits",
    grammar: { syntax: "lark", definition: "start: hunk" },
  };
  const search: Tool = { type: "hosted", kind: "web-search", name: "web_search" };

  test("that take free text are functions with one text, in the history too", () => {
    const history: Message[] = [
      user("go"),
      assistant({ ...call("a", "apply_patch", "*** Begin\n"), freeText: true } as Part),
      user(result("a", "ok")),
    ];
    const written = body({ tools: [patch], messages: history });
    const [offered] = written["tools"] as {
      type: string;
      function: { name: string; parameters: { properties: { [name: string]: Wire } } };
    }[];
    expect(offered?.type).toBe("function");
    expect(Object.keys(offered?.function.parameters.properties ?? {})).toEqual(["input"]);
    expect(offered?.function.parameters.properties["input"]?.["description"]).toContain("start: hunk");
    expect((written["messages"] as Wire[])[1]?.["tool_calls"]).toEqual([
      { id: "a", type: "function", function: { name: "apply_patch", arguments: '{"input":"*** Begin\\n"}' } },
    ]);
  });

  test("that take free text stay so at OpenAI", () => {
    const written = body(
      { tools: [patch], toolChoice: { type: "tool", name: "apply_patch" } },
      { developerRole: true },
    );
    expect(written["tools"]).toEqual([
      {
        type: "custom",
        custom: {
          name: "apply_patch",
          description: "Edits",
          format: { type: "grammar", grammar: { syntax: "lark", definition: "start: hunk" } },
        },
      },
    ]);
    expect(written["tool_choice"]).toEqual({ type: "custom", custom: { name: "apply_patch" } });
  });

  test("of a namespace have flat names, each once, that lead back", () => {
    const inner: Tool = { type: "function", name: "js", namespace: "mcp__repl", parameters: {} };
    const { body: written, toolNames } = encode({
      tools: [inner, inner, tool("js")],
      toolChoice: { type: "tool", name: "js", namespace: "mcp__repl" },
    });
    expect((written["tools"] as { function: Wire }[]).map((entry) => entry.function["name"])).toEqual([
      "mcp__repl__js",
      "js",
    ]);
    expect(written["tool_choice"]).toEqual({ type: "function", function: { name: "mcp__repl__js" } });
    expect(toolNames.fromWire("mcp__repl__js")).toEqual({ name: "js", namespace: "mcp__repl" });
  });

  test("of other vendors are left out, and the client is told", () => {
    const { body: written, losses } = encode({ tools: [search, tool("f")] });
    expect(written["tools"]).toHaveLength(1);
    expect(losses).toEqual([{ what: "tool web_search", why: "the provider's chat endpoint cannot run it" }]);
  });

  test.each<{ why: string; request: Partial<ChatRequest> }>([
    {
      why: "by name",
      request: { tools: [search, tool("f")], toolChoice: { type: "tool", name: "web_search" } },
    },
    { why: "at all", request: { tools: [search], toolChoice: { type: "required" } } },
    { why: "though none is declared", request: { toolChoice: { type: "required" } } },
  ])("that had to be left out cannot be insisted on: $why", ({ request }) => {
    expect(() => encode(request)).toThrow(
      expect.objectContaining({ code: "unsupported", param: "tool_choice" }) as GatewayError,
    );
  });

  test("are left out together with the choice when there are none", () => {
    const written = body({ tools: [search], toolChoice: { type: "auto" }, parallelToolCalls: true });
    for (const field of ["tools", "tool_choice", "parallel_tool_calls"])
      expect(written).not.toHaveProperty(field);
  });

  test("that are not allowed now are not offered, except to OpenAI, which knows the difference", () => {
    const request: Partial<ChatRequest> = {
      tools: [tool("a"), tool("b")],
      toolChoice: { type: "allowed", names: ["b"], required: true },
    };
    const written = body(request);
    expect(written["tools"]).toHaveLength(1);
    expect(written["tool_choice"]).toBe("required");
    const native = body(request, { developerRole: true });
    expect(native["tools"]).toHaveLength(2);
    expect(native["tool_choice"]).toEqual({
      type: "allowed_tools",
      allowed_tools: { mode: "required", tools: [{ type: "function", function: { name: "b" } }] },
    });
  });

  test("have names that every provider takes", () => {
    const long = `mcp__${"x".repeat(80)}`;
    const { body: written, toolNames } = encode({ tools: [tool(`${long}1`), tool(`${long}2`), tool("a b")] });
    const names = (written["tools"] as { function: { name: string } }[]).map((entry) => entry.function.name);
    for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(new Set(names).size).toBe(3);
    expect(toolNames.fromWire(names[1] ?? "").name).toBe(`${long}2`);
  });
});

describe("the rest of a chat request", () => {
  const schema = { type: "schema" as const, schema: { type: "object" }, name: "my answer" };

  test.each<{
    why: string;
    request: Partial<ChatRequest>;
    quirks?: Quirks;
    target?: Partial<TargetModel>;
    want: Wire;
  }>([
    { why: "the target's model", request: {}, want: { model: "upstream-model" } },
    { why: "the output limit", request: { maxOutputTokens: 50 }, want: { max_tokens: 50 } },
    {
      why: "the output limit under OpenAI's name",
      request: { maxOutputTokens: 50 },
      quirks: { maxTokensField: "max_completion_tokens" },
      want: { max_completion_tokens: 50 },
    },
    {
      why: "no more than the model can",
      request: { maxOutputTokens: 500 },
      target: { maxOutputTokens: 100 },
      want: { max_tokens: 100 },
    },
    {
      why: "usage with every stream",
      request: { stream: true },
      want: { stream: true, stream_options: { include_usage: true } },
    },
    {
      why: "no stream options where they are not known",
      request: { stream: true },
      quirks: { noStreamOptions: true },
      want: { stream: true, stream_options: undefined },
    },
    {
      why: "a stream where there is nothing else",
      request: {},
      quirks: { streamOnly: true },
      want: { stream: true },
    },
    {
      why: "no stream where there is none",
      request: { stream: true },
      quirks: { wholeOnly: true },
      want: { stream: undefined },
    },
    {
      why: "a JSON Schema",
      request: { output: schema },
      want: {
        response_format: {
          type: "json_schema",
          json_schema: { name: "my_answer", schema: { type: "object" } },
        },
      },
    },
    {
      why: "JSON",
      request: { output: { type: "json" } },
      want: { response_format: { type: "json_object" } },
    },
    {
      why: "four stops at most",
      request: { stop: ["a", "b", "c", "d", "e"] },
      want: { stop: ["a", "b", "c", "d"] },
    },
    { why: "no top_k of other formats", request: { topK: 5 }, want: { top_k: undefined } },
    {
      why: "a wish not to be kept, which only OpenAI needs to hear",
      request: { vendor: { "openai-chat": { store: false } } },
      want: { store: undefined },
    },
    {
      why: "the same towards OpenAI",
      request: { vendor: { "openai-chat": { store: false } } },
      quirks: { developerRole: true },
      want: { store: false },
    },
    {
      why: "a wish to be kept",
      request: { vendor: { "openai-chat": { store: true } } },
      want: { store: true },
    },
    {
      why: "the client's own unknown fields",
      request: { vendor: { "openai-chat": { top_k: 5, x: 1 } } },
      want: { top_k: 5, x: 1 },
    },
    {
      why: "nothing of another format's fields",
      request: { vendor: { anthropic: { container: "c" } } },
      want: { container: undefined },
    },
    {
      why: "OpenAI's fields of other clients only at OpenAI",
      request: { promptCacheKey: "k", verbosity: "low", serviceTier: "auto" },
      want: { prompt_cache_key: undefined, verbosity: undefined, service_tier: undefined },
    },
    {
      why: "OpenAI's fields at OpenAI",
      request: { promptCacheKey: "k", verbosity: "low", serviceTier: "standard_only" },
      quirks: { developerRole: true },
      want: { prompt_cache_key: "k", verbosity: "low", service_tier: undefined },
    },
    {
      why: "fields under the provider's names",
      request: { seed: 5 },
      quirks: { rename: { seed: "random_seed" } },
      want: { random_seed: 5, seed: undefined },
    },
    {
      why: "no field the provider refuses",
      request: { seed: 5, temperature: 1 },
      quirks: { drop: ["seed"] },
      want: { seed: undefined, temperature: 1 },
    },
  ])("has $why", ({ request, quirks, target, want }) => {
    const written = body(request, quirks, target);
    for (const [field, value] of Object.entries(want)) expect(written[field]).toEqual(value);
  });

  test("tells a schema in words where there is no field for it, unless it is strict", () => {
    const written = body(
      { output: schema, messages: [system("Be brief."), user("hi")] },
      { noJsonSchema: true },
    );
    expect(written["response_format"]).toEqual({ type: "json_object" });
    expect((written["messages"] as Wire[])[0]?.["content"]).toBe(
      'Be brief.\n\nAnswer with one JSON object that matches this JSON Schema:\n{"type":"object"}',
    );
    expect(() => encode({ output: { ...schema, strict: true } }, { noJsonSchema: true })).toThrow(
      GatewayError,
    );
  });

  test("tells which wishes of other formats it cannot carry", () => {
    const { losses } = encode({ choices: 2, logprobs: true, topK: 3, stop: ["a", "b", "c", "d", "e"] });
    expect(losses.filter((loss) => !loss.silent).map((loss) => loss.what)).toEqual([
      "n > 1",
      "logprobs",
      "stop sequences beyond the first 4",
    ]);
    expect(encode({ seed: 1, user: "u" }, { drop: ["seed", "user"] }).losses).toEqual([
      { what: "seed", why: "the provider does not take it" },
    ]);
  });

  test("is the same text each time", () => {
    const request: Partial<ChatRequest> = {
      tools: [tool("a")],
      messages: [system("s"), user("a"), assistant("b"), user("c")],
    };
    expect(JSON.stringify(body(request))).toBe(JSON.stringify(body(request)));
  });
});
