import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { FORMAT_IDS, type FormatId } from "../../src/core/reply.ts";
import { isObject } from "../../src/lib/json.ts";
import { type CorpusProvider, startCorpusProvider } from "../kit/corpus-provider.ts";
import { corpus, type Corpus, type CorpusAnswer } from "../kit/corpus.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { canonicalJson } from "../kit/reply-facts.ts";
import { type ReadAnswer, SDK_READERS } from "../kit/sdk-readers.ts";

type Mode = "stream" | "whole";
type Field = keyof ReturnType<typeof expectedOf> | "error";
const MODES: readonly Mode[] = ["stream", "whole"];

/**
 * Where a client is told something else than was recorded, and why. Every line must be needed: one that no longer
 * applies makes the tests fail.
 */
const EXCEPTIONS: readonly {
  answers: readonly string[];
  clients: readonly FormatId[];
  modes?: readonly Mode[];
  fields: readonly Field[];
  why: string;
}[] = [
  {
    answers: ["anthropic/claude-spliced-message-start.chunks.txt"],
    clients: FORMAT_IDS,
    fields: ["error"],
    why: "a second answer begins inside the first; it ends as a failure instead of mixing the two",
  },
  {
    answers: ["anthropic/claude-programmatic-tools.json"],
    clients: ["openai-chat", "openai-responses", "gemini"],
    fields: ["finish"],
    why: "put together from several turns, it ends as said with calls in it: whoever is shown calls is told to run them",
  },
  {
    answers: ["anthropic/claude-programmatic-tools.json"],
    clients: ["anthropic"],
    modes: ["stream"],
    fields: ["finish"],
    why: "the same; whole, its bytes pass untouched",
  },
  {
    answers: ["gemini/vertex-unexpected-tool-call.json"],
    clients: ["openai-chat", "openai-responses", "anthropic"],
    fields: ["finish"],
    why: "the provider calls the turn a fault, but a whole call came with it: it is a turn with a call",
  },
  {
    answers: ["gemini/vertex-unexpected-tool-call.json"],
    clients: ["gemini"],
    modes: ["stream"],
    fields: ["finish"],
    why: "the same; whole, its bytes pass untouched",
  },
  {
    answers: ["openai-responses/openai-background-queued.json"],
    clients: ["openai-chat", "anthropic", "gemini"],
    fields: ["finish"],
    why: "only the Responses format knows answers that are fetched later",
  },
  {
    answers: ["openai-chat/made-refusal.sse", "openai-responses/made-refusal.sse"],
    clients: ["anthropic"],
    fields: ["finish"],
    why: "to OpenAI a refusal is an ordinary end, to Anthropic an end of its own",
  },
  {
    answers: ["openai-responses/azure-image-generation.chunks.txt"],
    clients: ["anthropic"],
    fields: ["text"],
    why: "Messages has no place for pictures in answers: a note stands in for one",
  },
  {
    answers: [
      "openai-responses/openai-apply-patch-delete.chunks.txt",
      "openai-responses/openai-apply-patch.json",
      "openai-responses/openai-local-shell.chunks.txt",
      "openai-responses/openai-shell-call.chunks.txt",
      "openai-responses/openai-shell-call.json",
    ],
    clients: ["openai-chat", "anthropic", "gemini"],
    fields: ["finish"],
    why: "calls of tools that only Responses clients can declare; other clients are told of no call, so none must run",
  },
  {
    answers: [
      "gemini/gemini-partial-args.chunks.txt",
      "gemini/gemini-partial-args-array-missing-terminal.chunks.txt",
      "gemini/gemini-partial-args-no-args-tools.chunks.txt",
    ],
    clients: ["gemini"],
    modes: ["stream"],
    fields: ["calls"],
    why: "bytes pass untouched from Google to Google's client, which asked for pieces of arguments and knows how to join them",
  },
  {
    answers: ["gemini/made-wrapped-response.sse"],
    clients: ["gemini"],
    modes: ["stream"],
    fields: ["text", "finish", "input", "output"],
    why: "bytes pass untouched; only Code Assist wraps its answers so, for clients of its own",
  },
  {
    answers: ["gemini/made-json-array.array.json"],
    clients: ["gemini"],
    modes: ["whole"],
    fields: ["text", "finish", "input", "output"],
    why: "bytes pass untouched; Google gives a list of chunks only to those who ask for a stream",
  },
];

const AT_ONCE = 16;
/** How streams are cut in the second pass: in the middle of characters, escapes and lines. */
const CUT = "-cut";
const PREFIXES: Readonly<Record<FormatId, string>> = {
  "openai-chat": "chat",
  "openai-responses": "responses",
  anthropic: "anthropic",
  gemini: "gemini",
};

describe("recorded answers through the running gateway, read by official SDKs", () => {
  if (corpus) replay(corpus);
});

function replay(source: Corpus): void {
  const all = [...source.answers.entries()];
  const failing = all.filter(([, answer]) => mustFail(answer));
  const good = all.filter(([, answer]) => !mustFail(answer));
  /** Two streams of each three, those with characters beyond ASCII among them. */
  const streams = good.filter(
    ([index, { kind, features }]) => kind === "stream" && (index % 3 > 0 || features.includes("non_ascii")),
  );
  let provider: CorpusProvider;
  let gateway: TestGateway;

  beforeAll(async () => {
    provider = startCorpusProvider(source);
    gateway = await startGateway();
    gateway.node("chat", provider.url("openai-chat"));
    gateway.node("responses", provider.url("openai-responses"), { apiType: "responses" });
    for (const id of ["anthropic", "gemini"] as const)
      gateway.engine.manage.connections.create(
        { provider: id, name: id, apiKey: "test-key", baseUrl: provider.url(id) },
        { name: "test" },
      );
    for (const [index, answer] of all)
      if (isAskedOnce(answer)) gateway.combo(`fx-${index}`, [modelOf(index, answer)]);
  });
  afterAll(async () => {
    await gateway.stop();
    await provider.stop();
  });

  const ask = (client: FormatId, model: string, mode: Mode) =>
    SDK_READERS[client](gateway.url, model, mode === "stream").catch((error: unknown) => error as Error);

  test("the exceptions are about answers that there are", () => {
    const known = new Set(good.map(([, answer]) => answer.file));
    expect(EXCEPTIONS.flatMap(({ answers }) => answers).filter((file) => !known.has(file))).toEqual([]);
  });

  for (const client of FORMAT_IDS) {
    for (const mode of MODES)
      test(`${client}: every answer says what was recorded, ${mode}`, async () => {
        const found: string[] = [];
        await inParallel(good, async ([index, answer]) => {
          const read = await ask(client, nameOf(index, answer), mode);
          found.push(...differences(read, answer, client).map((field) => `${answer.file}: ${field}`));
        });
        expect(found.toSorted()).toEqual(excepted(client, mode, good));
      }, 30_000);

    test(`${client}: streams cut into pieces of 7 bytes say the same`, async () => {
      const found: string[] = [];
      await inParallel(streams, async ([index, answer]) => {
        const read = await ask(client, modelOf(index, answer) + CUT, "stream");
        found.push(...differences(read, answer, client).map((field) => `${answer.file}: ${field}`));
      });
      expect(found.toSorted()).toEqual(excepted(client, "stream", streams));
    }, 30_000);

    test(`${client}: answers that failed or broke off are failures, in the provider's words`, async () => {
      for (const mode of MODES)
        for (const [index, answer] of failing) {
          gateway.engine.health.resetAll();
          const read = await ask(client, nameOf(index, answer), mode);
          const told = read instanceof Error ? read.message : "a success";
          expect([answer.file, mode, told]).toEqual([
            answer.file,
            mode,
            expect.stringContaining(toldReason(answer)),
          ]);
          expect(told).not.toBe("a success");
        }
      gateway.engine.health.resetAll();
    }, 30_000);
  }
}

/** A combo is what can be told not to try again what failed. */
const nameOf = (index: number, answer: CorpusAnswer): string =>
  isAskedOnce(answer) ? `fx-${index}` : modelOf(index, answer);

const isAskedOnce = (answer: CorpusAnswer): boolean =>
  mustFail(answer) ||
  EXCEPTIONS.some(({ answers, fields }) => fields.includes("error") && answers.includes(answer.file));

const modelOf = (index: number, answer: CorpusAnswer): string => `${PREFIXES[answer.format]}/fx-${index}`;

const mustFail = ({ expected }: CorpusAnswer): boolean =>
  Boolean(expected.error) || expected.complete === false;

/** The beginning of the provider's own message, as it stands inside an error that may be JSON itself. */
function toldReason({ expected }: CorpusAnswer): string {
  const { error } = expected;
  const message = isObject(error) ? (error["message"] ?? error["detail"]) : error;
  if (typeof message !== "string") return "";
  return JSON.stringify(message).slice(1, 41).split(/[\\"]/)[0] ?? "";
}

async function inParallel<T>(items: readonly T[], step: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const work = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await step(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** The differences that the table above foresees among these answers. */
function excepted(client: FormatId, mode: Mode, among: readonly [number, CorpusAnswer][]): string[] {
  const files = new Set(among.map(([, answer]) => answer.file));
  return EXCEPTIONS.filter(
    ({ clients, modes }) => clients.includes(client) && (modes ?? MODES).includes(mode),
  )
    .flatMap(({ answers, fields }) =>
      answers.filter((file) => files.has(file)).flatMap((file) => fields.map((field) => `${file}: ${field}`)),
    )
    .toSorted();
}

function differences(read: ReadAnswer | Error, answer: CorpusAnswer, client: FormatId): Field[] {
  if (read instanceof Error) return ["error"];
  const wanted = expectedOf(answer, client);
  const told = {
    ...read,
    text: (read.text + read.refusal).trim(),
    cacheRead: read.cacheRead ?? 0,
    reasoningTokens: read.reasoningTokens ?? 0,
  };
  return (Object.keys(wanted) as (keyof typeof wanted)[]).filter(
    (field) => wanted[field] !== undefined && !Bun.deepEquals(told[field], wanted[field]),
  );
}

/** What the index says of an answer; undefined for counts that nobody gave. */
function expectedOf({ expected, format }: CorpusAnswer, client: FormatId) {
  // The nodes are told that thoughts may stand in tags.
  const lifted = format === "openai-chat" ? expected.think_lifted : undefined;
  const reasoning = lifted?.reasoning ?? (expected.reasoning_parts ?? []).join("");
  const { usage } = expected;
  return {
    text: ((lifted?.text ?? expected.text ?? "") + (expected.refusal ?? "")).trim(),
    reasoning: reasoning.replace(/\s+/g, ""),
    calls: (expected.tool_calls ?? []).flatMap(({ kind, name, arguments: input }): [string, string][] => {
      if (kind === "custom") return [[name, JSON.stringify({ input })]];
      return kind === "function" ? [[name, canonicalJson(JSON.stringify(input ?? {}))]] : [];
    }),
    finish: finishFor(expected, client),
    input: usage?.input_total ?? undefined,
    output: usage?.output_total ?? undefined,
    cacheRead: usage?.cache_read ?? undefined,
    reasoningTokens: usage?.reasoning ?? undefined,
  };
}

/** Only Messages has a word for an answer that pauses; elsewhere it is an ordinary end. */
function finishFor({ finish, tool_calls: calls }: CorpusAnswer["expected"], client: FormatId): string {
  if (finish === "pause") return client === "anthropic" ? "pause" : "stop";
  if (finish === null || finish === undefined) return calls?.length ? "tool-calls" : "stop";
  return finish.replace("_", "-");
}
