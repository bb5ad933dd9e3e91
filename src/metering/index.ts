export { costKindOf, costOf } from "./cost.ts";
export { LatencyMeter, type LatencySummary, type Percentiles, percentilesOf, type Timed } from "./latency.ts";
export { ListPrices } from "./known-prices.ts";
export { plausible } from "./plausible.ts";
export { type PriceOverride, priceOf } from "./prices.ts";
