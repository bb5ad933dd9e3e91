import { badRequest } from "../../core/errors.ts";
import { ExpressionError, parseExpression, verifyExpression } from "../expression.ts";
import type { Check } from "./check.ts";

/** A small expression over `output` that comes out true. It is read and worked out here, never run as code. */
export const custom: Check = {
  verify: ({ value }) => said(() => verifyExpression(value)),
  run(output, { value }) {
    const expression = read(value);
    try {
      const passed = Boolean(expression(output));
      return { passed, details: passed ? "The expression is true." : "The expression is not true." };
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      return { passed: false, details: error.message };
    }
  },
};

const read = (value: string): ((output: string) => unknown) => said(() => parseExpression(value));

/** What is wrong with an expression, as an answer says it. */
function said<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw badRequest(error.message, "expected.value");
  }
}
