import { z } from "zod";

export const STRATEGIES = ["exact", "contains", "regex", "custom", "judge"] as const;
export type CheckStrategy = (typeof STRATEGIES)[number];

/** What an answer must be. */
export const expectation = z.object({
  strategy: z.enum(STRATEGIES),
  /** The text, pattern, expression, or what a judge should look for. */
  value: z.string().min(1).max(5000),
  /** `regex`: any of `i`, `m`, `s`. */
  flags: z
    .string()
    .max(3)
    .regex(/^[ims]*$/, "any of i, m and s")
    .optional(),
  /** `judge`: the model that judges; without it, the run's. */
  model: z.string().min(1).max(256).optional(),
});
export type Expectation = z.infer<typeof expectation>;

const message = z.object({
  role: z.enum(["system", "user", "assistant"]),
  content: z.string().max(100_000),
});

/** What a model is asked: a question by itself, or a whole conversation with settings. */
const caseInput = z.union([
  z.string().min(1).max(100_000),
  z.object({
    messages: z.array(message).min(1).max(100),
    temperature: z.number().min(0).max(2).optional(),
    max_tokens: z.number().int().min(1).max(100_000).optional(),
  }),
]);

const evalCase = z.object({
  id: z.string().regex(/^[\w.-]{1,64}$/, "1 to 64 letters, digits and _ . -"),
  name: z.string().trim().min(1).max(200),
  /** Asked where a run names no models. */
  model: z.string().min(1).max(256).optional(),
  input: caseInput,
  expected: expectation,
  tags: z.array(z.string().min(1).max(50)).max(20).default([]),
});
export type EvalCase = z.infer<typeof evalCase>;

export const SUITE_ID = /^[a-z0-9][a-z0-9_-]{0,63}$/;
/** Words that stand in the same place of an address as a suite's id. */
export const RESERVED_IDS = ["runs", "check", "compare", "estimate"];

export const suiteInput = z.object({
  name: z.string().trim().min(1).max(200),
  description: z.string().max(2000).default(""),
  cases: z
    .array(evalCase)
    .min(1)
    .max(500)
    .refine((cases) => new Set(cases.map(({ id }) => id)).size === cases.length, "every id only once"),
});

/** A list of questions with what their answers must be. */
export type Suite = z.infer<typeof suiteInput> & {
  id: string;
  /** Ours: cannot be changed or removed. */
  builtIn: boolean;
};
