/** What came of one case with one model. Durations in milliseconds. */
export type EvalResult = {
  caseId: string;
  /** The name asked: a model, alias or combo. Absent where the answer was given from outside. */
  model?: string;
  /** `prefix/id` that answered. */
  answeredBy?: string;
  passed: boolean;
  durationMs: number;
  /** Why, in words. */
  details: string;
  /** The answer's beginning. */
  output: string;
  tokensIn?: number;
  tokensOut?: number;
  /** USD; absent when the price is unknown. */
  cost?: number;
};

export type EvalSummary = {
  total: number;
  passed: number;
  failed: number;
  /** From 0 to 1. */
  passRate: number;
  /** USD, of the results whose price is known. */
  cost: number;
  unknownPrices: number;
};

/** One run of a suite over models. Times in milliseconds since 1970. */
export type EvalRun = {
  id: string;
  at: number;
  finishedAt: number;
  suiteId: string;
  suiteName: string;
  status: "done" | "cancelled";
  models: string[];
  summary: EvalSummary;
  results: EvalResult[];
};

/** The sums of results. */
export function summaryOf(results: readonly EvalResult[]): EvalSummary {
  const passed = results.filter((result) => result.passed).length;
  return {
    total: results.length,
    passed,
    failed: results.length - passed,
    passRate: results.length === 0 ? 0 : passed / results.length,
    cost: results.reduce((sum, { cost }) => sum + (cost ?? 0), 0),
    unknownPrices: results.filter(({ model, cost }) => model !== undefined && cost === undefined).length,
  };
}
