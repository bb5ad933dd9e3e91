import { z } from "zod";

/** USD per 1M tokens, or per unit. */
export const priceAmount = z.number().min(0).max(1_000_000);

/** A price as people and catalogue files write it: only the fields they mean, each as `amount` takes it. */
export function priceFields<Amount extends z.ZodType>(amount: Amount) {
  const field = amount.optional();
  return z.strictObject({
    input: field,
    output: field,
    cacheRead: field,
    cacheWrite: field,
    cacheWrite1h: field,
    reasoning: field,
    perMinute: field,
    perImage: field,
    perSearch: field,
    perCharacter: field,
  });
}
