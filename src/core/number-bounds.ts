import { z } from "zod";

/**
 * A whole number between two bounds, in a form also as text. One check after the other would copy the schema each time,
 * which a start pays for.
 */
export const whole = (least: number, most: number) =>
  z.coerce.number().check(z.int(), z.gte(least), z.lte(most));
