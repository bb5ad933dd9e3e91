import { z } from "zod";
import { type ApiKey, type KeyRules, keyRulesInput } from "./key.ts";

export const keyGroupInput = keyRulesInput.extend({
  name: z.string().trim().min(1).max(100),
  note: z.string().trim().max(500).nullish(),
  /** `false` refuses every key of the group. */
  isActive: z.boolean().default(true),
});
export type KeyGroupInput = z.input<typeof keyGroupInput>;

/** Keys that share rules: each is held to its own and to these, and what one of them spends counts for all. */
export type KeyGroup = KeyRules & {
  id: string;
  /** No two groups have the same. */
  name: string;
  note?: string;
  isActive: boolean;
  createdAt: number;
  updatedAt: number;
};

/** Whose limits and budgets a call is held to. */
export type RuleHolder = ApiKey | KeyGroup;

export const isKeyGroup = (holder: RuleHolder): holder is KeyGroup => !("hash" in holder);
