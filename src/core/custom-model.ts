import { z } from "zod";
import { whole } from "./number-bounds.ts";
import { MODEL_TYPES, type ModelType, type Price } from "./provider.ts";

export const customModelInput = z.object({
  /** Provider id, alias, or node id. */
  provider: z.string().min(1).max(100),
  id: z.string().trim().min(1).max(256),
  name: z.string().trim().max(200).optional(),
  type: z.enum(MODEL_TYPES).default("chat"),
  context: whole(1, 100_000_000).nullish(),
});
export type CustomModelInput = z.input<typeof customModelInput>;

/** A model a user added to a provider or node. */
export type CustomModel = {
  provider: string;
  id: string;
  name: string;
  type: ModelType;
  context?: number;
  createdAt: number;
};

/** A user's own price of a model, in place of the built-in one. */
export type PriceOverride = { provider: string; model: string; price: Price; updatedAt: number };
