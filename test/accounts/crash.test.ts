import { Database } from "bun:sqlite";
import { afterEach, beforeEach, expect, test } from "bun:test";
import { join } from "node:path";
import { type Engine, createEngine } from "../../src/engine.ts";
import { newId } from "../../src/lib/ids.ts";
import { findConnection, listRefreshLeases, saveConnection } from "../../src/store/index.ts";
import { freshDirectory } from "../kit/data-dir.ts";
import { testConfig } from "../kit/gateway.ts";
import { type OAuthServer, startOAuthServer } from "../kit/oauth-server.ts";

const CHILD = join(import.meta.dir, "crash-child.ts");
let vendor: OAuthServer;
beforeEach(() => {
  vendor = startOAuthServer();
});
afterEach(() => vendor.stop());

const oauth = () => vendor.settings("CLAUDE");
const open = (dataDir: string): Promise<Engine> =>
  createEngine(testConfig(dataDir, { oauth: oauth() }), {
    writeLine: () => {},
  });

/** A data directory with one account whose token is over. */
async function directoryWithAccount(): Promise<{ dataDir: string; id: string }> {
  const dataDir = freshDirectory();
  const engine = await open(dataDir);
  const tokens = vendor.issue();
  const id = newId();
  saveConnection(engine.store, {
    id,
    provider: "claude",
    authType: "oauth",
    name: "mine",
    priority: 1,
    // Renewed only by the child, which is told so below.
    isActive: false,
    credentials: {
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token!,
      lifetimeMs: 3_600_000,
      expiresAt: Date.now() - 1000,
    },
    createdAt: 1,
    updatedAt: 1,
  });
  await engine.close();
  setActive(dataDir, id);
  return { dataDir, id };
}

function setActive(dataDir: string, id: string): void {
  const database = new Database(join(dataDir, "omniroute.sqlite"));
  database.run("UPDATE provider_connections SET is_active = 1 WHERE id = ?", [id]);
  database.close(true);
}

/** Starts the child; gives how to kill it without warning. */
function startChild(dataDir: string) {
  const child = Bun.spawn([process.execPath, CHILD, dataDir, JSON.stringify(oauth())], {
    stdout: "pipe",
    stderr: "inherit",
  });
  return async () => {
    child.kill("SIGKILL");
    await child.exited;
    expect(child.signalCode).toBe("SIGKILL");
  };
}

/** Resolves when the answer to a renewal stands in the database, and its lease no longer does. */
async function settled(dataDir: string): Promise<void> {
  const database = new Database(join(dataDir, "omniroute.sqlite"), { readonly: true });
  const lease = database.query("SELECT 1 FROM key_value WHERE namespace = 'refresh-leases'");
  while (lease.get()) await Bun.sleep(5);
  database.close();
}

/** After whatever happened: the account works, or asks for one sign-in; and nothing was sent twice. */
async function afterCrash(dataDir: string, id: string): Promise<"works" | "sign in again"> {
  const used = vendor.callsTo("/token").length;
  const engine = await open(dataDir);
  try {
    const stored = findConnection(engine.store, id)!;
    expect(listRefreshLeases(engine.store)).toEqual([]);
    if (stored.needsSignIn) {
      expect(stored.credentials.refreshEnded?.why).toBe("interrupted");
      await Bun.sleep(50);
      expect(vendor.callsTo("/token")).toHaveLength(used);
      return "sign in again";
    }
    const ready = await engine.relayDeps.tokens.ready(stored);
    expect(vendor.accepts(ready.credentials.accessToken!)).toBe(true);
    return "works";
  } finally {
    await engine.close();
    expect(vendor.counts.replays).toBe(0);
  }
}

test("G-05: killed after the vendor has used the token up and before the answer: one sign-in, no loop", async () => {
  const { dataDir, id } = await directoryWithAccount();
  const { promise: taken, resolve } = Promise.withResolvers<void>();
  vendor.hooks.beforeAnswer = () => {
    resolve();
    return new Promise(() => {});
  };
  const kill = startChild(dataDir);
  await taken;
  await kill();
  delete vendor.hooks.beforeAnswer;
  expect(vendor.counts.refreshes).toBe(1);
  expect(await afterCrash(dataDir, id)).toBe("sign in again");
  // Another start asks nobody either.
  expect(await afterCrash(dataDir, id)).toBe("sign in again");
  expect(vendor.counts.refreshes).toBe(1);
}, 30_000);

test("killed while the vendor is asked and knows nothing yet: the token is not sent again", async () => {
  const { dataDir, id } = await directoryWithAccount();
  vendor.fail("/token", "hang");
  const kill = startChild(dataDir);
  while (vendor.callsTo("/token").length === 0) await Bun.sleep(5);
  await kill();
  expect(await afterCrash(dataDir, id)).toBe("sign in again");
  expect(vendor.callsTo("/token")).toHaveLength(1);
}, 30_000);

test("G-02: killed at any moment around a renewal: no login is lost silently, none is used twice", async () => {
  const moments = [0, 1, 2, 3, 5, 8, 12, 20, 40].map((ms) => () => Bun.sleep(ms));
  const outcomes: string[] = [];
  for (const moment of [...moments, settled]) {
    const { dataDir, id } = await directoryWithAccount();
    const before = vendor.callsTo("/token").length;
    const kill = startChild(dataDir);
    while (vendor.callsTo("/token").length === before) await Bun.sleep(1);
    await moment(dataDir);
    await kill();
    outcomes.push(await afterCrash(dataDir, id));
  }
  // Once the answer is on the disk, nothing asks for a sign-in.
  expect(outcomes.at(-1)).toBe("works");
}, 60_000);

test("killed before the vendor is asked: the login is kept", async () => {
  const { dataDir, id } = await directoryWithAccount();
  const kill = startChild(dataDir);
  await kill();
  expect(await afterCrash(dataDir, id)).toBe("works");
}, 30_000);
