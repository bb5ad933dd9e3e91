/** Old address of these words, until nothing asks for it. */
export * from "./alias.ts";
export * from "./audit.ts";
export * from "./chain.ts";
export * from "./combo.ts";
export * from "./connection.ts";
export * from "./custom-model.ts";
export * from "./key.ts";
export * from "./node.ts";
export * from "./number-bounds.ts";
export * from "./proxy-log.ts";
export * from "./resilience.ts";
export * from "./settings.ts";
export * from "./strategy-names.ts";
