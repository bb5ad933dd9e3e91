import { z } from "zod";
import { GatewayError } from "../core/errors.ts";

/** Checks input from a door. Throws `GatewayError` (`bad_request`) that names every wrong field. */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.map((issue) => ({
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

/** Drops `null` and `undefined`, so that an emptied field of a form is a field that is not set. */
export function withoutNulls<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], null> } {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined),
  ) as never;
}
