import { and, asc, eq } from "drizzle-orm";
import { keyValue } from "./config-schema.ts";
import type { Store, StoreChange } from "./store.ts";

/** Small things by name, each a JSON value. The reader checks its shape: an older version may have written it. */
export function readValue(store: Store, namespace: string, key: string): unknown {
  return store.config.select().from(keyValue).where(at(namespace, key)).get()?.value;
}

/** All values of a namespace, by key. */
export function readValues(store: Store, namespace: string): { [key: string]: unknown } {
  const rows = store.config
    .select()
    .from(keyValue)
    .where(eq(keyValue.namespace, namespace))
    .orderBy(asc(keyValue.key))
    .all();
  return Object.fromEntries(rows.map((row) => [row.key, row.value]));
}

/** Keeps a value; `undefined` and `null` remove it. Not for secrets. */
export function saveValue(store: Store, namespace: string, key: string, value: unknown): void {
  saveValues(store, namespace, { [key]: value });
}

/** Keeps several values at once, all or none; `undefined` and `null` remove one. */
export function saveValues(
  store: Store,
  namespace: string,
  values: { [key: string]: unknown },
  what: StoreChange = "values",
): void {
  store.change(what, () =>
    store.config.transaction((transaction) => {
      for (const [key, value] of Object.entries(values)) {
        if (value === undefined || value === null)
          transaction.delete(keyValue).where(at(namespace, key)).run();
        else {
          transaction
            .insert(keyValue)
            .values({ namespace, key, value })
            .onConflictDoUpdate({ target: [keyValue.namespace, keyValue.key], set: { value } })
            .run();
        }
      }
    }),
  );
}

/** A value that was kept sealed; undefined when there is none or its seal is broken. */
export function readSecretValue(store: Store, namespace: string, key: string): string | undefined {
  const value = readValue(store, namespace, key);
  return typeof value === "string" ? store.sealer.open(value, `${namespace} ${key}`) : undefined;
}

/** Keeps a value that holds a secret (a proxy's password) sealed; `undefined` removes it. */
export function saveSecretValue(
  store: Store,
  namespace: string,
  key: string,
  value: string | undefined,
): void {
  saveValue(store, namespace, key, value && store.sealer.seal(value, `${namespace} ${key}`));
}

const at = (namespace: string, key: string) => and(eq(keyValue.namespace, namespace), eq(keyValue.key, key));
