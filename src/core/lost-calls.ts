import type { Part } from "./reply.ts";

/** Stands for a result that never came: without one, vendors refuse every later request of the session. */
export const NO_RESULT = "There is no result: the call was interrupted.";

/** Heads a result whose call is gone from the conversation: it may not stand as a result, but is still worth reading. */
export const STRAY_RESULT = "Result of an earlier tool call:";

/** A failed call's output, for formats that have no flag for it: says that it failed, where it does not do so itself. */
export function toldAsFailure(text: string): string {
  return /error|fail/i.test(text.slice(0, 200)) ? text : `Error: ${text}`;
}

/** The same for an output in parts: its first text says so. */
export function partsToldAsFailure(output: readonly Part[]): Part[] {
  const at = output.findIndex(({ type }) => type === "text");
  return output.map((part, index) =>
    index === at && part.type === "text" ? { ...part, text: toldAsFailure(part.text) } : part,
  );
}
