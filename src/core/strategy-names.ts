import { z } from "zod";

export const COMBO_STRATEGIES = [
  "priority",
  "round-robin",
  "weighted",
  "random",
  "least-used",
  "cost-optimized",
  "fill-first",
  "p2c",
  "lowest-latency",
  "quota-aware",
] as const;

export type ComboStrategy = (typeof COMBO_STRATEGIES)[number];

export const ACCOUNT_STRATEGY_IDS = [
  "fill-first",
  "round-robin",
  "p2c",
  "random",
  "least-used",
  "cost-optimized",
  "lowest-latency",
  "quota-aware",
] as const;

export type AccountStrategyId = (typeof ACCOUNT_STRATEGY_IDS)[number];

/** Strategy names may come in any case and with `_` for `-`. */
export const strategyName = <Name extends string>(names: readonly Name[]) =>
  z
    .string()
    .transform((name) => name.toLowerCase().replaceAll("_", "-"))
    .pipe(z.enum(names));
