import { RE2JS, RE2JSSyntaxException } from "re2js";
import { badRequest } from "../../core/errors.ts";
import type { Check } from "./check.ts";

const LONGEST_PATTERN = 1000;
const LONGEST_TEXT = 100_000;
/**
 * A match takes at most so many steps, about 14 ns each at worst (measured): pattern size times length. RE2's own
 * guarantee is that it is never more than that product.
 */
const MOST_STEPS = 5_000_000;

const FLAGS: { readonly [flag: string]: number } = {
  i: RE2JS.CASE_INSENSITIVE,
  m: RE2JS.MULTILINE,
  s: RE2JS.DOTALL,
};

/** A pattern in RE2's syntax, found in linear time: no back-references, no look-around, no endless match. */
export const regex: Check = {
  verify: ({ value, flags }) => void compiled(value, flags),
  run(output, { value, flags }) {
    const passed = matches(value, flags, output);
    return { passed, details: passed ? `Matches /${value}/.` : `Does not match /${value}/.` };
  },
};

/**
 * Is the pattern found in the text? Looks at the first 100,000 characters. Throws `bad_request` for what is no
 * pattern, and for one that is too large for so long a text.
 */
export function matches(pattern: string, flags: string | undefined, text: string): boolean {
  const program = compiled(pattern, flags);
  const looked = text.slice(0, LONGEST_TEXT);
  if (program.programSize() * looked.length > MOST_STEPS)
    throw badRequest("The pattern is too large for so long an answer: make it simpler.", "expected.value");
  return program.test(looked);
}

function compiled(pattern: string, flags = ""): RE2JS {
  if (pattern.length > LONGEST_PATTERN)
    throw badRequest(`A pattern may have at most ${LONGEST_PATTERN} characters.`, "expected.value");
  const bits = [...flags].reduce((all, flag) => all | (FLAGS[flag] ?? 0), 0);
  try {
    return RE2JS.compile(pattern, bits);
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    throw badRequest(`The pattern cannot be read: ${error.message}`, "expected.value");
  }
}
