import type { Price } from "../../core/provider.ts";
import type { CostKind } from "../../core/record.ts";
import type { JsonObject } from "../../lib/json.ts";
import { costOf } from "../../metering/index.ts";
import type { DaySum } from "../../store/index.ts";
import { numberIn, textIn } from "./fields.ts";

/** What a model is sold at here, and whose money it is. */
export type Tariff = { price: Price | undefined; kind: CostKind };

/** What the lines of another program's usage are read with. */
export type UsageReading = {
  providerId(name: string): string | undefined;
  tariff(providerId: string, modelId: string): Tariff;
};

/**
 * A day's sum as an earlier program kept it; none for one without a day or a provider. What it cost is what that
 * program wrote down, else what the tokens cost at the prices known here.
 */
export function formerDay(row: JsonObject, reading: UsageReading): DaySum[] {
  const day = textIn(row, "day");
  const name = textIn(row, "provider");
  if (day === undefined || name === undefined) return [];
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(Date.parse(day))) return [];
  const provider = reading.providerId(name) ?? name;
  const model = textIn(row, "model") ?? "";
  const label = model.includes("/") || model === "" ? model : `${provider}/${model}`;
  const requests = countIn(row, "requests");
  const tokens = tokensOf(row, "input", "output", "cacheRead", "cacheWrite", "reasoning");
  const { price, kind } = reading.tariff(provider, modelIdOf(label, provider));
  const cost = costWritten(row) ?? costOf(tokens, price);
  return [
    {
      day,
      provider,
      model: label,
      keyId: textIn(row, "keyId") ?? "keyless",
      connectionId: textIn(row, "connectionId") ?? "",
      requests,
      errors: countIn(row, "errors"),
      ...tokens,
      cost: kind === "billed" ? (cost ?? 0) : 0,
      shadowCost: kind === "billed" ? 0 : (cost ?? 0),
      unknownPrice: cost === undefined ? requests : 0,
    },
  ];
}

/** Where nobody knew a price, earlier programs wrote nothing or 0. */
export function costWritten(row: JsonObject): number | undefined {
  const cost = numberIn(row, "cost");
  return cost !== undefined && cost > 0 ? cost : undefined;
}

/** Tokens under our names. There, what came from the cache was counted with the rest. */
export function tokensOf(
  row: JsonObject,
  input: string,
  output: string,
  cacheRead: string,
  cacheWrite: string,
  reasoning: string,
): Pick<DaySum, "input" | "output" | "cacheRead" | "cacheWrite" | "reasoning"> {
  const cached = countIn(row, cacheRead);
  return {
    input: Math.max(0, countIn(row, input) - cached),
    output: countIn(row, output),
    cacheRead: cached,
    cacheWrite: countIn(row, cacheWrite),
    reasoning: countIn(row, reasoning),
  };
}

/** `gpt-5` of `openai/gpt-5`. */
export const modelIdOf = (label: string, provider: string): string =>
  label.startsWith(`${provider}/`) ? label.slice(provider.length + 1) : label.replace(/^[^/]*\//, "");

export const countIn = (row: JsonObject, field: string): number =>
  Math.max(0, Math.trunc(numberIn(row, field) ?? 0));
