import { z } from "zod";
import { whole } from "./number-bounds.ts";
import { COMBO_STRATEGIES, type ComboStrategy, strategyName } from "./strategy-names.ts";

export const comboConfig = z.object({
  maxRetries: whole(0, 10).optional(),
  retryDelayMs: whole(0, 60_000).optional(),
  /** Longest silence of one target before its first content part. */
  timeoutMs: whole(1000, 600_000).optional(),
  healthCheckEnabled: z.boolean().optional(),
  healthCheckTimeoutMs: whole(100, 60_000).optional(),
  maxComboDepth: whole(1, 3).optional(),
  trackMetrics: z.boolean().optional(),
  stickyLimit: whole(1, 1000).optional(),
  affinity: z.boolean().optional(),
  maxAttempts: whole(1, 100).optional(),
  /** Longest wait for a TCP connection. */
  connectTimeoutMs: whole(100, 600_000).optional(),
  /** Longest wait for the answer's first byte. */
  headersTimeoutMs: whole(1000, 600_000).optional(),
  /** Longest silence inside a stream that has begun. */
  idleTimeoutMs: whole(1000, 3_600_000).optional(),
  /** Longest time one target may take for its whole answer; 0: no limit. */
  totalTimeoutMs: whole(0, 86_400_000).optional(),
  /** After a cut in the middle of text, let the next target write on from there. */
  continueStream: z.boolean().optional(),
});
export type ComboConfig = z.infer<typeof comboConfig>;

export const comboEntry = z.object({
  model: z.string().min(1).max(256),
  weight: z.coerce.number().min(0).max(100).optional(),
  connectionId: z.string().max(100).optional(),
});
export type ComboEntry = z.infer<typeof comboEntry>;

/** Entries may be plain names; strategy names may come in any case and with `_`. */
export const comboInput = z.object({
  name: z
    .string()
    .min(1)
    .max(100)
    .regex(/^[A-Za-z0-9_/.-]+$/, "letters, digits and _ / . - only"),
  models: z
    .array(
      z.union([
        z
          .string()
          .min(1)
          .max(256)
          .transform((model) => ({ model })),
        comboEntry,
      ]),
    )
    .max(100),
  strategy: strategyName(COMBO_STRATEGIES).default("priority"),
  config: comboConfig.default({}),
  isActive: z.boolean().default(true),
});
export type ComboInput = z.input<typeof comboInput>;

/** A named list of models with a strategy, used like a model. */
export type Combo = {
  id: string;
  name: string;
  models: ComboEntry[];
  strategy: ComboStrategy;
  config: ComboConfig;
  isActive: boolean;
  createdAt: number;
  updatedAt: number;
};

export const COMBO_DEFAULTS = {
  maxRetries: 1,
  retryDelayMs: 2000,
  timeoutMs: 120_000,
  maxComboDepth: 3,
  stickyLimit: 1,
  affinity: true,
  maxAttempts: 20,
  healthCheckEnabled: false,
  healthCheckTimeoutMs: 3000,
  trackMetrics: true,
} as const;
