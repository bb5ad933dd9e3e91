import { describe, expect, test } from "bun:test";
import type { Quirks } from "../../../src/core/quirks.ts";
import type { ChatRequest, Reasoning } from "../../../src/core/request.ts";
import { anthropic } from "../../../src/formats/anthropic/index.ts";
import { modelFacts } from "../../../src/formats/anthropic/models.ts";

const target = (id: string) => ({ id, maker: `test/${id}` });

/** What a wish to think becomes, by model: `thinking` and `output_config.effort` of the body, and what was lost. */
function written(
  model: string,
  reasoning: Reasoning,
  changes: Partial<ChatRequest> = {},
  quirks: Quirks = {},
) {
  const request: ChatRequest = {
    model: "m",
    stream: false,
    messages: [{ role: "user", parts: [{ type: "text", text: "go" }] }],
    reasoning,
    ...changes,
  };
  const { body, losses } = anthropic.encodeRequest(request, target(model), quirks);
  return [
    body["thinking"],
    (body["output_config"] as { effort?: string } | undefined)?.effort,
    losses.length,
  ];
}

const budget = (budget_tokens: number) => ({ type: "enabled", budget_tokens });
const ADAPTIVE = { type: "adaptive" };

describe("a wish to think, by model", () => {
  const rows: [string, Reasoning, unknown, string?][] = [
    ["claude-haiku-4-5-20251001", { effort: "low" }, budget(1024)],
    ["claude-haiku-4-5-20251001", { effort: "medium" }, budget(10_240)],
    ["claude-haiku-4-5-20251001", { effort: "high" }, budget(25_600)],
    ["claude-haiku-4-5-20251001", { budget: 16_000 }, budget(16_000)],
    ["claude-haiku-4-5-20251001", { budget: 200 }, budget(1024)],
    ["claude-haiku-4-5-20251001", { budget: 200_000 }, budget(31_999)],
    ["claude-haiku-4-5-20251001", { adaptive: true }, budget(10_240)],
    ["claude-haiku-4-5-20251001", { effort: "none" }, undefined],
    ["claude-opus-4-6", { effort: "xhigh" }, ADAPTIVE, "high"],
    ["claude-opus-4-6", { effort: "max" }, ADAPTIVE, "max"],
    ["claude-sonnet-4-6", { effort: "max" }, ADAPTIVE, "high"],
    ["claude-opus-4-6", { budget: 5000 }, budget(5000)],
    ["claude-opus-4-7", { budget: 5000 }, ADAPTIVE, "low"],
    ["claude-opus-4-7", { effort: "xhigh" }, ADAPTIVE, "xhigh"],
    ["claude-opus-4-7", { effort: "none" }, undefined],
    ["claude-opus-5", { adaptive: true, visible: true }, { type: "adaptive", display: "summarized" }],
    [
      "claude-opus-5",
      { effort: "minimal", summary: "auto" },
      { type: "adaptive", display: "summarized" },
      "low",
    ],
    ["claude-opus-5", { effort: "none" }, { type: "disabled" }],
    ["claude-opus-5-5", { effort: "none" }, undefined, "low"],
    ["claude-sonnet-5-5", { effort: "none" }, { type: "between_tools" }],
    ["claude-fable-5", { effort: "none" }, undefined, "low"],
    ["claude-3-5-haiku-20241022", { effort: "high" }, undefined],
    ["glm-5", { effort: "medium" }, budget(10_240)],
    ["glm-5", { effort: "none" }, { type: "disabled" }],
  ];
  test.each(rows)("%s, %j", (...[model, reasoning, thinking, effort]) => {
    expect(written(model, reasoning)).toEqual([thinking, effort, 0]);
  });
});

describe("a thinking budget is left out where Claude would refuse it, which is told", () => {
  const tools = [{ type: "function" as const, name: "f" }];
  const history = (proof?: object): ChatRequest["messages"] => [
    { role: "user", parts: [{ type: "text", text: "go" }] },
    {
      role: "assistant",
      parts: [
        ...(proof ? [{ type: "reasoning", text: "hm", proof } as never] : []),
        { type: "tool-call", id: "c", name: "f", input: "{}" },
      ],
    },
    { role: "user", parts: [{ type: "tool-result", id: "c", output: [{ type: "text", text: "r" }] }] },
  ];
  const own = { format: "anthropic", maker: "test/claude-sonnet-4-5", value: "sig" };
  const rows: [string, string, Partial<ChatRequest>, unknown, number][] = [
    ["a forced call", "claude-sonnet-4-5", { tools, toolChoice: { type: "required" } }, undefined, 1],
    ["a forced call elsewhere", "glm-5", { tools, toolChoice: { type: "required" } }, budget(2000), 0],
    ["no room for it", "claude-sonnet-4-5", { maxOutputTokens: 1000 }, undefined, 1],
    ["a tool loop of another model", "claude-sonnet-4-5", { tools, messages: history() }, undefined, 1],
    ["a tool loop of its own", "claude-sonnet-4-5", { tools, messages: history(own) }, budget(2000), 0],
    [
      "a tool loop that began with a thought and went on without",
      "claude-sonnet-4-5",
      { tools, messages: [...history(own), ...history().slice(1)] },
      budget(2000),
      0,
    ],
    [
      "a thoughtless loop behind one that thought",
      "claude-sonnet-4-5",
      { tools, messages: [...history(own), ...history()] },
      undefined,
      1,
    ],
    ["a tool loop with adaptive thinking", "claude-opus-5", { tools, messages: history() }, ADAPTIVE, 0],
  ];
  test.each(rows)("%s", (_name, model, changes, thinking, losses) => {
    const [written_, , lost] = written(model, { budget: 2000 }, changes);
    expect([written_, lost]).toEqual([thinking, losses]);
  });
});

describe("a Messages client's own words", () => {
  const encode = (model: string, fields: object, change?: Reasoning) => {
    const request = anthropic.decodeRequest({
      model: "m",
      max_tokens: 8000,
      messages: [{ role: "user", content: "go" }],
      ...fields,
    });
    const { body } = anthropic.encodeRequest(
      change ? { ...request, reasoning: change } : request,
      target(model),
      {},
    );
    return [body["thinking"], body["output_config"]];
  };
  const omitted = { type: "adaptive", display: "omitted" };
  const rows: [string, string, object, unknown[], Reasoning?][] = [
    [
      "stand where the model knows them",
      "claude-opus-5",
      { thinking: omitted, output_config: { effort: "max" } },
      [omitted, { effort: "max" }],
    ],
    [
      "give way to what the gateway decided",
      "claude-opus-5",
      { thinking: omitted, output_config: { effort: "max", other: 1 } },
      [ADAPTIVE, { other: 1, effort: "low" }],
      { effort: "low" },
    ],
    [
      "stand where nothing is known of the model",
      "glm-5",
      { thinking: omitted, output_config: { effort: "max" } },
      [omitted, { effort: "max" }],
    ],
    [
      "are said otherwise to older models",
      "claude-haiku-4-5",
      { thinking: omitted, output_config: { effort: "low" } },
      [budget(1024), undefined],
    ],
    [
      "are said otherwise to newer models",
      "claude-opus-4-7",
      { thinking: budget(2000) },
      [ADAPTIVE, { effort: "low" }],
    ],
    ["stay below the limit", "claude-sonnet-4-5", { thinking: budget(8000) }, [budget(7999), undefined]],
    [
      "ask for no thinking with an effort alone",
      "claude-haiku-4-5",
      { output_config: { effort: "high" } },
      [undefined, undefined],
    ],
    [
      "keep an effort alone",
      "claude-opus-4-6",
      { output_config: { effort: "xhigh" } },
      [undefined, { effort: "high" }],
    ],
    [
      "may be words of another model's",
      "claude-sonnet-5-5",
      { thinking: { type: "disabled" } },
      [{ type: "between_tools" }, undefined],
    ],
  ];
  test.each(rows)("%s", (...[_name, model, fields, expected, change]) => {
    expect(encode(model, fields, change)).toEqual(expected);
  });
});

test("quirks name the efforts of a provider, or that it takes no wish to think", () => {
  expect(written("claude-opus-5", { effort: "max" }, {}, { efforts: ["low", "high"] })[1]).toBe("high");
  expect(written("glm-5", { effort: "high" }, {}, { reasoningControl: "none" })[0]).toBeUndefined();
});

test("generations are read from all spellings of a model's name", () => {
  const rows: [string, string][] = [
    ["claude-sonnet-4-5-20250929", "budget"],
    ["claude-sonnet-4.5", "budget"],
    ["claude-opus-4-20250514", "budget"],
    ["claude-3-7-sonnet-latest", "budget"],
    ["claude-3-5-haiku-20241022", "none"],
    ["claude-instant-1", "none"],
    ["us.anthropic.claude-opus-4-6-v1:0", "both"],
    ["anthropic/claude-opus-4.7", "adaptive"],
    ["claude-opus-5@20260801", "adaptive"],
    ["claude-mythos-preview", "adaptive"],
    ["claude-opus-10-1", "adaptive"],
  ];
  for (const [id, thinking] of rows) expect([id, modelFacts(target(id)).thinking]).toEqual([id, thinking]);
});
