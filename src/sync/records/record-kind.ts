import { GatewayError } from "../../core/errors.ts";
import type { Store } from "../../store/index.ts";
import type { LocalRecord } from "../versions.ts";

/** One kind of thing that devices share. Ids are names that mean the same on every device. */
export type RecordKind = {
  kind: string;
  list(store: Store): Omit<LocalRecord, "kind">[];
  /** Takes over what another device says. Throws when it does not fit here. */
  put(store: Store, id: string, value: unknown): void;
  remove(store: Store, id: string): void;
};

/** What another device says is about something else than what is here. */
export const mismatch = () => new GatewayError("conflict", "It does not fit what is here.");

/** The fields that say something. */
export function present<T extends object>(fields: T) {
  type Present = { [K in keyof T]: Exclude<T[K], null> };
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined),
  ) as Present;
}
