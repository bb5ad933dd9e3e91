import type { EvalRun, EvalSummary } from "../core/eval-run.ts";

/** Runs side by side: one column for each model of each run, one row for each case. */
export type Comparison = {
  columns: { runId: string; at: number; suiteId: string; model: string; summary: ColumnSummary }[];
  rows: {
    caseId: string;
    /** In the order of the columns; null where that run did not have the case. */
    cells: ({ passed: boolean; durationMs: number; details: string; output: string } | null)[];
    /** Not all columns came to the same. */
    differs: boolean;
  }[];
};
type ColumnSummary = Pick<EvalSummary, "total" | "passed" | "passRate"> & { averageMs: number };

/** Puts runs side by side, in the order given. */
export function compareRuns(runs: readonly EvalRun[]): Comparison {
  const columns = runs.flatMap((run) => {
    const models = [...new Set(run.results.map(({ model }) => model ?? ""))];
    return models.map((model) => ({
      run,
      model,
      byCase: new Map(
        run.results
          .filter((result) => (result.model ?? "") === model)
          .map((result) => [result.caseId, result]),
      ),
    }));
  });
  const cases = [...new Set(runs.flatMap(({ results }) => results.map(({ caseId }) => caseId)))];
  return {
    columns: columns.map(({ run, model, byCase }) => ({
      runId: run.id,
      at: run.at,
      suiteId: run.suiteId,
      model,
      summary: columnSummary([...byCase.values()]),
    })),
    rows: cases.map((caseId) => {
      const found = columns.map(({ byCase }) => byCase.get(caseId));
      const outcomes = new Set(found.flatMap((result) => (result ? [result.passed] : [])));
      return {
        caseId,
        cells: found.map((result) =>
          result
            ? {
                passed: result.passed,
                durationMs: result.durationMs,
                details: result.details,
                output: result.output,
              }
            : null,
        ),
        differs: outcomes.size > 1,
      };
    }),
  };
}

function columnSummary(results: readonly EvalRun["results"][number][]): ColumnSummary {
  const total = results.length;
  const passed = results.filter((result) => result.passed).length;
  const spent = results.reduce((sum, { durationMs }) => sum + durationMs, 0);
  return {
    total,
    passed,
    passRate: total === 0 ? 0 : passed / total,
    averageMs: total === 0 ? 0 : Math.round(spent / total),
  };
}
