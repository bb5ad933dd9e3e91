import type { EvalResult } from "../core/eval-run.ts";
import { GatewayError } from "../core/errors.ts";
import type { Clock } from "../lib/clock.ts";
import { sideBySide } from "../lib/side-by-side.ts";
import type { Relay } from "../relay/index.ts";
import { ask, bodyOf, questionOf } from "./ask.ts";
import { check, type CheckContext } from "./checks/index.ts";
import type { EvalCase } from "./suite.ts";

/** One case for one model. */
export type Task = { case: EvalCase; model: string };

export type TaskOptions = { relay: Relay; clock: Clock; signal: AbortSignal; judge?: string };

const LONGEST_OUTPUT = 1000;

/** Asks one model one case and checks its answer; a failed call is a failed case that says why. */
async function runTask(task: Task, options: TaskOptions): Promise<EvalResult> {
  const { clock, relay, signal } = options;
  const started = clock.monotonic();
  const told = { caseId: task.case.id, model: task.model };
  const took = () => Math.round(clock.monotonic() - started);
  try {
    const { text, ...facts } = await ask(relay, bodyOf(task.case.input, task.model), signal);
    const durationMs = took();
    const verdict = await checkAnswer(text, task.case, options);
    return { ...told, ...facts, ...verdict, durationMs, output: text.slice(0, LONGEST_OUTPUT) };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const details = `${error.code}: ${error.message}`;
    return { ...told, passed: false, durationMs: took(), details, output: "" };
  }
}

/** Checks an answer that was given from outside. Throws `bad_request` for what cannot be checked. */
export async function checkOutput(
  output: string,
  tested: EvalCase,
  options: TaskOptions,
): Promise<EvalResult> {
  const started = options.clock.monotonic();
  const verdict = await checkAnswer(output, tested, options);
  const durationMs = Math.round(options.clock.monotonic() - started);
  return { caseId: tested.id, ...verdict, durationMs, output: output.slice(0, LONGEST_OUTPUT) };
}

function checkAnswer(output: string, { input, expected }: EvalCase, options: TaskOptions) {
  return check(output, expected, contextFor(questionOf(input), options));
}

/** What checks may use: a judge is asked over the router, at temperature 0. */
export function contextFor(question: string, { relay, signal, judge }: TaskOptions): CheckContext {
  return {
    question,
    ...(judge !== undefined && { judge }),
    ask: async (model, system, asked) => {
      const messages = [
        { role: "system", content: system },
        { role: "user", content: asked },
      ];
      return (await ask(relay, { model, temperature: 0, messages }, signal)).text;
    },
  };
}

/**
 * Does the tasks side by side, at most `parallel` at a time, until all are done or `signal` aborts. `onResult` hears
 * each as it comes; the results stand in the order of the tasks.
 */
export function runTasks(
  tasks: readonly Task[],
  parallel: number,
  options: TaskOptions,
  onResult: (result: EvalResult) => void,
): Promise<EvalResult[]> {
  return sideBySide(tasks, parallel, options.signal, async (task) => {
    const result = await runTask(task, options);
    // What was broken off says nothing about the model.
    if (options.signal.aborted) return undefined;
    onResult(result);
    return result;
  });
}
