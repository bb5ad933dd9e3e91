import { z } from "zod";
import { priceAmount, priceFields } from "./price-fields.ts";
import { MODEL_TYPES } from "./provider.ts";
import { SERVICE_KINDS } from "./services.ts";

/**
 * Facts on providers and models that age faster than releases: what still works, which models there are, their limits
 * and prices. Addresses and the way a key is sent are no part of it: a catalogue from elsewhere must not be able to
 * lead credentials anywhere.
 */
const tokens = z.number().int().min(1).max(100_000_000);

const status = z.strictObject({
  state: z.enum(["works", "restricted", "shut-down", "not-offered"]),
  since: z.string().max(40).optional(),
  note: z.string().max(500).optional(),
  source: z.string().max(500).optional(),
  replacement: z.string().max(256).optional(),
});

/** Fields that are left out stay as they are built in; `null` takes one away. */
const modelFacts = z.object({
  id: z.string().min(1).max(256),
  name: z.string().max(200).nullish(),
  type: z.enum(MODEL_TYPES).nullish(),
  context: tokens.nullish(),
  maxOutput: tokens.nullish(),
  price: priceFields(priceAmount).nullish(),
  reasoning: z.boolean().nullish(),
  vision: z.boolean().nullish(),
  tools: z.boolean().nullish(),
  formats: z.array(z.string().max(40)).max(10).nullish(),
  services: z.array(z.enum(SERVICE_KINDS)).max(SERVICE_KINDS.length).nullish(),
  dimensions: z.number().int().min(1).max(1_000_000).nullish(),
  sizes: z.array(z.string().max(20)).max(50).nullish(),
  status: status.nullish(),
});

const providerFacts = z.object({
  id: z.string().min(1).max(100),
  status: status.nullish(),
  renames: z.record(z.string().max(256), z.string().min(1).max(256)).optional(),
  models: z.array(modelFacts).max(5000).default([]),
  /** Ids that no longer exist at all. */
  removed: z.array(z.string().max(256)).max(5000).default([]),
});

export const catalogueFile = z.object({
  /** When it was made, or any name for it. */
  version: z.string().min(1).max(100),
  providers: z.array(providerFacts).max(1000),
});
export type CatalogueFile = z.infer<typeof catalogueFile>;
export type ProviderFacts = CatalogueFile["providers"][number];
export type ModelFacts = ProviderFacts["models"][number];
