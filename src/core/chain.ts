import { z } from "zod";
import { whole } from "./number-bounds.ts";

export const chainInput = z.object({
  name: z.string().trim().min(1).max(100),
  models: z.array(z.string().min(1).max(256)).min(1).max(50),
  /** Pattern over requested names. */
  match: z.string().min(1).max(256).default("*"),
  enabled: z.boolean().default(true),
  /** The lowest comes first. */
  priority: whole(0, 1000).default(1),
});

/** For one model: the same id at these providers, in order of priority. */
export const modelChainInput = z.object({
  model: z.string().trim().min(1).max(256),
  chain: z
    .array(
      z.object({
        provider: z.string().trim().min(1).max(100),
        priority: whole(0, 1000).default(1),
        enabled: z.boolean().default(true),
      }),
    )
    .min(1)
    .max(50),
});
export type ModelChain = z.infer<typeof modelChainInput>;

/** Models that follow when the plan of a matching request is spent. */
export type FallbackChain = {
  name: string;
  models: string[];
  /** Pattern over requested names. */
  match: string;
  enabled: boolean;
  /** The lowest comes first. */
  priority: number;
  createdAt: number;
  updatedAt: number;
};
