import { expect, test } from "bun:test";
import { FORMAT_IDS, type FormatId } from "../../src/core/reply.ts";
import { NO_QUIRKS } from "../../src/core/quirks.ts";
import { FORMATS } from "../../src/formats/index.ts";
import { scanElements, scanObject } from "../../src/lib/json-scan.ts";
import { startGateway } from "../kit/gateway.ts";
import { beatOf, TURNS } from "../kit/long-conversation.ts";
import { LOOP_CLIENTS } from "../kit/loop-clients.ts";
import { startStrictProvider, STRICT_RULES, type StrictKind } from "../kit/strict-providers.ts";

/** A provider of every format, and where vendors of one format are asked in different words, one of each. */
const PROVIDERS: readonly { kind: StrictKind; provider: string; model: string }[] = [
  { kind: "anthropic", provider: "anthropic", model: "anthropic/claude-opus-4-7" },
  { kind: "anthropic", provider: "anthropic", model: "anthropic/claude-sonnet-4-5" },
  { kind: "gemini", provider: "gemini", model: "gemini/gemini-3.1-pro-preview" },
  { kind: "responses", provider: "openai", model: "openai/gpt-5.3-codex" },
  { kind: "deepseek", provider: "deepseek", model: "deepseek/deepseek-flash" },
  { kind: "openrouter", provider: "openrouter", model: "openrouter/anthropic/claude-sonnet-4" },
];

/** Where each format keeps the conversation. */
const HISTORY: Readonly<Record<FormatId, string>> = {
  "openai-chat": "messages",
  "openai-responses": "input",
  anthropic: "messages",
  gemini: "contents",
};
const STREAMING = new Set(["stream", "stream_options"]);

for (const format of FORMAT_IDS)
  for (const { kind, provider, model } of PROVIDERS)
    test(`${format} client, ${model}: each request begins with the bytes of the one before`, async () => {
      const [first, again] = [
        await bodiesOf(format, kind, provider, model),
        await bodiesOf(format, kind, provider, model),
      ];
      expect(first).toHaveLength(TURNS);
      const bodies = first.map((body) => takenApart(body, HISTORY[STRICT_RULES[kind]().format]));
      for (const [index, { settings, history }] of bodies.slice(0, -1).entries()) {
        const next = bodies[index + 1];
        expect(next?.settings).toEqual(settings);
        expect(next?.history.slice(0, history.length)).toEqual(history);
        expect(next?.history.length).toBeGreaterThan(history.length);
      }
      // The same conversation, told to another installation, is the same to the last byte.
      expect(again).toEqual(first);
    }, 20_000);

test.each(["openai-chat", "openai-responses", "gemini"] as const)(
  "what Claude Code changes with every request does not reach a provider of %s",
  (target) => {
    const question = (text: string, marked: boolean) => ({
      role: "user",
      content: [{ type: "text", text, ...(marked && { cache_control: { type: "ephemeral" } }) }],
    });
    const sent = (messages: object[], line: string) => {
      const system = [
        { type: "text", text: `x-anthropic-billing-header: cc_version=2.1; cch=${line};` },
        { type: "text", text: "You are Claude Code.", cache_control: { type: "ephemeral" } },
      ];
      const request = FORMATS.anthropic.decodeRequest({ model: "m", max_tokens: 100, system, messages });
      const { body } = FORMATS[target].encodeRequest(request, { id: "m", maker: "test/m" }, NO_QUIRKS);
      return takenApart(JSON.stringify(body), HISTORY[target]);
    };
    const answer = { role: "assistant", content: [{ type: "text", text: "Yes." }] };
    const first = sent([question("Really?", true)], "0a1b2");
    const second = sent([question("Really?", false), answer, question("Why?", true)], "3c4d5");
    expect(second.settings).toEqual(first.settings);
    expect(second.history.slice(0, first.history.length)).toEqual(first.history);
  },
);

/** What reaches the provider in a whole conversation. */
async function bodiesOf(
  format: FormatId,
  kind: StrictKind,
  provider: string,
  model: string,
): Promise<string[]> {
  let turn = 0;
  const upstream = startStrictProvider(STRICT_RULES[kind](), () => ({ beat: beatOf(++turn), turn }));
  const gateway = await startGateway();
  const baseUrl = `${upstream.url}/v1`;
  gateway.engine.manage.connections.create(
    { provider, name: provider, apiKey: "k", baseUrl },
    { name: "test" },
  );
  const client = LOOP_CLIENTS[format]("faithful");
  client.say("Begin.");
  for (let step = 1; step <= TURNS; step++) {
    const answer = await client.ask(gateway.url, model, step % 2 === 1);
    for (const call of answer.calls) client.answerCall(call, `Result of ${call.name} in step ${step}.`);
    if (answer.calls.length === 0) client.say(`Go on after step ${step}.`);
  }
  await gateway.stop();
  await upstream.stop();
  return upstream.accepted.map(({ text }) => text);
}

/** A body's fields in their order, and the bytes of each piece of its history. */
function takenApart(text: string, historyField: string): { settings: [string, string][]; history: string[] } {
  const bytes = Buffer.from(text);
  const fields = scanObject(bytes)?.fields ?? new Map();
  const told = ({ start, end }: { start: number; end: number }) => bytes.subarray(start, end).toString();
  const settings: [string, string][] = [];
  let history: string[] = [];
  for (const [name, span] of fields)
    if (name === historyField) history = [...scanElements(bytes, span)].map(told);
    else if (!STREAMING.has(name)) settings.push([name, told(span)]);
  return { settings, history };
}
