import { desc, eq, getTableColumns } from "drizzle-orm";
import type { EvalRun } from "../core/eval-run.ts";
import { evalRuns } from "./log-schema.ts";
import type { Store } from "./store.ts";

/** Runs without their results, the newest first. */
export function listEvalRuns(
  store: Store,
  { suiteId, limit = 50 }: { suiteId?: string; limit?: number } = {},
): Omit<EvalRun, "results">[] {
  const { results: _results, ...columns } = getTableColumns(evalRuns);
  return store.logs
    .select(columns)
    .from(evalRuns)
    .where(suiteId === undefined ? undefined : eq(evalRuns.suiteId, suiteId))
    .orderBy(desc(evalRuns.at))
    .limit(limit)
    .all();
}

/** A run with all its results; undefined when it is not (or no longer) kept. */
export function findEvalRun(store: Store, id: string): EvalRun | undefined {
  return store.logs.select().from(evalRuns).where(eq(evalRuns.id, id)).get();
}

/** Keeps a run that is over. */
export function saveEvalRun(store: Store, run: EvalRun): void {
  store.change(undefined, () => store.logs.insert(evalRuns).values(run).run());
}

/** True when there was one. */
export function removeEvalRun(store: Store, id: string): boolean {
  return store.change(
    undefined,
    () =>
      store.logs.delete(evalRuns).where(eq(evalRuns.id, id)).returning({ id: evalRuns.id }).all().length > 0,
  );
}
