import { createAccess, type Access, type AccessOptions } from "../../src/access/index.ts";
import { GatewayError } from "../../src/core/errors.ts";
import { openStore, type Store } from "../../src/store/index.ts";
import { freshDirectory } from "../kit/data-dir.ts";
import { FakeClock } from "../kit/fake-clock.ts";

export const PASSWORD = "a quiet harbour at dawn";

type Overrides = Partial<AccessOptions["config"]>;

/** Access over a store of its own; `restart` closes both and opens them again on the same data. */
export function freshAccess(overrides: Overrides = {}) {
  const dataDir = freshDirectory();
  const clock = new FakeClock();
  return { clock, dataDir, ...openOn(dataDir, clock, overrides) };
}

export function openOn(dataDir: string, clock: FakeClock, overrides: Overrides = {}) {
  const store = openStore({ dataDir, clock, version: "1.2.0" });
  const config = {
    host: "127.0.0.1",
    requireApiKey: undefined,
    initialPassword: undefined,
    secrets: {},
    ...overrides,
  };
  const access = createAccess({ store, config, clock });
  const close = () => {
    access.close();
    store.close();
  };
  return { store, access, close };
}

/** The same with a password set, and nobody signed in. */
export function accessWithPassword(overrides: Overrides = {}) {
  return freshAccess({ initialPassword: PASSWORD, ...overrides });
}

/** The code and the wait of the error that a piece of work ends with; undefined when it ends well. */
export async function refusal(work: () => unknown): Promise<GatewayError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
}

export const codeOf = async (work: () => unknown): Promise<string | undefined> => (await refusal(work))?.code;

/** What SQLite meets on a full disk: no page can be added. The result gives the space back. */
export function fillDisk(store: Store): () => void {
  const database = store.files.config;
  database.run("CREATE TABLE filler (x)");
  const filler = "BEGIN INSERT INTO filler VALUES (zeroblob(65536)); END";
  const triggers = ["sessions", "key_value", "api_keys", "audit_log"].flatMap((table) =>
    ["INSERT", "UPDATE", "DELETE"].map((verb) => ({ name: `fill_${table}_${verb}`, table, verb })),
  );
  for (const { name, table, verb } of triggers) {
    database.run(`CREATE TRIGGER ${name} BEFORE ${verb} ON ${table} ${filler}`);
  }
  const pages = database.query<{ page_count: number }, []>("PRAGMA page_count").get()!.page_count;
  database.run(`PRAGMA max_page_count = ${pages}`);
  return () => {
    database.run("PRAGMA max_page_count = 1000000");
    for (const { name } of triggers) database.run(`DROP TRIGGER ${name}`);
  };
}

export type { Access };
