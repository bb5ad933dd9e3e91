import type { ComboConfig } from "../../../src/core/domain.ts";

/** Numbers of a combo's configuration that can be set, with their limits. */
export const CONFIG_NUMBERS = [
  { name: "timeoutMs", min: 1000, max: 600_000 },
  { name: "maxRetries", min: 0, max: 10 },
  { name: "retryDelayMs", min: 0, max: 60_000 },
  { name: "maxAttempts", min: 1, max: 100 },
  { name: "stickyLimit", min: 1, max: 1000 },
  { name: "maxComboDepth", min: 1, max: 3 },
] as const satisfies readonly { name: keyof ComboConfig; min: number; max: number }[];
