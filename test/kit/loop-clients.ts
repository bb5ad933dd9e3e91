import type { FormatId } from "../../src/core/reply.ts";
import { parseJson } from "../../src/lib/json.ts";
import { SseSplitter } from "../../src/lib/sse.ts";
import type { Wire } from "./strict/rules.ts";

/** What came of one turn, as the client understood it. */
export type LoopAnswer = {
  text: string;
  thought: string;
  /** `input` as JSON with all digits. */
  calls: { id: string; name: string; input: string }[];
};

/** A client in a conversation: keeps its history the way clients of its format do, and hands it back. */
export interface LoopClient {
  say(text: string): void;
  answerCall(call: LoopAnswer["calls"][number], output: string): void;
  /** Asks for the next turn and adds it to the history. Throws for anything but an answer. */
  ask(baseUrl: string, model: string, stream: boolean): Promise<LoopAnswer>;
}

/** `faithful`: gives everything back as official SDKs do. `stripping`: knows only the fields its format began with. */
export type Manner = "faithful" | "stripping";

export const LOOP_TOOLS = ["look_up", "write_down"] as const;
const SCHEMA = {
  type: "object",
  properties: { id: { type: "integer" }, note: { type: "string" } },
  required: ["id"],
};

export const LOOP_CLIENTS: Readonly<Record<FormatId, (manner: Manner) => LoopClient>> = {
  "openai-chat": (manner) => new ChatClient(manner),
  "openai-responses": (manner) => new ResponsesClient(manner),
  anthropic: (manner) => new MessagesClient(manner),
  gemini: (manner) => new GeminiClient(manner),
};

class ChatClient implements LoopClient {
  readonly #messages: Wire[] = [{ role: "system", content: "You are a careful worker." }];

  constructor(readonly manner: Manner) {}

  say(content: string): void {
    this.#messages.push({ role: "user", content });
  }

  answerCall({ id }: { id: string }, content: string): void {
    this.#messages.push({ role: "tool", tool_call_id: id, content });
  }

  async ask(baseUrl: string, model: string, stream: boolean): Promise<LoopAnswer> {
    const tools = LOOP_TOOLS.map((name) => ({ type: "function", function: { name, parameters: SCHEMA } }));
    const body = { model, stream, messages: this.#messages, tools, reasoning_effort: "medium" };
    const answer = await post(`${baseUrl}/v1/chat/completions`, body);
    const message = stream ? addUpChat(answer.events) : answer.whole.choices[0].message;
    this.#messages.push(this.manner === "faithful" ? message : plainChat(message));
    return {
      text: message.content ?? "",
      thought: message.reasoning_content ?? "",
      calls: (message.tool_calls ?? []).map((call: Wire) => ({
        id: call.id,
        name: call.function.name,
        input: call.function.arguments,
      })),
    };
  }
}

const plainChat = ({ role, content, tool_calls: calls }: Wire): Wire => ({
  role,
  content,
  ...(calls && {
    tool_calls: calls.map(({ id, type, function: { name, arguments: input } }: Wire) => ({
      id,
      type,
      function: { name, arguments: input },
    })),
  }),
});

function addUpChat(events: Wire[]): Wire {
  const message: Wire = { role: "assistant", content: "", reasoning_content: "", reasoning_details: [] };
  const calls: Wire[] = [];
  for (const { choices } of events) {
    const {
      content,
      reasoning_content: thought,
      reasoning_details: details,
      tool_calls: pieces,
    } = choices[0]?.delta ?? {};
    message.content += content ?? "";
    message.reasoning_content += thought ?? "";
    message.reasoning_details.push(...(details ?? []));
    for (const { index, function: called, ...rest } of pieces ?? []) {
      calls[index] ??= { function: { name: "", arguments: "" } };
      Object.assign(calls[index], rest);
      calls[index].function.name += called?.name ?? "";
      calls[index].function.arguments += called?.arguments ?? "";
    }
  }
  for (const field of ["reasoning_content", "reasoning_details"])
    if (message[field].length === 0) delete message[field];
  return calls.length > 0 ? { ...message, tool_calls: calls } : message;
}

class ResponsesClient implements LoopClient {
  readonly #items: Wire[] = [];

  constructor(readonly manner: Manner) {}

  say(content: string): void {
    this.#items.push({ role: "user", content });
  }

  answerCall({ id }: { id: string }, output: string): void {
    this.#items.push({ type: "function_call_output", call_id: id, output });
  }

  async ask(baseUrl: string, model: string, stream: boolean): Promise<LoopAnswer> {
    const { whole, events } = await post(`${baseUrl}/v1/responses`, {
      model,
      stream,
      instructions: "You are a careful worker.",
      input: this.#items,
      tools: LOOP_TOOLS.map((name) => ({ type: "function", name, parameters: SCHEMA, strict: false })),
      reasoning: { effort: "medium", summary: "auto" },
      include: ["reasoning.encrypted_content"],
      store: false,
    });
    const output: Wire[] = stream ? events.at(-1).response.output : whole.output;
    this.#items.push(...(this.manner === "faithful" ? output : output.flatMap(plainItem)));
    const calls = output.filter((item) => item.type === "function_call");
    return {
      text: output
        .flatMap((item) => (item.type === "message" ? item.content : []))
        .map(({ text }) => text)
        .join(""),
      thought: output
        .flatMap((item) => item.summary ?? [])
        .map(({ text }) => text)
        .join(""),
      calls: calls.map(({ call_id: id, name, arguments: input }) => ({ id, name, input })),
    };
  }
}

function plainItem({ type, call_id, name, content, ...item }: Wire): Wire[] {
  if (type === "function_call") return [{ type, call_id, name, arguments: item.arguments }];
  return type === "message" ? [{ role: "assistant", content: content[0].text }] : [];
}

class MessagesClient implements LoopClient {
  readonly #messages: Wire[] = [];

  constructor(readonly manner: Manner) {}

  say(text: string): void {
    this.#messages.push({ role: "user", content: [{ type: "text", text }] });
  }

  answerCall({ id }: { id: string }, content: string): void {
    const result = { type: "tool_result", tool_use_id: id, content };
    const last = this.#messages.at(-1);
    if (last.role === "user") last.content.push(result);
    else this.#messages.push({ role: "user", content: [result] });
  }

  async ask(baseUrl: string, model: string, stream: boolean): Promise<LoopAnswer> {
    const { whole, events } = await post(`${baseUrl}/v1/messages`, {
      model,
      stream,
      max_tokens: 8000,
      system: "You are a careful worker.",
      thinking: { type: "enabled", budget_tokens: 2048 },
      tools: LOOP_TOOLS.map((name) => ({ name, input_schema: SCHEMA })),
      messages: this.#messages,
    });
    const content: Wire[] = stream ? addUpBlocks(events) : whole.content;
    this.#messages.push({
      role: "assistant",
      content: this.manner === "faithful" ? content : content.flatMap(plainBlock),
    });
    return {
      text: content.map((block) => (block.type === "text" ? block.text : "")).join(""),
      thought: content.map((block) => (block.type === "thinking" ? block.thinking : "")).join(""),
      calls: content.flatMap(({ type, id, name, input }) =>
        type === "tool_use" ? [{ id, name, input: JSON.stringify(input) }] : [],
      ),
    };
  }
}

/** Clients of before thinking keep text and calls. */
const plainBlock = ({ type, text, id, name, input }: Wire): Wire[] => {
  if (type === "text") return [{ type, text }];
  return type === "tool_use" ? [{ type, id, name, input }] : [];
};

function addUpBlocks(events: Wire[]): Wire[] {
  const blocks: Wire[] = [];
  const inputs = new Map<number, string>();
  for (const { type, index, content_block: block, delta } of events) {
    if (type === "content_block_start") blocks[index] = { ...block };
    if (type !== "content_block_delta") continue;
    switch (delta.type) {
      case "text_delta":
        blocks[index].text += delta.text;
        break;
      case "thinking_delta":
        blocks[index].thinking += delta.thinking;
        break;
      case "signature_delta":
        blocks[index].signature = delta.signature;
        break;
      case "input_json_delta":
        inputs.set(index, (inputs.get(index) ?? "") + delta.partial_json);
    }
  }
  for (const [index, input] of inputs) blocks[index].input = parseJson(input || "{}");
  return blocks;
}

class GeminiClient implements LoopClient {
  readonly #contents: Wire[] = [];

  constructor(readonly manner: Manner) {}

  say(text: string): void {
    this.#contents.push({ role: "user", parts: [{ text }] });
  }

  answerCall({ id, name }: { id: string; name: string }, output: string): void {
    const response = { functionResponse: { ...(id !== "" && { id }), name, response: { output } } };
    const last = this.#contents.at(-1);
    if (last.role === "user") last.parts.push(response);
    else this.#contents.push({ role: "user", parts: [response] });
  }

  async ask(baseUrl: string, model: string, stream: boolean): Promise<LoopAnswer> {
    const verb = stream ? "streamGenerateContent?alt=sse" : "generateContent";
    const { whole, events } = await post(`${baseUrl}/v1beta/models/${model}:${verb}`, {
      systemInstruction: { parts: [{ text: "You are a careful worker." }] },
      contents: this.#contents,
      tools: [{ functionDeclarations: LOOP_TOOLS.map((name) => ({ name, parametersJsonSchema: SCHEMA })) }],
      generationConfig: { thinkingConfig: { includeThoughts: true, thinkingBudget: 2048 } },
    });
    // Google's SDKs keep each chunk as a content of its own.
    const contents: Wire[] = (stream ? events : [whole]).map(({ candidates }) => candidates[0].content);
    for (const { parts } of contents) {
      const kept = this.manner === "faithful" ? parts : parts.flatMap(plainPart);
      if (kept.length > 0) this.#contents.push({ role: "model", parts: kept });
    }
    const parts = contents.flatMap((content) => content.parts);
    return {
      text: parts.map((part) => (part.thought ? "" : (part.text ?? ""))).join(""),
      thought: parts.map((part) => (part.thought ? part.text : "")).join(""),
      calls: parts.flatMap(({ functionCall: call }) =>
        call ? [{ id: call.id ?? "", name: call.name, input: JSON.stringify(call.args) }] : [],
      ),
    };
  }
}

/** Clients of before thinking know neither thoughts nor signatures. */
const plainPart = ({ thought, thoughtSignature: _signature, ...part }: Wire): Wire[] =>
  thought || part.text === "" ? [] : [part];

async function post(url: string, body: object): Promise<{ whole: Wire; events: Wire[] }> {
  const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  const wire = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} ${wire}`);
  if (!response.headers.get("content-type")?.startsWith("text/event-stream"))
    return { whole: parseJson(wire), events: [] };
  const splitter = new SseSplitter();
  const frames = [...splitter.push(Buffer.from(wire)), ...splitter.end()];
  const events: Wire[] = frames.filter(({ data }) => data !== "[DONE]").map(({ data }) => parseJson(data));
  const failed = events.find((event) => event.error || event.type === "response.failed");
  if (failed) throw new Error(JSON.stringify(failed));
  return { whole: undefined, events };
}
