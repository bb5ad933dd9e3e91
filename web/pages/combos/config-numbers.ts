import type { ComboConfig } from "../../../src/core/combo.ts";

/** Numbers of a combo's configuration that can be set, with their limits. */
export const CONFIG_NUMBERS = [
  { name: "timeoutMs", min: 1000, max: 600_000 },
  { name: "maxRetries", min: 0, max: 10 },
  { name: "retryDelayMs", min: 0, max: 60_000 },
  { name: "maxAttempts", min: 1, max: 100 },
  { name: "stickyLimit", min: 1, max: 1000 },
  { name: "maxComboDepth", min: 1, max: 3 },
  { name: "connectTimeoutMs", min: 100, max: 600_000 },
  { name: "headersTimeoutMs", min: 1000, max: 600_000 },
  { name: "idleTimeoutMs", min: 1000, max: 3_600_000 },
  { name: "totalTimeoutMs", min: 0, max: 86_400_000 },
] as const satisfies readonly { name: keyof ComboConfig; min: number; max: number }[];

/** What a combo may switch on or off for itself. */
export const CONFIG_SWITCHES = [
  "affinity",
  "continueStream",
] as const satisfies readonly (keyof ComboConfig)[];
