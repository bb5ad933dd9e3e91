import { z } from "zod";
import { GatewayError } from "./errors.ts";

type Issue = z.core.$ZodIssue;

/** Checks input from a door. Throws `GatewayError` (`bad_request`) that names every wrong field. */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input, { error: plainWords });
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.map(mostTelling).map((issue) => ({
    field: issue.path.map(String).join(".") || "body",
    message: issue.message,
  }));
  const [first] = details;
  throw new GatewayError(
    "bad_request",
    first ? `${first.field}: ${first.message}` : "The input is not valid.",
    {
      details,
      ...(first && { param: first.field }),
    },
  );
}

/** What is wrong with a value, for people; undefined where zod's own words do. For `safeParse`. */
export function plainWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === undefined && /^invalid_(?:type|value)$/.test(issue.code)) return "is missing";
  switch (issue.code) {
    case "invalid_type":
      return `${MUST}${TYPES[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `${MUST}${listed(issue.values)}`;
    case "invalid_union":
      return Array.isArray(issue.options) ? `${MUST}${listed(issue.options)}` : undefined;
    case "unrecognized_keys":
      return `knows no ${listed(issue.keys)}`;
    case "too_small":
      return bound("at least", issue.origin, issue.minimum);
    case "too_big":
      return bound("at most", issue.origin, issue.maximum);
    default:
      return undefined;
  }
}

const MUST = "must be ";

const TYPES: { readonly [type: string]: string } = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

function bound(which: string, origin: string, value: number | bigint): string | undefined {
  if (origin === "number" || origin === "int") return `${MUST}${which} ${value}`;
  if (value === 1 && which === "at least") return "must not be empty";
  if (origin === "string") return `must have ${which} ${value} characters`;
  return origin === "array" ? `must have ${which} ${value} entries` : undefined;
}

function listed(values: readonly unknown[]): string {
  const named = values.map((value) => (typeof value === "string" ? `"${value}"` : String(value)));
  return new Intl.ListFormat("en", { type: "disjunction", style: "narrow" }).format(named);
}

/** Of a value that fits none of several shapes: what keeps it from the shape it comes closest to. */
export function mostTelling(issue: Issue): Issue {
  if (issue.code !== "invalid_union") return issue;
  const tried = issue.errors.flatMap(([first]) => (first && !expectsNull(first) ? [mostTelling(first)] : []));
  const deepest = Math.max(...tried.map(({ path }) => path.length));
  const closest = tried.filter(({ path }) => path.length === deepest);
  const [first] = closest.toSorted(
    (left, right) => Number(isOfWrongKind(left)) - Number(isOfWrongKind(right)),
  );
  if (!first) return issue;
  const messages = [...new Set(closest.map(({ message }) => message))];
  const isChoice = deepest === 0 && messages.every((message) => message.startsWith(MUST));
  return {
    ...first,
    path: [...issue.path, ...first.path],
    message: isChoice
      ? MUST + messages.map((message) => message.slice(MUST.length)).join(", or ")
      : first.message,
  };
}

const isOfWrongKind = (issue: Issue): boolean => issue.code === "invalid_type";

const expectsNull = (issue: Issue): boolean => isOfWrongKind(issue) && issue.message === `${MUST}null`;
