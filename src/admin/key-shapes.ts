import { z } from "zod";
import { keyBudgetInput, type KeyRules } from "../core/key.ts";

/** The rules of a key or group in an answer; empty lists and null leave free. */
export const rulesShape = () => ({
  allowedModels: z.array(z.string()),
  allowedCombos: z.array(z.string()),
  allowedProviders: z.array(z.string()),
  allowedConnections: z.array(z.string()),
  allowedEndpoints: z.array(z.string()),
  limits: z.object({
    requestsPerMinute: z.number().nullable(),
    requestsPerDay: z.number().nullable(),
    tokensPerMinute: z.number().nullable(),
    maxConcurrent: z.number().nullable(),
  }),
  budget: keyBudgetInput.partial().nullable(),
});

/** Rules under their documented names. */
export function shownRules(rules: KeyRules) {
  return {
    allowedModels: rules.allowedModels ?? [],
    allowedCombos: rules.allowedCombos ?? [],
    allowedProviders: rules.allowedProviders ?? [],
    allowedConnections: rules.allowedConnections ?? [],
    allowedEndpoints: rules.allowedEndpoints ?? [],
    limits: {
      requestsPerMinute: rules.limits?.requestsPerMinute ?? null,
      requestsPerDay: rules.limits?.requestsPerDay ?? null,
      tokensPerMinute: rules.limits?.tokensPerMinute ?? null,
      maxConcurrent: rules.limits?.maxConcurrent ?? null,
    },
    budget: rules.budget ?? null,
  };
}
