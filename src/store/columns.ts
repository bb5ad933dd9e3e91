import { customType, integer, text } from "drizzle-orm/sqlite-core";
import type { ProviderFormatId } from "../core/reply.ts";
import { packId, packRequestId, unpackId, unpackRequestId } from "./packed-ids.ts";

/** True and false as 1 and 0. */
export const flag = (name: string) => integer(name, { mode: "boolean" });

/** A value as JSON text. */
export const json = <T>(name: string) => text(name, { mode: "json" }).$type<T>();

/** A UUID as 16 bytes; other ids as text. */
export const packedId = customType<{ data: string; driverData: string | Uint8Array }>({
  dataType: () => "blob",
  toDriver: packId,
  fromDriver: unpackId,
});

/** A request id of our own making as 16 bytes; a client's own as text. */
export const packedRequestId = customType<{ data: string; driverData: string | Uint8Array }>({
  dataType: () => "blob",
  toDriver: packRequestId,
  fromDriver: unpackRequestId,
});

/** The formats by number; a number once given is never given to another. */
const FORMAT_NUMBERS: Record<ProviderFormatId | "other", number> = {
  other: 0,
  "openai-chat": 1,
  "openai-responses": 2,
  anthropic: 3,
  gemini: 4,
  kiro: 5,
};

/** A format by its number; one of a later version reads as `other`. */
export const formatNumber = customType<{ data: ProviderFormatId | "other"; driverData: number }>({
  dataType: () => "integer",
  toDriver: (format) => FORMAT_NUMBERS[format],
  fromDriver: (stored) => FORMAT_NAMES.get(stored) ?? "other",
});
const FORMAT_NAMES = new Map(
  Object.entries(FORMAT_NUMBERS).map(([name, number]) => [number, name as ProviderFormatId | "other"]),
);

/** Bytes as they are. */
export const bytes = customType<{ data: Uint8Array }>({ dataType: () => "blob" });
