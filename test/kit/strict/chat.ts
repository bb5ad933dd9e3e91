import { isObject, tryParseJson } from "../../../src/lib/json.ts";
import { type Beat, makeProof, pieces, type Rules, type Wire } from "./rules.ts";

const MESSAGE_FIELDS = ["role", "content", "name", "tool_calls", "tool_call_id"];

/** What every chat provider checks: answers right behind their calls, arguments that are JSON, no unknown fields. */
function refuseMessages({ messages, tools = [] }: Wire, fields: readonly string[]): string | undefined {
  const names = new Set(tools.map((tool: Wire) => tool.function.name));
  const known = new Set([...MESSAGE_FIELDS, ...fields]);
  let waiting: string[] = [];
  for (const [at, message] of messages.entries()) {
    const unknown = Object.keys(message).find((field) => !known.has(field));
    if (unknown !== undefined) return `messages[${at}].${unknown}: Extra inputs are not permitted`;
    if (message.role === "tool") {
      if (waiting.shift() !== message.tool_call_id)
        return `messages[${at}]: Messages with role 'tool' must be a response to a preceding message with 'tool_calls'`;
      continue;
    }
    if (waiting.length > 0)
      return "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.";
    for (const call of message.tool_calls ?? []) {
      if (Object.keys(call).some((field) => !["id", "type", "function"].includes(field)))
        return `messages[${at}].tool_calls: Extra inputs are not permitted`;
      if (!names.has(call.function.name)) return `messages[${at}]: ${call.function.name} is not declared`;
      if (!isObject(tryParseJson(call.function.arguments))) return `messages[${at}]: arguments must be JSON`;
      waiting.push(call.id);
    }
  }
  return waiting.length > 0 ? "tool_calls without their tool messages" : undefined;
}

type Spoken = { content: string | null; tool_calls?: Wire[]; [field: string]: unknown };

function spell(message: Spoken, turn: number, deltas: Wire[]): { whole: object; events: Wire[] } {
  const head = { id: `chatcmpl-${turn}`, created: 1_790_000_000, model: "chat-model" };
  const finish_reason = message.tool_calls ? "tool_calls" : "stop";
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
  const chunk = (delta: Wire, finish: string | null = null) => ({
    ...head,
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  return {
    whole: {
      ...head,
      object: "chat.completion",
      choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason }],
      usage,
    },
    events: [
      chunk({ role: "assistant", content: "" }),
      ...deltas.map((delta) => chunk(delta)),
      ...pieces(message.content ?? "").map((content) => chunk({ content })),
      ...(message.tool_calls ?? []).flatMap((call, index) => [
        chunk({ tool_calls: [{ ...call, index, function: { ...call.function, arguments: "" } }] }),
        ...pieces(call.function.arguments).map((input) =>
          chunk({ tool_calls: [{ index, function: { arguments: input } }] }),
        ),
      ]),
      chunk({}, finish_reason),
      { ...head, object: "chat.completion.chunk", choices: [], usage },
    ],
  };
}

function callsOf({ calls }: Beat, turn: number): { tool_calls?: Wire[] } {
  if (calls.length === 0) return {};
  return {
    tool_calls: calls.map(({ name, input }, index) => ({
      id: `call_${turn}_${index}`,
      type: "function",
      function: { name, arguments: input },
    })),
  };
}

/**
 * DeepSeek in its thinking mode: within the turn that is under way, every message with calls must hold its reasoning.
 * https://api-docs.deepseek.com/guides/thinking_mode
 */
export class DeepSeekRules implements Rules {
  readonly format = "openai-chat";
  readonly lost: string[] = [];
  readonly #thoughts = new Map<string, string>();

  refusal(body: Wire): string | undefined {
    if (body.thinking?.type !== "enabled") return "test: thinking was turned off";
    return refuseMessages(body, ["reasoning_content"]) ?? this.#refuseReasoning(body.messages);
  }

  refuse(message: string): object {
    return { error: { message, type: "invalid_request_error", param: null, code: "invalid_request_error" } };
  }

  answer(beat: Beat, turn: number): { whole: object; events: Wire[] } {
    const thought = beat.withheld ? "" : (beat.thought ?? "");
    const message = { content: beat.text ?? "", reasoning_content: thought, ...callsOf(beat, turn) };
    if (message.tool_calls) this.#thoughts.set(message.tool_calls[0].id, thought);
    return spell(
      message,
      turn,
      pieces(thought).map((reasoning_content) => ({ reasoning_content })),
    );
  }

  #refuseReasoning(messages: Wire[]): string | undefined {
    const begin = messages.findLastIndex((message) => message.role === "user");
    for (const [at, { tool_calls: calls, reasoning_content: told }] of messages.entries()) {
      if (at < begin || !calls) continue;
      if (typeof told !== "string")
        return `messages[${at}]: The \`reasoning_content\` in the thinking mode must be passed back to the API.`;
      const thought = this.#thoughts.get(calls[0].id);
      if (thought !== undefined && told !== thought) this.lost.push(`messages[${at}].reasoning_content`);
    }
    return undefined;
  }
}

/** OpenRouter in front of a model that signs: its list of thoughts must come back as it was. */
export class OpenRouterRules implements Rules {
  readonly format = "openai-chat";
  readonly lost: string[] = [];
  readonly #entries = new Map<string, Wire[]>();
  readonly #signatures = new Set<string>();

  refusal(body: Wire): string | undefined {
    if (
      body.reasoning?.effort === undefined &&
      body.reasoning?.max_tokens === undefined &&
      !body.reasoning?.enabled
    )
      return "test: reasoning was turned off";
    return refuseMessages(body, ["reasoning", "reasoning_details"]) ?? this.#refuseEntries(body.messages);
  }

  refuse(message: string): object {
    return { error: { message, code: 400 } };
  }

  answer(beat: Beat, turn: number): { whole: object; events: Wire[] } {
    const entries = this.#think(beat, turn);
    const message = {
      content: beat.text ?? "",
      ...(entries.length > 0 && {
        reasoning: beat.withheld ? null : beat.thought,
        reasoning_details: entries,
      }),
      ...callsOf(beat, turn),
    };
    if (message.tool_calls) this.#entries.set(message.tool_calls[0].id, entries);
    return spell(message, turn, entries.flatMap(inDeltas));
  }

  #think({ thought, withheld }: Beat, turn: number): Wire[] {
    if (thought === undefined) return [];
    const proof = makeProof("openrouter", turn, thought);
    this.#signatures.add(proof);
    const origin = { format: "anthropic-claude-v1", index: 0 };
    return [
      withheld
        ? { type: "reasoning.encrypted", data: proof, ...origin }
        : { type: "reasoning.text", text: thought, signature: proof, ...origin },
    ];
  }

  #refuseEntries(messages: Wire[]): string | undefined {
    const begin = messages.findLastIndex((message) => message.role === "user");
    for (const [at, { tool_calls: calls, reasoning_details: entries = [] }] of messages.entries()) {
      const foreign = entries.find((entry: Wire) => !this.#signatures.has(entry.signature ?? entry.data));
      if (foreign) return `messages[${at}].reasoning_details: Invalid \`signature\` in \`thinking\` block`;
      const own = calls && this.#entries.get(calls[0].id);
      if (at > begin && own && !Bun.deepEquals(sorted(entries), sorted(own)))
        this.lost.push(`messages[${at}].reasoning_details`);
    }
    return undefined;
  }
}

const sorted = (entries: Wire[]): Wire[] =>
  entries.map((entry) => Object.fromEntries(Object.entries(entry).toSorted(([a], [b]) => (a < b ? -1 : 1))));

/** OpenRouter tells each thought twice: as plain text and as an entry, whose signature comes last. */
function inDeltas(entry: Wire): Wire[] {
  if (entry.type !== "reasoning.text") return [{ reasoning_details: [entry] }];
  const { text, signature, ...rest } = entry;
  return [
    ...pieces(text, 20).map((piece) => ({ reasoning: piece, reasoning_details: [{ ...rest, text: piece }] })),
    { reasoning_details: [{ ...rest, signature }] },
  ];
}
