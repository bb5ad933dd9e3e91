import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "bun:test";
import { FORMAT_IDS, type FormatId } from "../../src/core/reply.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { LOOP_CLIENTS, LOOP_TOOLS, type LoopAnswer, type Manner } from "../kit/loop-clients.ts";
import { canonicalJson } from "../kit/reply-facts.ts";
import { startStrictProvider, STRICT_RULES, type StrictKind } from "../kit/strict-providers.ts";
import type { Beat } from "../kit/strict/rules.ts";

/** Whom the clients work with: one provider of every format, and where vendors of one format differ, one of each. */
const PROVIDERS: readonly { kind: StrictKind; provider: string; model: string }[] = [
  { kind: "anthropic", provider: "anthropic", model: "anthropic/claude-sonnet-4-5" },
  { kind: "anthropic", provider: "anthropic", model: "anthropic/claude-opus-4-7" },
  { kind: "gemini", provider: "gemini", model: "gemini/gemini-3.1-pro-preview" },
  { kind: "responses", provider: "openai", model: "openai/gpt-5.3-codex" },
  { kind: "deepseek", provider: "deepseek", model: "deepseek/deepseek-flash" },
  { kind: "openrouter", provider: "openrouter", model: "openrouter/anthropic/claude-sonnet-4" },
];
const MANNERS: readonly Manner[] = ["faithful", "stripping"];

const PASSED_ON: { [K in StrictKind]?: FormatId } = {
  anthropic: "anthropic",
  gemini: "gemini",
  responses: "openai-responses",
};

const TURNS = 20;
const RESTART_BEFORE = 11;
const ACTOR = { name: "test" };

/** Three turns of the model's, each a loop of calls that ends with a text; some steps think in silence or not at all. */
function beatOf(turn: number): Beat {
  const thought = turn === 5 || turn === 11 ? {} : { thought: `Thought ${turn}: naïve 🦝 plan.` };
  const withheld = turn === 3 || turn === 9 ? { withheld: true } : {};
  if (turn === 7 || turn === 14 || turn === TURNS)
    return { ...thought, text: `Done with part ${turn / 7}.`, calls: [] };
  const count = turn === 4 || turn === 10 ? 2 : 1;
  return {
    ...thought,
    ...withheld,
    ...((turn === 2 || turn === 9) && { text: `Looking, step ${turn} ✓` }),
    calls: Array.from({ length: count }, (_, index) => ({
      name: turn === 10 ? LOOP_TOOLS[0] : (LOOP_TOOLS[(turn + index) % 2] as string),
      // More digits than a double holds, and what JSON escapes.
      input: `{"id":${12345678901234567000n + BigInt(turn * 10 + index)},"note":"\\"ü\\" 🦝\\n\\u2028 ${turn}"}`,
    })),
  };
}

for (const format of FORMAT_IDS)
  for (const { kind, provider, model } of PROVIDERS)
    for (const manner of MANNERS) {
      // Between a client and the vendor of its own format bytes pass untouched: who strips them is refused there too.
      if (manner === "stripping" && PASSED_ON[kind] === format) continue;
      test(`${manner} ${format} client, ${model}: ${TURNS} turns of a tool loop, restarted in the middle`, async () => {
        const dataDir = mkdtempSync(join(tmpdir(), "omniroute-test-"));
        let turn = 0;
        const rules = STRICT_RULES[kind]();
        const upstream = startStrictProvider(rules, () => ({ beat: beatOf(++turn), turn }));
        let gateway = await startGateway({ dataDir });
        gateway.engine.manage.connections.create(
          { provider, name: provider, apiKey: "test-key", baseUrl: `${upstream.url}/v1` },
          ACTOR,
        );
        const client = LOOP_CLIENTS[format](manner);
        client.say("Begin.");
        for (let step = 1; step <= TURNS; step++) {
          if (step === RESTART_BEFORE) {
            await gateway.stop();
            gateway = await startGateway({ dataDir });
          }
          const answer = await client.ask(gateway.url, model, step % 2 === 1);
          expect(upstream.refusals).toEqual([]);
          expectTold(answer, beatOf(step));
          for (const call of answer.calls) client.answerCall(call, `Result of ${call.name} in step ${step}.`);
          if (answer.calls.length === 0) client.say(`Go on after step ${step}.`);
        }
        expect(rules.lost).toEqual([]);
        expectWholeHistory(upstream.accepted.at(-1)?.text ?? "");
        await gateway.stop();
        await upstream.stop();
        rmSync(dataDir, { recursive: true });
      }, 20_000);
    }

/** Every call of the conversation, with all its digits, and every result stands in the last request. */
function expectWholeHistory(wire: string): void {
  for (let step = 1; step < TURNS; step++)
    for (const { input } of beatOf(step).calls) {
      expect(wire).toContain(/\d+/.exec(input)?.[0] as string);
      expect(wire).toContain(`in step ${step}.`);
    }
}

function expectTold(answer: LoopAnswer, beat: Beat): void {
  expect(answer.calls.map(({ name, input }) => [name, canonicalJson(input)])).toEqual(
    beat.calls.map(({ name, input }) => [name, canonicalJson(input)]),
  );
  expect(answer.text).toBe(beat.text ?? "");
  expect(answer.thought).toBe(beat.withheld ? "" : (beat.thought ?? ""));
}
