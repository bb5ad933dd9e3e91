export { ConsoleLog, type ConsoleQuery, lineFilter } from "./console.ts";
export { createObservedLog, type ObservedLog } from "./observed-log.ts";
export { CallMetrics } from "./metrics/call-metrics.ts";
export { type GatewayState, stateLines } from "./metrics/state-metrics.ts";
export { TraceExporter } from "./traces/trace-exporter.ts";
