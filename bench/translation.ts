import { sealProof } from "../src/core/envelope.ts";
import type { EncodeContext } from "../src/core/format.ts";
import { FORMAT_IDS, type FormatId, type ReplyEvent } from "../src/core/reply.ts";
import { ToolNames } from "../src/core/tool-names.ts";
import { FORMATS } from "../src/formats/index.ts";
import { parseJson } from "../src/lib/json.ts";
import { SseSplitter } from "../src/lib/sse.ts";

/**
 * Prints what translation costs on this machine: microseconds of one core for each event of a stream, and milliseconds
 * for a request by its size, for every pair of formats. Bytes go in and bytes come out, as in the gateway. Nothing here
 * passes or fails. Takes about half a minute.
 */

const DELTAS = 2000;
const ROUND_MS = 200;
const ROUNDS = 5;
const DECODING = { quirks: {}, toolNames: new ToolNames(), maker: "bench/m" };

const streams = Object.fromEntries(FORMAT_IDS.map((id) => [id, longAnswer(id)])) as Record<
  FormatId,
  Buffer[]
>;

// Once through everything, so that the first figures are not those of code the engine has not seen yet.
for (const provider of FORMAT_IDS) for (const client of FORMAT_IDS) best(() => streamOnce(provider, client));

console.log(`One streamed delta (thought, text or piece of a call), in µs; an answer has ${DELTAS}:\n`);
printTable(
  (provider, client) => (best(() => streamOnce(provider, client)) / DELTAS) * 1000,
  (value) => value.toFixed(2),
);
for (const [name, turns, resultLength] of [
  ["a question", 1, 100],
  ["20 turns of an agent", 20, 2000],
  ["200 turns of an agent", 200, 4000],
] as const) {
  const bodies = Object.fromEntries(FORMAT_IDS.map((id) => [id, history(id, turns, resultLength)])) as Record<
    FormatId,
    string
  >;
  const size = Math.round(bodies["openai-chat"].length / 1024);
  console.log(`\nA request, ${name} (${size} KB), in ms, read and written:\n`);
  printTable(
    (provider, client) => best(() => requestOnce(client, provider, bodies[client])),
    (value) => value.toFixed(3),
  );
}

/** Rows are clients, columns providers. */
function printTable(
  measure: (provider: FormatId, client: FormatId) => number,
  show: (value: number) => string,
): void {
  const width = 18;
  console.log(["client \\ provider", ...FORMAT_IDS].map((name) => name.padEnd(width)).join(""));
  for (const client of FORMAT_IDS)
    console.log(
      [client, ...FORMAT_IDS.map((provider) => show(measure(provider, client)))]
        .map((cell) => cell.padEnd(width))
        .join(""),
    );
}

/**
 * CPU-milliseconds of one run, the least of several rounds. Not the time that passed, which tells how busy the machine
 * is; compiler and garbage collector work beside and count.
 */
function best(run: () => void): number {
  run();
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const started = cpuMs();
    let runs = 0;
    do {
      run();
      runs++;
    } while (cpuMs() - started < ROUND_MS / ROUNDS);
    least = Math.min(least, (cpuMs() - started) / runs);
  }
  return least;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function streamOnce(provider: FormatId, client: FormatId): void {
  const splitter = new SseSplitter();
  const decoder = FORMATS[provider].streamDecoder(DECODING);
  const encoder = FORMATS[client].streamEncoder(encoding());
  const write = (events: ReplyEvent[]) => {
    let wire = "";
    for (const event of events) wire += encoder.push(event);
    return Buffer.from(wire);
  };
  for (const bytes of streams[provider]) for (const event of splitter.push(bytes)) write(decoder.push(event));
  write(decoder.end());
}

function encoding(): EncodeContext {
  const request = { model: "m", stream: true, includeUsage: true, messages: [] };
  return { id: "bench", model: "m", created: 1_790_000_000, request, sealProof };
}

function requestOnce(client: FormatId, provider: FormatId, body: string): void {
  const request = FORMATS[client].decodeRequest(parseJson(body) as { [field: string]: unknown }, {
    model: "m",
  });
  const encoded = FORMATS[provider].encodeRequest(request, { id: "m", maker: "bench/m" }, {});
  JSON.stringify(encoded.body);
}

/** An answer as a provider streams it, a network packet for each event: thoughts, text, one long call. */
function longAnswer(format: FormatId): Buffer[] {
  const decoded: ReplyEvent[] = [
    { type: "reply-start", id: "bench", model: "m" },
    ...grown(0, { type: "reasoning", text: "" }, DELTAS * 0.2, "a thought "),
    ...grown(1, { type: "text", text: "" }, DELTAS * 0.5, "some words "),
    { type: "part-start", index: 2, part: { type: "tool-call", id: "call_1", name: "write", input: "" } },
    { type: "part-delta", index: 2, delta: '{"text":"' },
    ...Array.from({ length: DELTAS * 0.3 }, () => ({
      type: "part-delta" as const,
      index: 2,
      delta: "line\\n ",
    })),
    { type: "part-delta", index: 2, delta: '"}' },
    { type: "part-end", index: 2 },
    { type: "usage", usage: { input: 100, output: DELTAS } },
    { type: "reply-end", finish: "tool-calls" },
  ];
  const encoder = FORMATS[format].streamEncoder(encoding());
  return decoded.map((event) => Buffer.from(encoder.push(event))).filter((bytes) => bytes.length > 0);
}

function grown(
  index: number,
  part: Extract<ReplyEvent, { type: "part-start" }>["part"],
  count: number,
  delta: string,
): ReplyEvent[] {
  return [
    { type: "part-start", index, part },
    ...Array.from({ length: count }, () => ({ type: "part-delta" as const, index, delta })),
    { type: "part-end", index },
  ];
}

/** A history of calls and results in a client's format, with the tools of a coding agent. */
function history(format: FormatId, turns: number, resultLength: number): string {
  const output = "x".repeat(resultLength);
  const parameters = {
    type: "object",
    properties: { path: { type: "string", description: "Where it is. ".repeat(10) } },
    required: ["path"],
  };
  const names = Array.from({ length: 20 }, (_, index) => `tool_${index}`);
  const input = (turn: number) => JSON.stringify({ path: `src/file-${turn}.ts` });
  const each = <T>(make: (turn: number) => T[]) =>
    Array.from({ length: turns }, (_, turn) => make(turn)).flat();
  switch (format) {
    case "openai-chat":
      return JSON.stringify({
        model: "m",
        tools: names.map((name) => ({ type: "function", function: { name, parameters } })),
        messages: [
          { role: "system", content: "You are an agent. ".repeat(200) },
          { role: "user", content: "Go." },
          ...each((turn) => [
            {
              role: "assistant",
              content: "I look.",
              tool_calls: [
                { id: `c${turn}`, type: "function", function: { name: "tool_1", arguments: input(turn) } },
              ],
            },
            { role: "tool", tool_call_id: `c${turn}`, content: output },
          ]),
        ],
      });
    case "openai-responses":
      return JSON.stringify({
        model: "m",
        instructions: "You are an agent. ".repeat(200),
        tools: names.map((name) => ({ type: "function", name, parameters, strict: false })),
        input: [
          { role: "user", content: "Go." },
          ...each((turn) => [
            { type: "message", role: "assistant", content: [{ type: "output_text", text: "I look." }] },
            { type: "function_call", call_id: `c${turn}`, name: "tool_1", arguments: input(turn) },
            { type: "function_call_output", call_id: `c${turn}`, output },
          ]),
        ],
      });
    case "anthropic":
      return JSON.stringify({
        model: "m",
        max_tokens: 1000,
        system: "You are an agent. ".repeat(200),
        tools: names.map((name) => ({ name, input_schema: parameters })),
        messages: [
          { role: "user", content: "Go." },
          ...each((turn) => [
            {
              role: "assistant",
              content: [
                { type: "text", text: "I look." },
                {
                  type: "tool_use",
                  id: `c${turn}`,
                  name: "tool_1",
                  input: JSON.parse(input(turn)) as object,
                },
              ],
            },
            { role: "user", content: [{ type: "tool_result", tool_use_id: `c${turn}`, content: output }] },
          ]),
        ],
      });
    case "gemini":
      return JSON.stringify({
        systemInstruction: { parts: [{ text: "You are an agent. ".repeat(200) }] },
        tools: [{ functionDeclarations: names.map((name) => ({ name, parametersJsonSchema: parameters })) }],
        contents: [
          { role: "user", parts: [{ text: "Go." }] },
          ...each((turn) => [
            {
              role: "model",
              parts: [
                { text: "I look." },
                {
                  functionCall: {
                    id: `c${turn}`,
                    name: "tool_1",
                    args: JSON.parse(input(turn)) as object,
                  },
                },
              ],
            },
            {
              role: "user",
              parts: [{ functionResponse: { id: `c${turn}`, name: "tool_1", response: { output } } }],
            },
          ]),
        ],
      });
  }
}
