export { costKindOf, costOf } from "./cost.ts";
export { LatencyMeter, type LatencySummary, type Percentiles, percentilesOf } from "./latency.ts";
export { type PriceOverride, priceOf } from "./prices.ts";
