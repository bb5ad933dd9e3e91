import type { Check } from "./check.ts";

/** The same text; spaces at the ends of lines and around the whole do not count. */
export const exact: Check = {
  run(output, { value }) {
    const passed = trimmed(output) === trimmed(value);
    return { passed, details: passed ? "Equal." : `Expected ${JSON.stringify(value.slice(0, 200))}.` };
  },
};

const trimmed = (text: string): string =>
  text
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .join("\n")
    .trim();
