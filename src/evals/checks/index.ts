import type { CheckStrategy, Expectation } from "../suite.ts";
import type { Check, CheckContext, Verdict } from "./check.ts";
import { contains } from "./contains.ts";
import { custom } from "./custom.ts";
import { exact } from "./exact.ts";
import { judge } from "./judge.ts";
import { regex } from "./regex.ts";

export type { AskModel, CheckContext, Verdict } from "./check.ts";

const CHECKS: Readonly<Record<CheckStrategy, Check>> = { exact, contains, regex, custom, judge };

/** Can this expectation be checked at all? Throws `bad_request` saying why not. */
export function verify(expected: Expectation): void {
  CHECKS[expected.strategy].verify?.(expected);
}

/** Is this answer right? Throws `bad_request` for an expectation that cannot be checked; a judge's own failures. */
export async function check(output: string, expected: Expectation, context: CheckContext): Promise<Verdict> {
  return CHECKS[expected.strategy].run(output, expected, context);
}
