import type { Expectation } from "../suite.ts";

/** What came of a check, in words for people. */
export type Verdict = { passed: boolean; details: string };

/** Asks a model one thing and gives its words; for checks that need one. Throws `GatewayError`. */
export type AskModel = (model: string, system: string, question: string) => Promise<string>;

/** What a judge must know beside the answer. */
export type CheckContext = { question: string; judge?: string; ask: AskModel };

/** One way to tell whether an answer is right. */
export type Check = {
  /** Looks at an expectation when it is saved. Throws `bad_request`. */
  verify?(expected: Expectation): void;
  run(output: string, expected: Expectation, context: CheckContext): Verdict | Promise<Verdict>;
};
