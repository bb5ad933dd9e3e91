import { z } from "zod";

/** Shapes that many answers share. Each is a function: see `RouteFacts`. */

/** ISO 8601 in UTC; null for what never happened. */
export const time = () => z.string().nullable().meta({ format: "date-time" });

/** ISO 8601 in UTC. */
export const moment = () => z.string().meta({ format: "date-time" });

/** Always `true`. */
export const yes = (): z.ZodType<true, boolean> => z.literal(true);

export const success = () => z.object({ success: yes() });

export const message = () => z.object({ message: z.string() });

/** How many rows a list gives, and from which on. */
export const listQuery = (most: number, usual: number) =>
  z.object({
    limit: z.coerce.number().int().min(1).max(most).default(usual),
    offset: z.coerce.number().int().min(0).default(0),
  });

/** Which part of a list that is given whole when nobody asks for a part. */
export const partQuery = () =>
  z.object({
    limit: z.coerce.number().int().min(1).max(1000).optional(),
    offset: z.coerce.number().int().min(0).default(0),
  });

/** The part of a list that a query of `partQuery` asks for. */
export function partOf<Item>(
  list: readonly Item[],
  { limit = list.length, offset }: { limit?: number | undefined; offset: number },
): readonly Item[] {
  return list.slice(offset, offset + limit);
}

/** A switch in a query: only `true` is on. */
export const flag = () =>
  z
    .enum(["true", "false"])
    .optional()
    .transform((text) => text === "true");

/** What somebody typed into an address, kept to a length that no name has. */
export const queryText = () => z.string().max(1000).optional();
