export { ConsoleLog, type ConsoleQuery, lineFilter } from "./console.ts";
export { createObservedLog, type ObservedLog } from "./observed-log.ts";
