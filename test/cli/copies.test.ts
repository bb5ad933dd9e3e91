import { afterEach, beforeEach, expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { Database } from "bun:sqlite";
import { join } from "node:path";
import { systemClock } from "../../src/lib/clock.ts";
import { readTar } from "../../src/lib/tar.ts";
import {
  listConnections,
  openStore,
  patchSettings,
  readSettings,
  readValue,
  saveConnection,
  saveValue,
  type Store,
} from "../../src/store/index.ts";
import { FORMER_SECRET, omniRoute1, omniRoute38 } from "../kit/former-files.ts";
import { startGateway } from "../kit/gateway.ts";
import { connection } from "../store/kit.ts";
import { run, temporaryDirectory } from "./kit.ts";

let directory: ReturnType<typeof temporaryDirectory>;
let words: string[];
beforeEach(() => {
  directory = temporaryDirectory();
  words = ["--data-dir", join(directory.path, "data")];
  withStore((store) => {
    saveConnection(store, connection({ credentials: { apiKey: "canary-cli-0001" } }));
    saveValue(store, "access", "password", "hash of the running password");
  });
});
afterEach(() => directory[Symbol.dispose]());

const inside = (name: string) => join(directory.path, name);
function withStore<T>(work: (store: Store) => T): T {
  const store = openStore({ dataDir: inside("data"), clock: systemClock, version: "1.0.0" });
  try {
    return work(store);
  } finally {
    store.close();
  }
}
const nameOf = (store: Store) => readSettings(store).instanceName;

test("a copy is made, listed, tried and brought back; the running password stays", async () => {
  const made = await run(["backup", "--json", ...words]);
  expect(statSync(JSON.parse(made.out).path).mode & 0o077).toBe(0);
  withStore((store) => {
    patchSettings(store, { instanceName: "changed" });
    saveValue(store, "access", "password", "a newer password");
  });
  const { backups } = JSON.parse((await run(["restore", "--json", ...words])).out);
  expect(backups).toMatchObject([{ reason: "manual" }]);

  const tried = await run(["restore", backups[0].filename, "--dry-run", ...words]);
  expect(tried.out).toContain("Would bring in 1 connections");
  expect(withStore(nameOf)).toBe("changed");

  const restored = await run(["restore", backups[0].filename, ...words]);
  expect([restored.code, restored.err]).toEqual([0, ""]);
  withStore((store) => {
    expect(nameOf(store)).toBe("");
    expect(readValue(store, "access", "password")).toBe("a newer password");
  });
});

test("a damaged database is put back in place whole, and kept beside it", async () => {
  const copy = inside("copy.sqlite");
  await run(["backup", copy, ...words]);
  writeFileSync(join(inside("data"), "omniroute.sqlite"), "broken by somebody");
  const { code, out } = await run(["restore", copy, ...words]);
  expect([code, out.includes("with the password of that time")]).toEqual([0, true]);
  expect(readdirSync(inside("data")).filter((name) => name.includes("before-restore"))).toHaveLength(1);
  expect(withStore((store) => listConnections(store).map(({ credentials }) => credentials))).toEqual([
    { apiKey: "canary-cli-0001" },
  ]);
});

test("what is no copy is refused, and nothing changes", async () => {
  const junk = inside("junk");
  writeFileSync(junk, "no database");
  for (const command of ["restore", "import"]) {
    const { code, err } = await run([command, junk, ...words]);
    expect([code, err]).toEqual([1, expect.stringContaining("Nothing was changed.")]);
  }
  expect((await run(["import", inside("nothing"), ...words])).code).toBe(2);
  expect((await run(["import", directory.path, ...words])).err).toContain("storage.sqlite");
});

test("an archive to share holds nothing secret; a file under a passphrase opens elsewhere with it", async () => {
  const archive = inside("all.tar.gz");
  expect((await run(["export", archive, ...words])).out).toContain("no credential, key or password");
  const files = readTar(Bun.gunzipSync(readFileSync(archive)));
  expect(files.map(({ name }) => name)).toContain("storage.sqlite");
  for (const { bytes } of files) expect(Buffer.from(bytes).toString("latin1")).not.toContain("canary-cli");

  const secret = inside("secret");
  writeFileSync(secret, "twelve characters\n");
  const moved = inside("moved.sqlite");
  await run(["export", moved, "--passphrase-file", secret, ...words]);
  expect(readFileSync(moved).toString("latin1")).not.toContain("canary-cli");
  const elsewhere = ["--data-dir", inside("elsewhere")];
  const shut = await run(["import", moved, "--dry-run", ...elsewhere]);
  expect(shut.out).toContain("under a passphrase");
  const brought = await run(["import", moved, "--passphrase", ...elsewhere], { secret: "twelve characters" });
  expect([brought.code, brought.err]).toEqual([0, ""]);
  const store = openStore({ dataDir: inside("elsewhere"), clock: systemClock, version: "1.0.0" });
  expect(listConnections(store).map(({ credentials }) => credentials)).toEqual([
    { apiKey: "canary-cli-0001" },
  ]);
  store.close();
});

test("a directory of an earlier OmniRoute comes in from a copy: neither file nor journal is touched", async () => {
  const former = inside("former");
  await Bun.write(join(former, "storage.sqlite"), omniRoute1());
  // The last rows of a program that still runs are in its journal alone.
  const live = new Database(join(former, "storage.sqlite"), { readwrite: true, create: false });
  live.run("PRAGMA journal_mode = WAL");
  live.run("UPDATE provider_connections SET name = 'From the journal' WHERE id = 'conn-openai'");
  const facts = () =>
    readdirSync(former).map((name) => [name, Bun.hash(readFileSync(join(former, name))).toString()]);
  const before = facts();
  expect(before.map(([name]) => name)).toContain("storage.sqlite-wal");
  const { code, out } = await run(["import", former, ...words]);
  expect([code, facts()]).toEqual([0, before]);
  expect(out).toContain("4 connections");
  live.close();
  expect(withStore((store) => listConnections(store).map(({ name }) => name))).toContain("From the journal");
});

test("with a server running, files go in and out through it", async () => {
  const gateway = await startGateway();
  try {
    writeFileSync(
      join(gateway.dataDir, "server.json"),
      JSON.stringify({ pid: process.pid, port: gateway.port, host: "127.0.0.1", startedAt: 0, version: "1" }),
    );
    const there = ["--data-dir", gateway.dataDir];
    const file = inside("storage.sqlite");
    await Bun.write(file, omniRoute38());
    writeFileSync(inside("key"), FORMER_SECRET);
    const flags = ["--key-file", inside("key"), ...there];
    expect((await run(["import", file, "--dry-run", ...flags])).out).toContain("Nothing was changed.");
    expect(listConnections(gateway.engine.store)).toEqual([]);
    expect(await run(["import", file, ...flags])).toMatchObject({ code: 0, err: "" });
    expect(listConnections(gateway.engine.store)).toHaveLength(4);
    const out = inside("out.sqlite");
    expect((await run(["export", out, ...there])).code).toBe(0);
    expect(statSync(out).mode & 0o077).toBe(0);
    const { backups } = JSON.parse((await run(["restore", "--json", ...there])).out);
    expect((await run(["restore", backups[0].filename, ...there])).out).toContain("Brought in 0 connections");
  } finally {
    await gateway.stop();
  }
});
