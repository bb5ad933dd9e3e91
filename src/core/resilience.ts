import { z } from "zod";
import { whole } from "./number-bounds.ts";

/** How failures are answered. Times in milliseconds. */
const profileShape = z.object({
  circuitBreakerThreshold: whole(1, 1000),
  circuitBreakerReset: whole(1000, 300_000),
  transientCooldown: whole(0, 60_000),
  rateLimitCooldown: whole(0, 120_000),
  maxBackoffLevel: whole(0, 20),
  rateLimitDetection: z.enum(["off", "normal", "strict"]),
  useUpstreamRetryHints: z.boolean(),
});

/** What people changed of the profiles; the rest is as built in. */
export const profilesPatch = z.object({
  oauth: profileShape.partial().optional(),
  apikey: profileShape.partial().optional(),
  /** By provider id. */
  providers: z.record(z.string().max(200), profileShape.partial()).optional(),
});
export type ProfilesPatch = z.infer<typeof profilesPatch>;

/** What a connection may be asked. 0: no limit. */
export const limitsPatch = z
  .object({
    requestsPerMinute: whole(0, 1_000_000),
    /** Milliseconds. */
    minTimeBetweenRequests: whole(0, 3_600_000),
    concurrentRequests: whole(0, 100_000),
    /** How long a call may wait for its turn before it is refused, in milliseconds. */
    maxWaitMs: whole(0, 120_000),
  })
  .partial();

export type LimitsPatch = z.infer<typeof limitsPatch>;
