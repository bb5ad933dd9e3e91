import { isObject, tryParseJson } from "../../../src/lib/json.ts";
import { type Beat, makeProof, pieces, type Rules, type Wire } from "./rules.ts";

const FIELDS = new Set(
  (
    "model input instructions tools tool_choice parallel_tool_calls reasoning text store include stream " +
    "max_output_tokens temperature top_p prompt_cache_key user metadata service_tier"
  ).split(" "),
);

/** What OpenAI's Responses endpoint checks when it keeps nothing (`store: false`). */
export class ResponsesRules implements Rules {
  readonly format = "openai-responses";
  readonly lost: string[] = [];
  /** The summary and account of each sealed thought. */
  readonly #issued = new Map<string, { summary: string; account: string }>();
  /** The sealed thought before a turn's first call, by the call's id. */
  readonly #before = new Map<string, string>();

  refusal(body: Wire, account: string): string | undefined {
    const unknown = Object.keys(body).find((field) => !FIELDS.has(field));
    if (unknown !== undefined) return `Unknown parameter: '${unknown}'.`;
    if (body.store !== false) return "test: answers must not be stored";
    if (!body.include?.includes("reasoning.encrypted_content"))
      return "test: sealed reasoning was not asked for";
    if (!["low", "medium", "high"].includes(body.reasoning?.effort)) return "test: reasoning was turned off";
    if (!Array.isArray(body.input)) return undefined;
    return refuseItems(body.input, body.tools ?? []) ?? this.#refuseProofs(body.input, account);
  }

  refuse(message: string): object {
    return { error: { message, type: "invalid_request_error", param: null, code: null } };
  }

  answer(beat: Beat, turn: number, account: string): { whole: object; events: Wire[] } {
    const output = this.#items(beat, turn, account);
    const head = {
      id: `resp_${turn}`,
      object: "response",
      created_at: 1_790_000_000,
      model: "gpt-5",
      error: null,
    };
    const usage = { input_tokens: 10, output_tokens: 5, total_tokens: 15 };
    const done = { ...head, status: "completed", incomplete_details: null, output, usage };
    const open = { ...head, status: "in_progress", output: [] };
    const events: Wire[] = [
      { type: "response.created", response: open },
      ...output.flatMap(eventsOf),
      { type: "response.completed", response: done },
    ];
    return { whole: done, events: events.map((event, sequence_number) => ({ ...event, sequence_number })) };
  }

  #items({ thought, withheld, text, calls }: Beat, turn: number, account: string): Wire[] {
    const items: Wire[] = [];
    if (thought !== undefined) {
      const proof = makeProof("responses", turn, thought);
      const summary = withheld ? [] : [{ type: "summary_text", text: thought }];
      this.#issued.set(proof, { summary: withheld ? "" : thought, account });
      if (calls.length > 0) this.#before.set(`call_${turn}_0`, proof);
      items.push({ id: `rs_${turn}`, type: "reasoning", summary, encrypted_content: proof });
    }
    if (text !== undefined)
      items.push({
        id: `msg_${turn}`,
        type: "message",
        status: "completed",
        role: "assistant",
        content: [{ type: "output_text", text, annotations: [] }],
      });
    for (const [index, { name, input }] of calls.entries())
      items.push({
        id: `fc_${turn}_${index}`,
        type: "function_call",
        status: "completed",
        call_id: `call_${turn}_${index}`,
        name,
        arguments: input,
      });
    return items;
  }

  #refuseProofs(input: Wire[], account: string): string | undefined {
    for (const [at, item] of input.entries()) {
      if (item.type === "reasoning") {
        const known = this.#issued.get(item.encrypted_content);
        if (!known) return `The encrypted content for item ${item.id} could not be verified.`;
        if (known.account !== account)
          return `The encrypted content for item ${item.id} could not be verified. Reason: Encrypted content organization_id did not match the target organization.`;
        if (item.summary.map((piece: Wire) => piece.text).join("") !== known.summary)
          return `test: the summary of item ${item.id} was changed`;
        if (!input[at + 1] || input[at + 1].role === "user")
          return `Item '${item.id}' of type 'reasoning' was provided without its required following item.`;
      }
      const wanted = item.type === "function_call" && this.#before.get(item.call_id);
      const thoughts = input.slice(0, at).findLast((one) => one.type === "reasoning");
      if (wanted && thoughts?.encrypted_content !== wanted)
        this.lost.push(`the thought before ${item.call_id}`);
    }
    return undefined;
  }
}

function refuseItems(input: Wire[], tools: Wire[]): string | undefined {
  const names = new Set(tools.map((tool) => tool.name));
  const open = new Set<string>();
  for (const [at, item] of input.entries()) {
    if (item.role === "user" && open.size > 0)
      return `No tool output found for function call ${[...open][0]}.`;
    switch (item.type) {
      case "function_call":
        if (item.call_id.length > 64) return `Invalid 'input[${at}].call_id': string too long.`;
        if (open.has(item.call_id)) return `Duplicate call_id ${item.call_id}.`;
        if (!names.has(item.name)) return `Invalid 'input[${at}].name': not a declared tool.`;
        if (!isObject(tryParseJson(item.arguments))) return `Invalid 'input[${at}].arguments': not JSON.`;
        open.add(item.call_id);
        break;
      case "function_call_output":
        if (!open.delete(item.call_id))
          return `No tool call found for function call output with call_id ${item.call_id}.`;
        break;
      case "message":
      case "reasoning":
      case undefined:
        break;
      default:
        return `Invalid value: '${item.type}'.`;
    }
  }
  return open.size > 0 ? `No tool output found for function call ${[...open][0]}.` : undefined;
}

function eventsOf(item: Wire, output_index: number): Wire[] {
  const at = { item_id: item.id, output_index };
  const added = (empty: Wire) => ({
    type: "response.output_item.added",
    output_index,
    item: { ...item, ...empty },
  });
  const done = { type: "response.output_item.done", output_index, item };
  switch (item.type) {
    case "reasoning":
      return [
        added({ summary: [], encrypted_content: "early" }),
        ...item.summary.flatMap(({ text }: Wire, summary_index: number) => [
          ...pieces(text).map((delta) => ({
            type: "response.reasoning_summary_text.delta",
            ...at,
            summary_index,
            delta,
          })),
          { type: "response.reasoning_summary_text.done", ...at, summary_index, text },
        ]),
        done,
      ];
    case "message":
      return [
        added({ content: [], status: "in_progress" }),
        ...pieces(item.content[0].text).map((delta) => ({
          type: "response.output_text.delta",
          ...at,
          content_index: 0,
          delta,
        })),
        done,
      ];
    default:
      return [
        added({ arguments: "", status: "in_progress" }),
        ...pieces(item.arguments).map((delta) => ({
          type: "response.function_call_arguments.delta",
          ...at,
          delta,
        })),
        { type: "response.function_call_arguments.done", ...at, arguments: item.arguments },
        done,
      ];
  }
}
