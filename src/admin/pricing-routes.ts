import { z } from "zod";
import { badRequest } from "../core/errors.ts";
import type { Price } from "../core/provider.ts";
import type { Engine } from "../engine.ts";
import { inOurWords, type PricedModel, PRICE_SPELLINGS } from "../manage/index.ts";
import type { ProviderEntry } from "../routing/index.ts";
import type { RouteTable } from "./route-table.ts";
import { queryText } from "./shapes.ts";

/** What models cost: USD per 1M tokens, or per unit. */
export function pricingRoutes(table: RouteTable, engine: Engine): void {
  const { prices } = engine.manage;
  const priceTable = (list: (entry: ProviderEntry) => PricedModel[]) =>
    Object.fromEntries(
      engine.catalogue.entries
        .map((entry) => [entry.prefix, pricedIn(list(entry))] as const)
        .filter(([, models]) => Object.keys(models).length > 0),
    );
  const current = () => priceTable((entry) => prices.of(entry));

  table.add(
    {
      method: "GET",
      path: "/api/pricing",
      role: "reader",
      summary: "The prices in force, by provider and model.",
      answer: tableShape,
    },
    current,
  );

  table.add(
    {
      method: ["PATCH", "POST"],
      path: "/api/pricing",
      role: "admin",
      summary: "Sets prices of your own; what the body does not name stays, `null` takes one back.",
      body: () => z.record(z.string().max(100), z.record(z.string().min(1).max(256), ownPrice())),
      answer: tableShape,
    },
    (c, { raw }) => {
      prices.change(inOurWords(raw), c.get("actor"));
      return current();
    },
  );

  table.add(
    {
      method: "DELETE",
      path: "/api/pricing",
      role: "admin",
      summary: "Goes back to the built-in prices of a model, or of a whole provider.",
      query: () => z.object({ provider: queryText(), model: queryText() }),
      answer: tableShape,
    },
    (c, { query: { provider, model } }) => {
      if (!provider) throw badRequest("Name the provider: `?provider=…&model=…`.", "provider");
      prices.drop(provider, model || undefined, c.get("actor"));
      return current();
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/pricing/defaults",
      role: "reader",
      summary: "The prices without those of your own.",
      answer: tableShape,
    },
    () => priceTable((entry) => prices.defaultsOf(entry)),
  );

  table.add(
    {
      method: "GET",
      path: "/api/pricing/models",
      role: "reader",
      summary: "Every model with its price and where that comes from.",
      answer: () => z.record(z.string(), pricedProviderShape()),
    },
    () =>
      Object.fromEntries(
        engine.catalogue.entries.map((entry) => [
          entry.prefix,
          {
            id: entry.provider.id,
            alias: entry.prefix,
            name: entry.provider.name,
            authType: entry.provider.auth.type,
            format: entry.provider.chat[0]?.format ?? null,
            models: prices.of(entry).map(({ model, custom, price, source }) => ({
              id: model.id,
              name: model.name ?? model.id,
              custom,
              ...(price && { pricing: shownPrice(price) }),
              source,
            })),
          },
        ]),
      ),
  );
}

const PRICE_FIELDS = [
  "input",
  "output",
  "cached",
  "cache_creation",
  "cache_creation_1h",
  "reasoning",
  "perMinute",
  "perImage",
  "perSearch",
  "perCharacter",
] as const;
const priceFields = <Field extends z.ZodType>(field: Field) =>
  z.object(Object.fromEntries(PRICE_FIELDS.map((name) => [name, field])) as Record<string, Field>);

/** Its own fields are checked once they have our names. */
const ownPrice = () => z.looseObject(priceFields(z.number().min(0).max(1_000_000).nullish()).shape);
const priceShape = () => priceFields(z.number().optional());
const tableShape = () => z.record(z.string(), z.record(z.string(), priceShape()));

const pricedProviderShape = () =>
  z.object({
    id: z.string(),
    alias: z.string(),
    name: z.string(),
    authType: z.string(),
    format: z.string().nullable(),
    models: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        custom: z.boolean(),
        pricing: priceShape().optional(),
        source: z.enum(["user", "catalogue", "list", "unknown"]),
      }),
    ),
  });

function pricedIn(models: readonly PricedModel[]): { [model: string]: ShownPrice } {
  return Object.fromEntries(
    models.flatMap(({ model, price }) => (price ? [[model.id, shownPrice(price)]] : [])),
  );
}

type ShownPrice = { [field: string]: number | undefined };

function shownPrice(price: Price): ShownPrice {
  const { input, output, ...rest } = price;
  // What is sold by other units alone costs nothing by tokens; a zero there would read as free.
  const byUnits = input === 0 && output === 0 && Object.keys(rest).some((field) => field.startsWith("per"));
  const shown: ShownPrice = byUnits ? { ...rest } : { ...price };
  for (const [ours, theirs] of PRICE_SPELLINGS) {
    if (shown[ours] === undefined) continue;
    shown[theirs] = shown[ours];
    delete shown[ours];
  }
  return shown;
}
