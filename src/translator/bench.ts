import { z } from "zod";
import { badRequest, GatewayError, TargetFailure } from "../core/errors.ts";
import type { Loss } from "../core/format.ts";
import { FORMAT_IDS } from "../core/reply.ts";
import type { ChatRequest } from "../core/request.ts";
import { checkAnswer, expectation, type Verdict } from "../evals/index.ts";
import { CLIENT_FORMATS } from "../formats/index.ts";
import type { JsonObject } from "../lib/json.ts";
import { sideBySide } from "../lib/side-by-side.ts";
import { parseInput } from "../core/parse-input.ts";
import { chatTest, type ChatTestDeps, sourceOf } from "./chat-test.ts";
import { decodeBody } from "./client-call.ts";
import { type AnyFormatId, formatOf, shownName } from "./format-names.ts";
import { differences } from "./same-meaning.ts";
import { listTemplates } from "./templates.ts";
import { encodeFor } from "./translate.ts";

const MOST_CELLS = 1000;
const MOST_CALLS = 200;
const LONGEST_OUTPUT = 4000;

const formatNames = z.array(z.string().max(100)).max(10);

const benchCase = z.object({
  name: z.string().trim().min(1).max(200),
  sourceFormat: z.string().max(100).nullish(),
  /** A client's request. */
  body: z.record(z.string(), z.unknown()),
  /** What the answer's text must be, where models are asked. */
  expected: expectation.optional(),
  /** What the translated request must be, as JSON text. */
  expectedBody: expectation.optional(),
});

export const benchInput = z.object({
  /** Without any: the templates. */
  cases: z.array(benchCase).min(1).max(100).optional(),
  /** Formats the cases are written in first. Without any: each case's own. */
  sources: formatNames.optional(),
  /** Formats they are translated into. Without any, where no models are named: all. */
  targets: formatNames.optional(),
  /** Models, aliases or combos to ask for real, through the case's own format. */
  models: z.array(z.string().trim().min(1).max(256)).max(20).optional(),
  parallel: z.coerce.number().int().min(1).max(16).default(4),
});

/** One case from one format into another. */
export type PairResult = {
  case: string;
  source: string;
  target: string;
  passed: boolean;
  /** What the translation says differently, or why it failed. */
  details: string;
  losses: Loss[];
  result: JsonObject | null;
};

/** One case asked of one model for real. */
export type ModelResult = {
  case: string;
  model: string;
  passed: boolean;
  status: number;
  durationMs: number;
  details: string;
  output: string;
  /** Which format the provider was spoken to in. */
  target: string | null;
  cost: number | null;
};

export type BenchResult = {
  pairs: PairResult[];
  models: ModelResult[];
  summary: { total: number; passed: number; failed: number };
};

type Case = { name: string; source: AnyFormatId; body: JsonObject } & Pick<
  z.output<typeof benchCase>,
  "expected" | "expectedBody"
>;

/**
 * Translates every case over every pair of formats and looks whether it still says the same, and asks models every
 * case for real. `onProgress` hears how many of all cells are done. Throws `bad_request`.
 */
export async function runBench(
  deps: ChatTestDeps,
  input: unknown,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<BenchResult> {
  const wish = parseInput(benchInput, input);
  const cases = casesOf(wish.cases);
  const models = wish.models ?? [];
  const targets = (wish.targets ?? (models.length > 0 ? [] : ALL_TARGETS)).map((name) =>
    formatOf(name, "targets"),
  );
  const sources = (wish.sources ?? []).map((name) => formatOf(name, "sources"));
  const cells = cases.flatMap((one) =>
    (sources.length > 0 ? sources : [one.source]).flatMap((source) =>
      targets.map((target) => ({ one, source, target })),
    ),
  );
  const calls = cases.flatMap((one) => models.map((model) => ({ one, model })));
  refuseTooMany(cells.length, calls.length);
  const total = cells.length + calls.length;
  let done = 0;
  const told = <Result>(result: Result): Result => {
    onProgress(++done, total);
    return result;
  };
  const pairs: PairResult[] = [];
  for (const { one, source, target } of cells) pairs.push(told(await pair(one, source, target)));
  const asked = await sideBySide(calls, wish.parallel, signal, async ({ one, model }) =>
    told(await askModel(deps, one, model, signal)),
  );
  const passed = [...pairs, ...asked].filter((result) => result.passed).length;
  const count = pairs.length + asked.length;
  return { pairs, models: asked, summary: { total: count, passed, failed: count - passed } };
}

const ALL_TARGETS = [...FORMAT_IDS, "kiro"];

function casesOf(given: z.output<typeof benchInput>["cases"]): Case[] {
  if (!given)
    return listTemplates().map(({ name, bodies }) => ({
      name,
      source: "openai-chat",
      body: bodies.openai ?? {},
    }));
  return given.map(({ sourceFormat, ...one }) => ({
    ...one,
    source: sourceOf({ sourceFormat, body: one.body }),
  }));
}

function refuseTooMany(cells: number, calls: number): void {
  if (cells + calls === 0) throw badRequest("Name formats to translate into, or models to ask.", "targets");
  if (cells > MOST_CELLS)
    throw badRequest(`That makes ${cells} translations; at most ${MOST_CELLS}.`, "cases");
  if (calls > MOST_CALLS) throw badRequest(`That makes ${calls} calls; at most ${MOST_CALLS}.`, "models");
}

async function pair(one: Case, source: AnyFormatId, target: AnyFormatId): Promise<PairResult> {
  const told = { case: one.name, source: shownName(source), target: shownName(target) };
  try {
    const before = rewritten(decodeBody(one.body, one.source), one.source, source);
    const { body, losses } = encodeFor(before, target);
    const changed = target in CLIENT_FORMATS ? differences(before, decodedAgain(body, target)) : [];
    const verdict = await expectedOf(one.expectedBody, JSON.stringify(body));
    const details = [...changed.map((what) => `differs: ${what}`), verdict.details]
      .filter(Boolean)
      .join("; ");
    return { ...told, passed: changed.length === 0 && verdict.passed, details, losses, result: body };
  } catch (error) {
    if (!(error instanceof GatewayError) && !(error instanceof TargetFailure)) throw error;
    return { ...told, passed: false, details: error.message, losses: [], result: null };
  }
}

/** The request as a client of another format would have written it. */
function rewritten(request: ChatRequest, own: AnyFormatId, source: AnyFormatId): ChatRequest {
  return source === own ? request : decodedAgain(encodeFor(request, source).body, source);
}

const decodedAgain = (body: JsonObject, format: AnyFormatId): ChatRequest =>
  decodeBody(format === "gemini" ? { model: "model", ...body } : body, format);

const NOTHING_EXPECTED: Verdict = { passed: true, details: "" };

function expectedOf(expected: Case["expected"], text: string): Promise<Verdict> | Verdict {
  return expected ? checkAnswer(text, expected) : NOTHING_EXPECTED;
}

async function askModel(
  deps: ChatTestDeps,
  one: Case,
  model: string,
  signal: AbortSignal,
): Promise<ModelResult> {
  const { clock } = deps.relay;
  const started = clock.monotonic();
  const test = await chatTest(deps, { sourceFormat: one.source, model, body: one.body }, signal);
  const durationMs = Math.round(clock.monotonic() - started);
  const { status, headers, body } = test.output;
  const text = (test.canonicalReply?.parts ?? [])
    .map((part) => (part.type === "text" ? part.text : ""))
    .join("");
  const cost = headers["x-omniroute-response-cost"];
  const verdict =
    status < 400
      ? await expectedOf(one.expected, text)
      : { passed: false, details: `status ${status}: ${JSON.stringify(body).slice(0, 500)}` };
  return {
    case: one.name,
    model,
    ...verdict,
    status,
    durationMs,
    output: text.slice(0, LONGEST_OUTPUT),
    target: test.exchanges.at(-1)?.format ?? null,
    cost: cost === undefined ? null : Number(cost),
  };
}
