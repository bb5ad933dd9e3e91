import { z } from "zod";

/** The fields an object schema names; of several shapes, those of all. Undefined where any name may stand. */
export function fieldsOf(schema: z.ZodType): string[] | undefined {
  if (schema instanceof z.ZodObject) {
    return schema.def.catchall === undefined || schema.def.catchall instanceof z.ZodNever
      ? Object.keys(schema.shape)
      : undefined;
  }
  if (schema instanceof z.ZodUnion) {
    const all = (schema.options as z.ZodType[]).map(fieldsOf);
    return all.every((fields) => fields !== undefined) ? [...new Set(all.flat())] : undefined;
  }
  if (schema instanceof z.ZodPipe) return fieldsOf(schema.def.in as z.ZodType);
  return undefined;
}
