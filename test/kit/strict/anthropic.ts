import { isObject, parseJson } from "../../../src/lib/json.ts";
import { type Beat, makeProof, pieces, type Rules, type Wire } from "./rules.ts";

const FIELDS = new Set(
  (
    "model max_tokens messages system tools tool_choice thinking output_config stream temperature top_p top_k " +
    "stop_sequences metadata service_tier"
  ).split(" "),
);

/**
 * What api.anthropic.com checks in a tool loop under extended thinking.
 * https://platform.claude.com/docs/en/build-with-claude/extended-thinking
 */
export class AnthropicRules implements Rules {
  readonly format = "anthropic";
  readonly lost: string[] = [];
  /** Thinking text by its signature; for withheld thinking by its data. */
  readonly #issued = new Map<string, string>();
  /** The thinking blocks before a turn's first call, by the call's id. */
  readonly #before = new Map<string, Wire[]>();

  refusal(body: Wire): string | undefined {
    const unknown = Object.keys(body).find((field) => !FIELDS.has(field));
    if (unknown !== undefined) return `${unknown}: Extra inputs are not permitted`;
    return refuseSettings(body) ?? refuseTurns(body) ?? this.#refuseProofs(body);
  }

  refuse(message: string): object {
    return { type: "error", error: { type: "invalid_request_error", message } };
  }

  answer(beat: Beat, turn: number): { whole: object; events: Wire[] } {
    const thoughts = this.#think(beat, turn);
    const uses = beat.calls.map(({ name, input }, index) => ({
      type: "tool_use",
      id: `toolu_${turn}_${index}`,
      name,
      input: parseJson(input),
    }));
    if (uses[0]) this.#before.set(uses[0].id, thoughts);
    const blocks = [
      ...thoughts,
      ...(beat.text === undefined ? [] : [{ type: "text", text: beat.text }]),
      ...uses,
    ];
    const head = {
      id: `msg_${turn}`,
      type: "message",
      role: "assistant",
      model: "claude",
      stop_sequence: null,
    };
    const stop_reason = uses.length > 0 ? "tool_use" : "end_turn";
    const usage = { input_tokens: 10, output_tokens: 5 };
    return {
      whole: { ...head, content: blocks, stop_reason, usage },
      events: [
        { type: "message_start", message: { ...head, content: [], stop_reason: null, usage } },
        ...blocks.flatMap(eventsOf),
        { type: "message_delta", delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 5 } },
        { type: "message_stop" },
      ],
    };
  }

  #think({ thought, withheld }: Beat, turn: number): Wire[] {
    if (thought === undefined) return [];
    const proof = makeProof("anthropic", turn, thought);
    this.#issued.set(proof, thought);
    return [
      withheld
        ? { type: "redacted_thinking", data: proof }
        : { type: "thinking", thinking: thought, signature: proof },
    ];
  }

  #refuseProofs({ messages, thinking }: Wire): string | undefined {
    for (const [at, { role, content }] of messages.entries())
      for (const [index, block] of role === "assistant" ? content.entries() : []) {
        const where = `messages.${at}.content.${index}`;
        if (block.type === "thinking" && this.#issued.get(block.signature) !== block.thinking)
          return `${where}: Invalid \`signature\` in \`thinking\` block`;
        if (block.type === "redacted_thinking" && !this.#issued.has(block.data))
          return `${where}: Invalid \`data\` in \`redacted_thinking\` block`;
      }
    const begin = startOfTurn(messages);
    return this.#refuseOpenTurn(messages, begin) ?? refuseOpening(messages, begin, thinking);
  }

  /** The model's turn goes on through all tool results since the user last spoke. */
  #refuseOpenTurn(messages: Wire[], begin: number): string | undefined {
    for (const [at, { role, content }] of messages.entries()) {
      if (at < begin || role !== "assistant") continue;
      const first = content.find((block: Wire) => block.type === "tool_use");
      const wanted = first && this.#before.get(first.id);
      if (wanted && !Bun.deepEquals(content.slice(0, wanted.length), wanted))
        return `messages.${at}.content: \`thinking\` or \`redacted_thinking\` blocks in the latest assistant message cannot be modified`;
    }
    return undefined;
  }
}

/** A budget of thoughts can be given only to a turn that began with one; where the model decides itself, to any. */
function refuseOpening(messages: Wire[], begin: number, thinking: Wire): string | undefined {
  const at = messages.findIndex(({ role }, index) => index > begin && role === "assistant");
  const type = at < 0 ? "thinking" : String(messages[at].content[0]?.type);
  const opensThinking = type.endsWith("thinking");
  if (thinking?.type === "enabled" && !opensThinking)
    return `messages.${at}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${type}\``;
  // The client asks for it on every turn: a gateway that drops it without need has failed as well.
  return thinking === undefined && opensThinking ? "test: thinking was turned off" : undefined;
}

function refuseSettings(body: Wire): string | undefined {
  const { thinking, max_tokens: limit, temperature, tool_choice: choice } = body;
  if (!Number.isInteger(limit)) return "max_tokens: Field required";
  if (!thinking) return undefined;
  if (thinking.type !== "enabled" && thinking.type !== "adaptive") return "test: thinking was turned off";
  if (thinking.type === "enabled" && thinking.budget_tokens >= limit)
    return "`max_tokens` must be greater than `thinking.budget_tokens`.";
  if (temperature !== undefined && temperature !== 1)
    return "`temperature` may only be set to 1 when thinking is enabled.";
  if (choice?.type === "any" || choice?.type === "tool")
    return "Thinking may not be enabled when tool_choice forces tool use.";
  return undefined;
}

function refuseTurns({ messages, tools = [] }: Wire): string | undefined {
  const names = new Set(tools.map((tool: Wire) => tool.name));
  const ids = new Set<string>();
  for (const [at, { role, content }] of messages.entries()) {
    if (role !== (at % 2 === 0 ? "user" : "assistant")) return `messages.${at}: roles must alternate`;
    if (!Array.isArray(content) || content.length === 0) return `messages.${at}.content: Field required`;
    const uses = content.filter((block) => block.type === "tool_use");
    for (const { id, name, input } of uses) {
      if (!/^[a-zA-Z0-9_-]+$/.test(id)) return `messages.${at}: tool_use ids must match ^[a-zA-Z0-9_-]+$`;
      if (ids.has(id)) return `messages.${at}: \`tool_use\` ids must be unique`;
      if (!names.has(name)) return `messages.${at}: tool ${name} is not declared`;
      if (!isObject(input)) return `messages.${at}: tool_use.input: Input should be a valid dictionary`;
      ids.add(id);
    }
    const results = content.filter((block) => block.type === "tool_result");
    const called =
      at === 0 ? [] : messages[at - 1].content.filter((block: Wire) => block.type === "tool_use");
    if (
      !Bun.deepEquals(
        results.map((block) => block.tool_use_id),
        called.map((block: Wire) => block.id),
      )
    )
      return `messages.${at}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after`;
    if (content.slice(0, results.length).some((block) => block.type !== "tool_result"))
      return `messages.${at}: \`tool_result\` blocks must come first`;
    if (content.some((block) => block.type === "text" && block.text.trim() === ""))
      return `messages.${at}: text content blocks must be non-empty`;
  }
  return messages.at(-1)?.role === "user" ? undefined : "the final message must be the user's";
}

/** Where the user last said something: everything behind it is one turn of the model's. */
const startOfTurn = (messages: Wire[]): number =>
  messages.findLastIndex(
    ({ role, content }) => role === "user" && content.some((block: Wire) => block.type !== "tool_result"),
  );

function eventsOf(block: Wire, index: number): Wire[] {
  const start = (content_block: Wire) => ({ type: "content_block_start", index, content_block });
  const delta = (change: Wire) => ({ type: "content_block_delta", index, delta: change });
  const stop = { type: "content_block_stop", index };
  switch (block.type) {
    case "thinking":
      return [
        start({ ...block, thinking: "", signature: "" }),
        ...pieces(block.thinking).map((thinking) => delta({ type: "thinking_delta", thinking })),
        delta({ type: "signature_delta", signature: block.signature }),
        stop,
      ];
    case "text":
      return [
        start({ ...block, text: "" }),
        ...pieces(block.text).map((text) => delta({ type: "text_delta", text })),
        stop,
      ];
    case "tool_use":
      return [
        start({ ...block, input: {} }),
        ...pieces(JSON.stringify(block.input)).map((partial_json) =>
          delta({ type: "input_json_delta", partial_json }),
        ),
        stop,
      ];
    default:
      return [start(block), stop];
  }
}
