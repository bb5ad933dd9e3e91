import type { Check } from "./check.ts";

/** The text stands somewhere in the answer, in any letter case. */
export const contains: Check = {
  run(output, { value }) {
    const passed = output.toLowerCase().includes(value.toLowerCase());
    const text = JSON.stringify(value.slice(0, 200));
    return { passed, details: passed ? `Contains ${text}.` : `Does not contain ${text}.` };
  },
};
