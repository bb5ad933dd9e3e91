import { z } from "zod";
import type { EvalResult, EvalRun, EvalSummary } from "../core/eval-run.ts";
import { summaryOf } from "../core/eval-run.ts";
import { badRequest, GatewayError } from "../core/errors.ts";
import { estimateInputTokens } from "../core/estimate.ts";
import type { Plan } from "../core/target.ts";
import { CLIENT_FORMATS } from "../formats/index.ts";
import { parseInput } from "../core/parse-input.ts";
import type { Actor } from "../manage/index.ts";
import { createRelay } from "../relay/index.ts";
import { bodyOf } from "./ask.ts";
import { check, type Verdict, verify } from "./checks/index.ts";
import { compareRuns, type Comparison } from "./compare.ts";
import { checkOutput, contextFor, type Task } from "./run.ts";
import { type EvalProgress, RunBook, type RunBookDeps } from "./run-book.ts";
import { type EvalCase, type Expectation, expectation, type Suite } from "./suite.ts";
import { listSuites, removeSuite, saveSuite, suiteById } from "./suites.ts";

export { expectation, suiteInput, STRATEGIES } from "./suite.ts";
export type { CheckStrategy, EvalCase, Expectation, Suite } from "./suite.ts";
export type { Verdict } from "./checks/index.ts";
export type { Comparison } from "./compare.ts";
export type { EvalProgress } from "./run-book.ts";

const MOST_CALLS = 1000;

const modelNames = z.array(z.string().trim().min(1).max(256)).max(20);

export const evalRunInput = z.object({
  suiteId: z.string().min(1).max(64),
  /** Models, aliases and combos. Without any, each case's own. */
  models: modelNames.optional(),
  /** Answers from elsewhere, by case id: they are checked, nobody is asked. */
  outputs: z.record(z.string(), z.string().max(1_000_000)).optional(),
  /** Only cases with one of these tags. */
  tags: z.array(z.string()).max(20).optional(),
  /** The model that judges, for cases that name none. */
  judge: z.string().min(1).max(256).optional(),
  /** How many calls at a time. */
  parallel: z.coerce.number().int().min(1).max(16).default(4),
});

export const checkInput = z.object({
  strategy: expectation.shape.strategy,
  expected: z.union([z.string().min(1).max(5000), expectation.omit({ strategy: true })]),
  output: z.string().max(1_000_000),
  judge: z.string().min(1).max(256).optional(),
});

/** What a run would take, before anybody is asked. USD; `unknownPrices`: calls whose price nobody knows. */
export type EvalEstimate = {
  suiteId: string;
  models: { model: string; calls: number; cost: number; unknownPrices: number; error?: string }[];
  calls: number;
  cost: number;
  unknownPrices: number;
};

export type EvalDeps = RunBookDeps & {
  /** The plan a name would get now. Throws `GatewayError`. */
  plan(model: string): Plan;
};

/** Checks a text against an expectation that needs no judge. Throws `bad_request` for one that cannot be checked. */
export function checkAnswer(text: string, expected: Expectation): Promise<Verdict> {
  const ask = () => Promise.reject(badRequest("A judge cannot be asked here.", "expected.strategy"));
  return check(text, expected, { question: "", ask });
}

/** What the Evals page, the API and the command line do. Everything throws `GatewayError` for the person. */
export function createEvals(deps: EvalDeps) {
  const book = new RunBook(deps);
  const { store, clock } = deps;
  const outside = (signal: AbortSignal, judge?: string) => ({
    relay: createRelay(deps.relay),
    clock,
    signal,
    ...(judge !== undefined && { judge }),
  });
  return {
    suites: {
      list: (): Suite[] => listSuites(store),
      find: (id: string): Suite => suiteById(store, id),
      save: (id: string, input: unknown, actor: Actor): Suite => saveSuite(store, id, input, actor),
      remove: (id: string, actor: Actor): void => removeSuite(store, id, actor),
    },
    /** Checks one answer against one expectation. */
    async check(input: unknown, signal: AbortSignal): Promise<Verdict> {
      const { strategy, expected, output, judge } = parseInput(checkInput, input);
      const whole = { strategy, ...(typeof expected === "string" ? { value: expected } : expected) };
      verify(whole);
      return check(output, whole, contextFor("", outside(signal, judge)));
    },
    /** Checks answers that were given elsewhere; nothing is kept. */
    async evaluate(
      input: unknown,
      signal: AbortSignal,
    ): Promise<{ results: EvalResult[]; summary: EvalSummary }> {
      const wish = parseInput(evalRunInput, input);
      const { cases } = suiteById(store, wish.suiteId);
      const options = outside(signal, wish.judge);
      const results: EvalResult[] = [];
      for (const [caseId, output] of Object.entries(wish.outputs ?? {})) {
        const tested = cases.find(({ id }) => id === caseId);
        if (!tested) throw badRequest(`The suite has no case \`${caseId.slice(0, 100)}\`.`, "outputs");
        results.push(await checkOutput(output, tested, options));
      }
      return { results, summary: summaryOf(results) };
    },
    /** What a run would cost at list prices, with answers of usual length. */
    estimate(input: unknown): EvalEstimate {
      const wish = parseInput(evalRunInput, input);
      return estimateOf(deps, wish.suiteId, tasksOf(suiteById(store, wish.suiteId), wish));
    },
    /** Starts a run over models; `over` resolves with the kept run. Its progress comes as `eval` events. */
    start(input: unknown): { id: string; over: Promise<EvalRun> } {
      const wish = parseInput(evalRunInput, input);
      const suite = suiteById(store, wish.suiteId);
      const tasks = tasksOf(suite, wish);
      const models = [...new Set(tasks.map(({ model }) => model))];
      const { parallel, judge } = wish;
      return book.start({ suite, models, tasks, parallel, ...(judge !== undefined && { judge }) });
    },
    runs: {
      /** Kept runs without results, the newest first. */
      list: (suiteId?: string, limit?: number): Omit<EvalRun, "results">[] => book.list(suiteId, limit),
      /** Runs at work now. */
      running: (): EvalProgress[] => book.running(),
      progress: (id: string) => book.progress(id),
      find: (id: string): EvalRun => book.find(id),
      cancel: (id: string): Promise<EvalRun> => book.cancel(id),
      remove: (id: string): void => book.remove(id),
      /** Two to ten kept runs side by side. */
      compare(ids: readonly string[]): Comparison {
        if (ids.length < 1 || ids.length > 10) throw badRequest("Name one to ten runs.", "runs");
        return compareRuns(ids.map((id) => book.find(id)));
      },
    },
    close: (): Promise<void> => book.close(),
  };
}

export type Evals = ReturnType<typeof createEvals>;

type Wish = z.output<typeof evalRunInput>;

function tasksOf({ cases }: Suite, { models = [], tags }: Wish): Task[] {
  const chosen = tags?.length ? cases.filter((one) => one.tags.some((tag) => tags.includes(tag))) : cases;
  const tasks = chosen.flatMap((one) => modelsFor(one, models).map((model) => ({ case: one, model })));
  if (tasks.length === 0)
    throw badRequest("Name the models to ask: no case of this suite names one.", "models");
  if (tasks.length > MOST_CALLS) throw badRequest(`A run may make at most ${MOST_CALLS} calls.`, "models");
  return tasks;
}

const modelsFor = (one: EvalCase, models: readonly string[]): readonly string[] =>
  models.length > 0 ? models : one.model === undefined ? [] : [one.model];

function estimateOf(deps: EvalDeps, suiteId: string, tasks: readonly Task[]): EvalEstimate {
  const models = [...Map.groupBy(tasks, ({ model }) => model)].map(([model, own]) =>
    estimateFor(deps, model, own),
  );
  const sum = (field: "calls" | "cost" | "unknownPrices") =>
    models.reduce((total, one) => total + one[field], 0);
  return { suiteId, models, calls: sum("calls"), cost: sum("cost"), unknownPrices: sum("unknownPrices") };
}

function estimateFor(deps: EvalDeps, model: string, tasks: readonly Task[]): EvalEstimate["models"][number] {
  const calls = tasks.length;
  try {
    const [target] = deps.plan(model).targets;
    const costs = tasks.map((task) => {
      const request = CLIENT_FORMATS["openai-chat"].decodeRequest(bodyOf(task.case.input, model));
      return target && deps.relay.expectedPrice(target, estimateInputTokens(request))?.cost;
    });
    const known = costs.filter((cost) => cost !== undefined);
    const cost = known.reduce((total, one) => total + one, 0);
    return { model, calls, cost, unknownPrices: calls - known.length };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { model, calls, cost: 0, unknownPrices: calls, error: error.message };
  }
}
