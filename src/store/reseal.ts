import type { Database } from "bun:sqlite";
import type { Sealer } from "./sealer.ts";

/** Opens everything that is sealed in a configuration with one key and seals it with another; the rest stays. */
export function sealAnew(database: Database, from: Sealer, to: Sealer): void {
  const moved = (sealed: string, place: string) => {
    const text = from.open(sealed, place);
    return text === undefined ? undefined : to.seal(text, place);
  };
  const rows = database
    .query<{ id: string; credentials: string }, []>("SELECT id, credentials FROM provider_connections")
    .all();
  for (const { id, credentials } of rows) {
    const sealed = moved(credentials, `connection ${id}`);
    if (sealed !== undefined)
      database.run("UPDATE provider_connections SET credentials = ? WHERE id = ?", [sealed, id]);
  }
  const values = database
    .query<{ namespace: string; key: string; value: string }, []>(
      `SELECT namespace, key, value FROM key_value WHERE value LIKE '"omni:v1:%'`,
    )
    .all();
  for (const { namespace, key, value } of values) {
    const sealed = moved(JSON.parse(value) as string, `${namespace} ${key}`);
    if (sealed !== undefined)
      database.run("UPDATE key_value SET value = ? WHERE namespace = ? AND key = ?", [
        JSON.stringify(sealed),
        namespace,
        key,
      ]);
  }
}
