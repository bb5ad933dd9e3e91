import type { EvalResult, EvalRun } from "../core/eval-run.ts";
import { summaryOf } from "../core/eval-run.ts";
import { GatewayError } from "../core/errors.ts";
import { newId } from "../lib/ids.ts";
import type { Clock } from "../lib/clock.ts";
import { createRelay, type RelayDeps } from "../relay/index.ts";
import { findEvalRun, listEvalRuns, removeEvalRun, saveEvalRun, type Store } from "../store/index.ts";
import { runTasks, type Task } from "./run.ts";
import type { Suite } from "./suite.ts";

/** How far a run is. Times in milliseconds since 1970. */
export type EvalProgress = {
  runId: string;
  suiteId: string;
  suiteName: string;
  at: number;
  models: string[];
  done: number;
  total: number;
  passed: number;
  status: "running" | EvalRun["status"];
};

export type RunWish = { suite: Suite; models: string[]; tasks: Task[]; parallel: number; judge?: string };

export type RunBookDeps = {
  store: Store;
  clock: Clock;
  relay: RelayDeps;
  /** Told each time a case is done, and at the end. */
  onProgress(progress: EvalProgress): void;
};

type Running = {
  progress: EvalProgress;
  results: EvalResult[];
  stop: AbortController;
  over: Promise<EvalRun>;
};

const MOST_RUNNING = 3;

/** The runs in work, and those that are kept. */
export class RunBook {
  readonly #running = new Map<string, Running>();

  constructor(readonly deps: RunBookDeps) {}

  /** Starts a run and comes back at once; `over` resolves with the kept run. Throws `rate_limit_exceeded`. */
  start(wish: RunWish): { id: string; over: Promise<EvalRun> } {
    if (this.#running.size >= MOST_RUNNING)
      throw new GatewayError(
        "rate_limit_exceeded",
        `${MOST_RUNNING} runs are at work: wait for one to end.`,
        {
          retryAfterMs: 10_000,
        },
      );
    const id = newId();
    const { suite, models, tasks } = wish;
    const progress: EvalProgress = {
      runId: id,
      suiteId: suite.id,
      suiteName: suite.name,
      at: this.deps.clock.now(),
      models,
      done: 0,
      total: tasks.length,
      passed: 0,
      status: "running",
    };
    const running = { progress, results: [] as EvalResult[], stop: new AbortController() };
    const over = this.#run(wish, running).finally(() => this.#running.delete(id));
    // Whoever does not wait for the end hears of it by its progress.
    over.catch(() => {});
    this.#running.set(id, { ...running, over });
    this.deps.onProgress({ ...progress });
    return { id, over };
  }

  /** Runs in work, then the kept ones without results, the newest first. */
  list(suiteId?: string, limit?: number) {
    return listEvalRuns(this.deps.store, {
      ...(suiteId !== undefined && { suiteId }),
      ...(limit !== undefined && { limit }),
    });
  }

  running(): EvalProgress[] {
    return [...this.#running.values()].map(({ progress }) => ({ ...progress }));
  }

  /** How far a run in work is, and what it has so far; undefined when it is not at work. */
  progress(id: string): { progress: EvalProgress; results: readonly EvalResult[] } | undefined {
    const running = this.#running.get(id);
    return running && { progress: { ...running.progress }, results: running.results };
  }

  /** A kept run with its results. Throws `not_found`. */
  find(id: string): EvalRun {
    const run = findEvalRun(this.deps.store, id);
    if (!run) throw new GatewayError("not_found", "There is no such run, or it is no longer kept.");
    return run;
  }

  /** Ends a run in work: what it has is kept. Throws `not_found`. */
  cancel(id: string): Promise<EvalRun> {
    const running = this.#running.get(id);
    if (!running) throw new GatewayError("not_found", "No such run is at work.");
    running.stop.abort();
    return running.over;
  }

  /** Removes a kept run. Throws `not_found`, and `conflict` while it is at work. */
  remove(id: string): void {
    if (this.#running.has(id)) throw new GatewayError("conflict", "The run is at work: cancel it first.");
    if (!removeEvalRun(this.deps.store, id))
      throw new GatewayError("not_found", "There is no such run, or it is no longer kept.");
  }

  /** Ends all runs. */
  async close(): Promise<void> {
    const all = [...this.#running.values()];
    for (const { stop } of all) stop.abort();
    await Promise.allSettled(all.map(({ over }) => over));
  }

  async #run(wish: RunWish, { progress, results, stop }: Omit<Running, "over">): Promise<EvalRun> {
    const { clock, relay, store, onProgress } = this.deps;
    const options = {
      relay: createRelay(relay),
      clock,
      signal: stop.signal,
      ...(wish.judge !== undefined && { judge: wish.judge }),
    };
    const all = await runTasks(wish.tasks, wish.parallel, options, (result) => {
      results.push(result);
      progress.done++;
      if (result.passed) progress.passed++;
      onProgress({ ...progress });
    });
    progress.status = stop.signal.aborted ? "cancelled" : "done";
    const run: EvalRun = {
      id: progress.runId,
      at: progress.at,
      finishedAt: clock.now(),
      suiteId: progress.suiteId,
      suiteName: progress.suiteName,
      status: progress.status,
      models: progress.models,
      summary: summaryOf(all),
      results: all,
    };
    saveEvalRun(store, run);
    onProgress({ ...progress });
    return run;
  }
}
