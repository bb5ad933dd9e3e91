import { expect, test } from "bun:test";
import { FORMAT_IDS, type FormatId } from "../../src/core/reply.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { beatOf, expectTold, expectWholeHistory, TURNS } from "../kit/long-conversation.ts";
import { LOOP_CLIENTS, type LoopClient } from "../kit/loop-clients.ts";
import {
  startStrictProvider,
  STRICT_RULES,
  type StrictKind,
  type StrictProvider,
} from "../kit/strict-providers.ts";
import type { Rules } from "../kit/strict/rules.ts";

/** Whom a conversation may be with: a vendor's own service, or a node of the user's that speaks its format. */
type Maker = { kind: StrictKind; model: string } & (
  { provider: string } | { node: { type?: "anthropic-compatible"; apiType?: "responses" } }
);

const MAKERS = {
  claude: { kind: "anthropic", provider: "anthropic", model: "anthropic/claude-sonnet-4-5" },
  newerClaude: { kind: "anthropic", provider: "anthropic", model: "anthropic/claude-opus-4-7" },
  likeClaude: { kind: "anthropic", node: { type: "anthropic-compatible" }, model: "second/claude-opus-4-7" },
  gemini: { kind: "gemini", provider: "gemini", model: "gemini/gemini-3.1-pro-preview" },
  openai: { kind: "responses", provider: "openai", model: "openai/gpt-5.3-codex" },
  likeOpenai: { kind: "responses", node: { apiType: "responses" }, model: "second/gpt-5" },
  deepseek: { kind: "deepseek", provider: "deepseek", model: "deepseek/deepseek-flash" },
  openrouter: { kind: "openrouter", provider: "openrouter", model: "openrouter/anthropic/claude-sonnet-4" },
} as const satisfies { [name: string]: Maker };
type MakerName = keyof typeof MAKERS;

const ACTOR = { name: "test" };

/** The turns in which the first maker is out: the end of one loop and the beginning of another, and one in the middle. */
const isOut = (turn: number): boolean => (turn >= 6 && turn <= 9) || turn === 12;

const SWITCHES: readonly { first: MakerName; second: MakerName }[] = [
  // Two makers of one format: nothing but the gateway knows whose proof is whose.
  { first: "claude", second: "likeClaude" },
  { first: "newerClaude", second: "likeClaude" },
  { first: "likeClaude", second: "newerClaude" },
  { first: "openai", second: "likeOpenai" },
  { first: "likeOpenai", second: "openai" },
  { first: "deepseek", second: "openrouter" },
  { first: "openrouter", second: "deepseek" },
  // Makers of two formats.
  { first: "newerClaude", second: "gemini" },
  { first: "gemini", second: "newerClaude" },
  { first: "openai", second: "claude" },
  { first: "claude", second: "openai" },
  { first: "gemini", second: "openai" },
  { first: "claude", second: "deepseek" },
  { first: "deepseek", second: "gemini" },
];

for (const { first, second } of SWITCHES)
  for (const format of FORMAT_IDS)
    for (const manner of ["faithful", "stripping"] as const) {
      const makers: Maker[] = [MAKERS[first], MAKERS[second]];
      // Between a client and the vendor of its own format bytes pass untouched: who strips them is refused there too.
      if (manner === "stripping" && makers.some((maker) => passesOn(maker, format))) continue;
      test(`${manner} ${format} client: from ${first} to ${second} and back, twice`, async () => {
        const stage = await setUp(makers);
        const [main, other] = stage.upstreams as [StrictProvider, StrictProvider];
        main.isOut = () => isOut(stage.step);
        await converse(stage, LOOP_CLIENTS[format](manner), () =>
          expect([main.refusals, other.refusals]).toEqual([[], []]),
        );
        expect(other.accepted).toHaveLength(5);
        expect(stage.rules.map(({ lost }) => lost)).toEqual([[], []]);
        expectWholeHistory(main.accepted.at(-1)?.text ?? "");
        await stage.stop();
      }, 20_000);
    }

for (const format of FORMAT_IDS)
  test(`${format} client: from one account at OpenAI to another and back, which reads no thoughts of the first`, async () => {
    const stage = await setUp([MAKERS.openai]);
    stage.gateway.engine.manage.connections.create(
      { provider: "openai", name: "second", apiKey: "second-key", baseUrl: `${stage.upstreams[0]?.url}/v1` },
      ACTOR,
    );
    const upstream = stage.upstreams[0] as StrictProvider;
    upstream.isOut = (account) => account.includes("second") !== isOut(stage.step);
    await converse(stage, LOOP_CLIENTS[format]("faithful"), () => {
      // Refused once, asked again without the thoughts.
      for (const refusal of upstream.refusals) expect(refusal).toMatch(/could not be verified/);
    });
    expect(upstream.accepted).toHaveLength(TURNS);
    expect(new Set(upstream.accepted.map(({ account }) => account)).size).toBe(2);
    expect(upstream.refusals.length).toBeGreaterThan(0);
    expectWholeHistory(upstream.accepted.at(-1)?.text ?? "");
    await stage.stop();
  }, 20_000);

type Stage = {
  gateway: TestGateway;
  rules: Rules[];
  upstreams: StrictProvider[];
  /** The answer that is asked for next, from 1. */
  step: number;
  stop(): Promise<void>;
};

/** A combo of makers that play one conversation together. */
async function setUp(makers: readonly Maker[]): Promise<Stage> {
  let turn = 0;
  const next = () => ({ beat: beatOf(++turn), turn });
  const rules: Rules[] = makers.map(({ kind }) => STRICT_RULES[kind]());
  const upstreams = rules.map((one) => startStrictProvider(one, next));
  const gateway = await startGateway();
  for (const [index, maker] of makers.entries()) connect(gateway, maker, `${upstreams[index]?.url}/v1`);
  gateway.combo(
    "team",
    makers.map(({ model }) => model),
  );
  const stop = async () => {
    await gateway.stop();
    for (const upstream of upstreams) await upstream.stop();
  };
  return { gateway, rules, upstreams, step: 1, stop };
}

function connect(gateway: TestGateway, maker: Maker, baseUrl: string): void {
  if ("node" in maker) return void gateway.node("second", baseUrl, maker.node);
  const { provider } = maker;
  gateway.engine.manage.connections.create({ provider, name: provider, apiKey: "first-key", baseUrl }, ACTOR);
}

async function converse(stage: Stage, client: LoopClient, check: () => void): Promise<void> {
  client.say("Begin.");
  for (stage.step = 1; stage.step <= TURNS; stage.step++) {
    const { step } = stage;
    // What failed a moment ago is back at once.
    stage.gateway.engine.health.resetAll();
    const answer = await client.ask(stage.gateway.url, "team", step % 2 === 1);
    check();
    expectTold(answer, beatOf(step));
    for (const call of answer.calls) client.answerCall(call, `Result of ${call.name} in step ${step}.`);
    if (answer.calls.length === 0) client.say(`Go on after step ${step}.`);
  }
}

function passesOn(maker: Maker, format: FormatId): boolean {
  return "provider" in maker && STRICT_RULES[maker.kind]().format === format && format !== "openai-chat";
}
