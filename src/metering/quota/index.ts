export { countedWindows, type OwnLimit, ownLimits } from "./counted.ts";
export { QuotaMeter, type QuotaNotice } from "./quota-meter.ts";
export { type QuotaReading, type ReadWindow, windowName } from "./reading.ts";
export type { QuotaCall, QuotaSource } from "./source.ts";
export { findQuotaSource, QUOTA_SOURCES } from "./sources/index.ts";
export { type Use, UseCounter } from "./use-counter.ts";
