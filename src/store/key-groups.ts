import { asc, eq } from "drizzle-orm";
import type { KeyGroup } from "../core/key-group.ts";
import { rulesOf } from "./keys.ts";
import { apiKeys, keyGroups } from "./config-schema.ts";
import type { Store } from "./store.ts";

/** All groups of client keys, by name. */
export function listKeyGroups(store: Store): KeyGroup[] {
  return store.config.select().from(keyGroups).orderBy(asc(keyGroups.name)).all().map(fromRow);
}

/** A group of client keys by its id; undefined when there is none. */
export function findKeyGroup(store: Store, id: string): KeyGroup | undefined {
  const row = store.config.select().from(keyGroups).where(eq(keyGroups.id, id)).get();
  return row && fromRow(row);
}

/** Adds a group, or replaces the one with its id. */
export function saveKeyGroup(store: Store, group: KeyGroup): KeyGroup {
  const { id, name, isActive, createdAt, updatedAt } = group;
  const row = {
    id,
    name,
    note: group.note ?? null,
    isActive,
    rules: rulesOf(group),
    createdAt,
    updatedAt,
  };
  store.change("key-groups", () =>
    store.config.insert(keyGroups).values(row).onConflictDoUpdate({ target: keyGroups.id, set: row }).run(),
  );
  return group;
}

/** Removes a group and takes its keys out of it, all or nothing. True when there was one. */
export function removeKeyGroup(store: Store, id: string): boolean {
  return store.changeSeen(["key-groups", "keys"], () =>
    store.config.transaction((transaction) => {
      transaction.update(apiKeys).set({ groupId: null }).where(eq(apiKeys.groupId, id)).run();
      return (
        transaction.delete(keyGroups).where(eq(keyGroups.id, id)).returning({ id: keyGroups.id }).all()
          .length > 0
      );
    }),
  );
}

type Row = typeof keyGroups.$inferSelect;

function fromRow({ rules, note, ...row }: Row): KeyGroup {
  return { ...row, ...rules, ...(note !== null && { note }) };
}
