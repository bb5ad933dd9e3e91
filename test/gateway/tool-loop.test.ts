import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { FORMAT_IDS, type FormatId } from "../../src/core/reply.ts";
import { startGateway } from "../kit/gateway.ts";
import { beatOf, expectTold, expectWholeHistory, TURNS } from "../kit/long-conversation.ts";
import { LOOP_CLIENTS, type Manner } from "../kit/loop-clients.ts";
import { startStrictProvider, STRICT_RULES, type StrictKind } from "../kit/strict-providers.ts";

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

const RESTART_BEFORE = 11;
const ACTOR = { name: "test" };

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
