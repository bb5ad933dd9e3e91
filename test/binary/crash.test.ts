import { Database } from "bun:sqlite";
import { afterEach, beforeAll, describe, expect, test } from "bun:test";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CONFIG_MIGRATIONS } from "../../drizzle/index.ts";
import { omniRoute1 } from "../kit/former-files.ts";
import { chat, executable, folder, run, serve, setUp, type Serving } from "./kit.ts";

const BUILD_MS = 180_000;
const LAST_SECOND = 1000;
beforeAll(async () => {
  await executable();
}, BUILD_MS);

const asOwner = (dataDir: string, more: { [name: string]: string } = {}) => ({
  authorization: `Bearer ${readFileSync(join(dataDir, "cli-token"), "utf8").trim()}`,
  ...more,
});
const JSON_TYPE = { "content-type": "application/json" };

function whole(dataDir: string): void {
  for (const name of ["omniroute.sqlite", "logs.sqlite"]) {
    const database = new Database(join(dataDir, name), { readonly: true });
    expect(database.query("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
    database.close(true);
  }
}

async function killed(server: Serving): Promise<number> {
  const at = Date.now();
  server.process.kill("SIGKILL");
  await server.process.exited;
  return at;
}

/** Calls models and makes keys until the server is gone; tells what was answered, and when. */
async function load(server: Serving, dataDir: string, until: Promise<unknown>) {
  const keys: string[] = [];
  const calls: { id: string; at: number }[] = [];
  let over = false;
  void until.then(() => (over = true));
  const headers = asOwner(dataDir, JSON_TYPE);
  const caller = async () => {
    while (!over) {
      const answer = await chat(server, "mock/echo", "Hello", false).catch(() => undefined);
      const id = answer?.headers.get("x-request-id");
      if (answer?.status === 200 && (await answer.text().catch(() => "")) !== "" && id)
        calls.push({ id, at: Date.now() });
    }
  };
  const maker = async () => {
    while (!over) {
      const body = JSON.stringify({ name: `key ${keys.length}` });
      const answer = await fetch(`${server.url}/api/keys`, { method: "POST", headers, body }).catch(
        () => undefined,
      );
      const made = (await answer?.json().catch(() => undefined)) as { id?: string } | undefined;
      if (made?.id) keys.push(made.id);
    }
  };
  await Promise.all([caller(), caller(), caller(), maker()]);
  return { keys, calls };
}

test("K-06, K-07: killed under load again and again, no key and no call before the last second is lost", async () => {
  using data = folder();
  const keys: string[] = [];
  const calls: string[] = [];
  for (const ms of [400, 1500, 900, 2200]) {
    const server = await serve(data.path);
    if (keys.length === 0 && calls.length === 0) await setUp(server);
    const death = Bun.sleep(ms).then(() => killed(server));
    const done = await load(server, data.path, death);
    const diedAt = await death;
    keys.push(...done.keys);
    calls.push(...done.calls.filter(({ at }) => at < diedAt - LAST_SECOND).map(({ id }) => id));
    await using again = await serve(data.path);
    expect(await again.stop()).toBe(0);
    whole(data.path);
    const config = new Database(join(data.path, "omniroute.sqlite"), { readonly: true });
    const saved = new Set(
      config
        .query<{ id: string }, []>("SELECT id FROM api_keys")
        .all()
        .map(({ id }) => id),
    );
    config.close(true);
    expect(keys.filter((id) => !saved.has(id))).toEqual([]);
    expect(readdirSync(data.path).filter((name) => /\.(?:new|tmp)$/.test(name))).toEqual([]);
  }
  await using last = await serve(data.path);
  const headers = asOwner(data.path);
  const lost: string[] = [];
  for (const id of calls) {
    const answer = await fetch(`${last.url}/api/usage/call-logs/${id}`, { headers });
    if (answer.status !== 200) lost.push(id);
    await answer.body?.cancel();
  }
  expect(lost).toEqual([]);
  expect([keys.length > 5, calls.length > 5]).toEqual([true, true]);
}, 120_000);

test("K-08: killed in the middle of an import, the state is the old or the new one, and no draft stays", async () => {
  using data = folder();
  const first = await serve(data.path);
  await setUp(first);
  await first.stop();
  for (const ms of [0, 5, 20, 60, 150]) {
    const server = await serve(data.path);
    const form = new FormData();
    form.set("file", new File([Buffer.from(omniRoute1())], "storage.sqlite"));
    const sent = fetch(`${server.url}/api/db-backups/import`, {
      method: "POST",
      headers: asOwner(data.path),
      body: form,
    }).catch(() => undefined);
    await Bun.sleep(ms);
    await killed(server);
    await sent;
    const again = await serve(data.path);
    const { connections } = (await (
      await fetch(`${again.url}/api/providers`, { headers: asOwner(data.path) })
    ).json()) as { connections: unknown[] };
    const { combos } = (await (
      await fetch(`${again.url}/api/combos`, { headers: asOwner(data.path) })
    ).json()) as { combos: unknown[] };
    expect([
      [0, 0],
      [4, 2],
    ]).toContainEqual([connections.length, combos.length]);
    expect(await again.stop()).toBe(0);
    expect(readdirSync(data.path).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    whole(data.path);
  }
}, 120_000);

test("K-22: an older database is migrated with a copy kept; killed in between, the next start does it", async () => {
  const [oldest] = CONFIG_MIGRATIONS;
  for (const ms of [0, 30, 60, 90, 120, 200]) {
    using data = folder();
    const server = await serve(data.path);
    await setUp(server);
    const made = await run({ args: ["key", "create", "kept", "--json", "--data-dir", data.path] });
    expect(made.code).toBe(0);
    await server.stop();
    makeOlder(join(data.path, "omniroute.sqlite"), oldest!.tag);

    const child = Bun.spawn(
      [await executable(), "serve", "--port", "0", "--no-open", "--data-dir", data.path],
      {
        cwd: tmpdir(),
        env: { PATH: process.env.PATH ?? "" },
        stdout: "ignore",
        stderr: "ignore",
      },
    );
    await Bun.sleep(ms);
    child.kill("SIGKILL");
    await child.exited;

    const again = await serve(data.path);
    const { keys } = (await (
      await fetch(`${again.url}/api/keys`, { headers: asOwner(data.path) })
    ).json()) as { keys: { name: string }[] };
    expect(keys.map(({ name }) => name)).toEqual(["kept"]);
    expect(await again.stop()).toBe(0);
    whole(data.path);
    expect(readdirSync(join(data.path, "backups")).filter((name) => name.includes("-migration"))).not.toEqual(
      [],
    );
  }
}, 120_000);

/** Takes a database back to its first step: what later ones added goes, as if it had never been. */
function makeOlder(path: string, tag: string): void {
  const database = new Database(path, { readwrite: true, create: false });
  database.run("PRAGMA foreign_keys = OFF");
  const first = new Database(":memory:");
  first.run(CONFIG_MIGRATIONS.find((step) => step.tag === tag)!.sql);
  const columns = (from: Database, table: string) =>
    from
      .query<{ name: string }, [string]>("SELECT name FROM pragma_table_info(?)")
      .all(table)
      .map(({ name }) => name);
  const tables = database
    .query<{ name: string }, []>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'migrations'",
    )
    .all();
  for (const { name } of tables) {
    const old = columns(first, name);
    if (old.length === 0) database.run(`DROP TABLE ${name}`);
    for (const column of old.length === 0
      ? []
      : columns(database, name).filter((each) => !old.includes(each)))
      database.run(`ALTER TABLE ${name} DROP COLUMN ${column}`);
  }
  database.run("DELETE FROM migrations WHERE tag <> ?", [tag]);
  database.run("PRAGMA user_version = 1");
  database.close(true);
  first.close();
}

/** Takes what is left of a disk, and tells the file that holds it. */
function fill(disk: string, piece = 256 * 1024): string {
  const ballast = join(disk, "ballast");
  const { bavail, bsize } = statfsSync(disk);
  for (let left = bavail * bsize; left > 0; left -= piece) {
    try {
      writeFileSync(ballast, Buffer.alloc(piece), { flag: "a" });
    } catch {
      break;
    }
  }
  return ballast;
}

/** A small disk of its own; undefined where this user may not make one. */
function smallDisk(): string | undefined {
  if (process.platform !== "linux") return undefined;
  const path = mkdtempSync(join(tmpdir(), "omniroute-disk-"));
  const { exitCode } = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs", path]);
  if (exitCode === 0) return path;
  rmSync(path, { recursive: true });
  return undefined;
}

describe("a disk that refuses", () => {
  let disk: string | undefined;
  afterEach(() => {
    if (disk === undefined) return;
    Bun.spawnSync(["umount", "-l", disk]);
    rmSync(disk, { recursive: true, force: true });
    disk = undefined;
  });
  const disks = smallDisk();
  if (disks === undefined)
    console.warn("Tests of full and read-only disks are left out: no disk can be mounted.");
  else {
    Bun.spawnSync(["umount", "-l", disks]);
    rmSync(disks, { recursive: true, force: true });
  }

  test.skipIf(disks === undefined)(
    "K-14: full, calls go on, changes are refused with the cure, and it recovers by itself",
    async () => {
      disk = smallDisk()!;
      const dataDir = join(disk, "data");
      await using server = await serve(dataDir);
      await setUp(server);
      const ballast = fill(disk);
      const headers = asOwner(dataDir, JSON_TYPE);
      const change = () =>
        fetch(`${server.url}/api/settings`, {
          method: "PATCH",
          headers,
          body: JSON.stringify({ systemPrompt: { enabled: false, prompt: "x".repeat(90_000) } }),
        });
      let served = 0;
      for (let index = 0; index < 30; index++)
        if ((await chat(server, "mock/echo", "Hello", false)).status === 200) served++;
      expect(served).toBeGreaterThanOrEqual(27);
      const refused = await change();
      const { error } = (await refused.json()) as { error: { code: string; message: string } };
      expect([refused.status, error.code, error.message.includes("Free some space")]).toEqual([
        507,
        "storage_full",
        true,
      ]);
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);

      rmSync(ballast);
      expect((await change()).status).toBe(200);
      const id = (await chat(server, "mock/echo", "Again", false)).headers.get("x-request-id");
      let found = 0;
      for (let tries = 0; tries < 50 && found !== 200; tries++) {
        await Bun.sleep(100);
        found = (await fetch(`${server.url}/api/usage/call-logs/${id}`, { headers })).status;
      }
      expect(found).toBe(200);
      expect(await server.stop()).toBe(0);
      whole(dataDir);
    },
    60_000,
  );

  test.skipIf(disks === undefined)(
    "full at the start, calls are answered all the same, and the commands say what is wrong",
    async () => {
      disk = smallDisk()!;
      const dataDir = join(disk, "data");
      const first = await serve(dataDir);
      await setUp(first);
      await killed(first);
      fill(disk, 4096);
      const copy = await run({ args: ["backup", "--data-dir", dataDir] });
      expect([copy.code, copy.err]).toEqual([4, expect.stringContaining("is full: free some space")]);
      const looked = await run({ args: ["doctor", "--data-dir", dataDir], env: { PORT: "0" } });
      expect([looked.code, looked.out]).toEqual([1, expect.stringMatching(/FAIL +disk +\d+ MB are free/)]);
      await using server = await serve(dataDir);
      // Where it listens cannot be written down; the terminal says it.
      const [, port] = /localhost:(\d+)\/v1/.exec(server.greeting) ?? [];
      const reached = { ...server, url: `http://127.0.0.1:${port}` };
      expect((await chat(reached, "mock/echo", "Hello", false)).status).toBe(200);
      expect(await server.stop()).toBe(0);
    },
    60_000,
  );

  test.skipIf(disks === undefined)(
    "K-13: read-only, the start ends with code 4 and says what to do",
    async () => {
      disk = smallDisk()!;
      const dataDir = join(disk, "data");
      mkdirSync(dataDir);
      Bun.spawnSync(["mount", "-o", "remount,ro", disk]);
      for (const path of [dataDir, join(disk, "new")]) {
        const { code, err } = await run({ args: ["serve", "--port", "0", "--no-open", "--data-dir", path] });
        expect([code, err.includes(path), err.includes("--data-dir")]).toEqual([4, true, true]);
      }
    },
  );
});

const strace = Bun.which("strace");
const mayTrace =
  strace !== null &&
  Bun.spawnSync([strace, "-q", "-o", "/dev/null", "true"], { stderr: "ignore" }).exitCode === 0;
if (strace === null)
  console.warn("The test of a failing disk is left out: there is no strace that may make it fail.");

/** Is every thread of a process under the eyes of a tracer? */
const isTraced = (pid: number): boolean =>
  readdirSync(`/proc/${pid}/task`).every(
    (thread) => !readFileSync(`/proc/${pid}/task/${thread}/status`, "utf8").includes("TracerPid:\t0\n"),
  );

test.skipIf(!mayTrace)(
  "K-24: when the disk fails to make a change last, nobody is told that it was made",
  async () => {
    using data = folder();
    await using server = await serve(data.path);
    await setUp(server);
    const headers = asOwner(data.path, JSON_TYPE);
    const change = (instanceName: string) =>
      fetch(`${server.url}/api/settings`, {
        method: "PATCH",
        headers,
        body: JSON.stringify({ instanceName }),
      });
    const words = ["-f", "-q", "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO"];
    const fault = Bun.spawn([strace!, ...words, "-p", String(server.process.pid)], {
      stdout: "ignore",
      stderr: "ignore",
    });
    while (!isTraced(server.process.pid)) await Bun.sleep(20);
    const refused = await change("never made");
    const { error } = (await refused.json()) as { error?: { code: string } };
    fault.kill("SIGINT");
    await fault.exited;
    expect([refused.status, error?.code]).toEqual([507, "storage_full"]);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    expect((await change("made")).status).toBe(200);
    expect(await server.stop()).toBe(0);
    whole(data.path);
  },
  60_000,
);
