import type { Hono } from "hono";
import { badRequest } from "../core/errors.ts";
import type { Price } from "../core/provider.ts";
import type { Engine } from "../engine.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import type { PricedModel } from "../manage/index.ts";
import type { ProviderEntry } from "../routing/index.ts";
import { type AdminEnv, jsonBody } from "./http.ts";

/** Our names of price fields, and those of the API. */
const SPELLINGS = [
  ["cacheRead", "cached"],
  ["cacheWrite", "cache_creation"],
  ["cacheWrite1h", "cache_creation_1h"],
] as const;

/** What models cost: USD per 1M tokens, or per unit. */
export function pricingRoutes(app: Hono<AdminEnv>, engine: Engine): void {
  const { prices } = engine.manage;
  const table = (list: (entry: ProviderEntry) => PricedModel[]) =>
    Object.fromEntries(
      engine.catalogue.entries
        .map((entry) => [entry.prefix, pricedIn(list(entry))] as const)
        .filter(([, models]) => Object.keys(models).length > 0),
    );

  app.get("/api/pricing", (c) => c.json(table((entry) => prices.of(entry))));

  app.on(["PATCH", "PUT", "POST"], "/api/pricing", async (c) => {
    prices.change(inOurWords(await jsonBody(c)), c.get("actor"));
    return c.json(table((entry) => prices.of(entry)));
  });

  app.delete("/api/pricing", (c) => {
    const { provider, model } = c.req.query();
    if (!provider) throw badRequest("Name the provider: `?provider=…&model=…`.", "provider");
    prices.drop(provider, model || undefined, c.get("actor"));
    return c.json(table((entry) => prices.of(entry)));
  });

  app.get("/api/pricing/defaults", (c) => c.json(table((entry) => prices.defaultsOf(entry))));

  app.get("/api/pricing/models", (c) =>
    c.json(
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
    ),
  );
}

function pricedIn(models: readonly PricedModel[]): JsonObject {
  return Object.fromEntries(
    models.flatMap(({ model, price }) => (price ? [[model.id, shownPrice(price)]] : [])),
  );
}

function shownPrice(price: Price): JsonObject {
  const { input, output, ...rest } = price;
  // What is sold by other units alone costs nothing by tokens; a zero there would read as free.
  const byUnits = input === 0 && output === 0 && Object.keys(rest).some((field) => field.startsWith("per"));
  const shown: JsonObject = byUnits ? { ...rest } : { ...price };
  for (const [ours, theirs] of SPELLINGS) {
    if (shown[ours] === undefined) continue;
    shown[theirs] = shown[ours];
    delete shown[ours];
  }
  return shown;
}

/** `{ALIAS:{MODEL:{cached}}}` → `{ALIAS:{MODEL:{cacheRead}}}`; what is of another shape is left for the check. */
function inOurWords(body: JsonObject): JsonObject {
  return mapped(body, (models) => mapped(models, renamed));
}

function mapped(value: unknown, change: (inner: JsonObject) => unknown): JsonObject {
  if (!isObject(value)) return value as JsonObject;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, isObject(inner) ? change(inner) : inner]),
  );
}

function renamed(price: JsonObject): JsonObject {
  const names = new Map<string, string>(SPELLINGS.map(([ours, theirs]) => [theirs, ours]));
  return Object.fromEntries(Object.entries(price).map(([name, value]) => [names.get(name) ?? name, value]));
}
