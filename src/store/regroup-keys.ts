import type { Database } from "bun:sqlite";

/** The names of a configuration's key groups, by id. */
export function groupNames(database: Database): Map<string, string> {
  const rows = database.query<{ id: string; name: string }, []>("SELECT id, name FROM key_groups").all();
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/**
 * After two configurations were brought together: a group that gave way to another of its name leaves that one its
 * keys. `names` are those of both sides. A key whose group came from nowhere keeps its id, and is refused.
 */
export function regroupKeys(database: Database, names: ReadonlyMap<string, string>): void {
  const present = groupNames(database);
  const idOf = new Map([...present].map(([id, name]) => [name, id]));
  const move = database.prepare("UPDATE api_keys SET group_id = ? WHERE group_id = ?");
  for (const [id, name] of names) {
    const heir = idOf.get(name);
    if (!present.has(id) && heir !== undefined) move.run(heir, id);
  }
}

/** The names of working keys whose group is not there. */
export function keysWithoutTheirGroup(database: Database): string[] {
  return database
    .query<{ name: string }, []>(
      "SELECT name FROM api_keys WHERE revoked_at IS NULL AND group_id IS NOT NULL AND group_id NOT IN (SELECT id FROM key_groups)",
    )
    .all()
    .map(({ name }) => name);
}
