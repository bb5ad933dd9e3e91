import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  listConnections,
  makeBackup,
  openStore,
  readSettings,
  patchSettings,
  saveConnection,
  saveSecretValue,
  StoreError,
} from "../../src/store/index.ts";
import { freshDirectory } from "../kit/data-dir.ts";
import { FakeClock } from "../kit/fake-clock.ts";
import { connection, freshStore, record, VERSION } from "./kit.ts";

const open = (dataDir: string, storageKey?: string) =>
  openStore({ dataDir, clock: new FakeClock(), version: VERSION, ...(storageKey && { storageKey }) });

function refusal(work: () => unknown): StoreError {
  try {
    work();
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
  throw new Error("It was opened.");
}

/** A data directory that was used and closed, with one connection in it. */
function usedDirectory(): string {
  const { store, dataDir } = freshStore();
  saveConnection(store, connection());
  store.close();
  return dataDir;
}

/** Every file with its content, to see that nothing was changed. */
function contents(directory: string): { [name: string]: string } {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    names.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path, readFileSync(path).toString("base64")];
    }),
  );
}

describe("a data directory", () => {
  test("is made on the first start, closed to other users", () => {
    const dataDir = join(freshDirectory(), "a", "b");
    const store = open(dataDir);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    for (const entry of readdirSync(dataDir, { recursive: true, withFileTypes: true })) {
      const mode = statSync(join(entry.parentPath, entry.name)).mode & 0o777;
      expect([entry.name, mode.toString(8)]).toEqual([entry.name, entry.isDirectory() ? "700" : "600"]);
    }
    store.close();
    expect(readdirSync(dataDir).sort()).toEqual([
      "backups",
      "lock",
      "logs.sqlite",
      "omniroute.sqlite",
      "secrets.json",
    ]);
  });

  test("is closed again when it is ours, and left alone when it holds other things", () => {
    const ours = usedDirectory();
    Bun.spawnSync(["chmod", "755", ours]);
    open(ours).close();
    expect(statSync(ours).mode & 0o777).toBe(0o700);

    const shared = freshDirectory();
    writeFileSync(join(shared, "somebody-elses.txt"), "");
    Bun.spawnSync(["chmod", "755", shared]);
    const store = open(shared);
    expect(statSync(shared).mode & 0o777).toBe(0o755);
    expect(store.warnings.join()).toContain("directory of its own");
    store.close();
  });

  test("keeps everything over a restart", () => {
    const { store, dataDir } = freshStore();
    const saved = saveConnection(store, connection());
    patchSettings(store, { theme: "dark" });
    store.close();
    const again = open(dataDir);
    expect(listConnections(again)).toEqual([saved]);
    expect(readSettings(again).theme).toBe("dark");
    again.close();
  });

  test("holds no secret in plain text", () => {
    const { store, dataDir } = freshStore();
    saveConnection(
      store,
      connection({ credentials: { apiKey: "canary-key", refreshToken: "canary-token" } }),
    );
    saveSecretValue(store, "proxy", "global", "canary-proxy-password");
    store.vault.save({ keyId: "k", id: "call_1", value: "canary-proof", expiresAt: Number.MAX_SAFE_INTEGER });
    makeBackup(store, "manual");
    for (const when of ["open", "closed"]) {
      if (when === "closed") store.close();
      for (const [path, content] of Object.entries(contents(dataDir))) {
        expect([path, Buffer.from(content, "base64").includes("canary")]).toEqual([path, false]);
      }
    }
  });

  test("is refused to a second opener until the first has closed", () => {
    const { store, dataDir } = freshStore();
    const error = refusal(() => open(dataDir));
    expect([error.problem, error.exitCode]).toEqual(["locked", 4]);
    expect(error.message).toContain("Another OmniRoute");
    store.close();
    store.close();
    open(dataDir).close();
  });

  test("is refused to a second process", async () => {
    const { store, dataDir } = freshStore();
    const script = `import { openStore } from ${JSON.stringify(join(import.meta.dir, "../../src/store/index.ts"))};
      import { systemClock } from ${JSON.stringify(join(import.meta.dir, "../../src/lib/clock.ts"))};
      try { openStore({ dataDir: ${JSON.stringify(dataDir)}, clock: systemClock, version: "1" }); console.log("opened"); }
      catch (error) { console.log(error.problem); }`;
    const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
    expect((await new Response(child.stdout).text()).trim()).toBe("locked");
    store.close();
  });

  test("cannot be a file, nor stand below one", () => {
    const file = join(freshDirectory(), "file");
    writeFileSync(file, "");
    for (const path of [file, join(file, "below")]) {
      const error = refusal(() => open(path));
      expect([error.problem, error.exitCode]).toEqual(["unusable", 4]);
      expect(error.message).toContain("is not a directory");
    }
  });
});

describe("a damaged database", () => {
  const DAMAGE: [string, (bytes: Buffer) => Buffer][] = [
    ["empty", () => Buffer.alloc(0)],
    ["zeroed", (bytes) => Buffer.alloc(bytes.length)],
    ["garbage", (bytes) => Buffer.alloc(bytes.length, "rubbish ")],
    ["half", (bytes) => bytes.subarray(0, bytes.length / 2)],
    ["cut inside a page", (bytes) => bytes.subarray(0, bytes.length - 1000)],
    ["overwritten in the middle", (bytes) => Buffer.from(bytes).fill(0xff, 8192, 16_384)],
  ];

  for (const name of ["omniroute.sqlite", "logs.sqlite"]) {
    test.each(DAMAGE)(`${name}, %s, is refused and left byte for byte`, (kind, spoil) => {
      const dataDir = usedDirectory();
      const path = join(dataDir, name);
      // The log is read page by page only after a crash, which a journal left behind tells of.
      const crashed = name === "logs.sqlite" && kind === "overwritten in the middle";
      if (crashed) writeFileSync(`${path}-wal`, "left over");
      writeFileSync(path, spoil(readFileSync(path)));
      const before = contents(dataDir);
      const error = refusal(() => open(dataDir));
      expect([error.problem, error.exitCode]).toEqual(["damaged", 5]);
      expect(error.message).toContain(path);
      expect(error.message).not.toContain("\n");
      for (const [file, content] of Object.entries(before)) {
        expect([file, readFileSync(file).toString("base64") === content]).toEqual([file, true]);
      }
    });
  }

  test("names the newest copy that opens", () => {
    const { store, clock, dataDir } = freshStore();
    makeBackup(store, "manual");
    clock.advance(1000);
    const good = makeBackup(store, "manual");
    clock.advance(1000);
    const broken = makeBackup(store, "daily");
    store.close();
    writeFileSync(broken.path, "rubbish");
    writeFileSync(join(dataDir, "omniroute.sqlite"), "rubbish");
    expect(refusal(() => open(dataDir)).message).toContain(`omniroute restore ${good.path}`);
  });

  test("whose file is gone, but not its journal, is not taken for a new one", () => {
    const dataDir = usedDirectory();
    rmSync(join(dataDir, "omniroute.sqlite"));
    writeFileSync(join(dataDir, "omniroute.sqlite-wal"), "left over");
    expect(refusal(() => open(dataDir)).problem).toBe("damaged");
    expect(existsSync(join(dataDir, "omniroute.sqlite"))).toBe(false);
  });

  test("does not stop the start when only the log was deleted", () => {
    const dataDir = usedDirectory();
    rmSync(join(dataDir, "logs.sqlite"));
    writeFileSync(join(dataDir, "logs.sqlite-wal"), "left over");
    const store = open(dataDir);
    store.requestLog.add(record());
    expect(store.requestLog.flush()).toBe(true);
    expect(listConnections(store)).toHaveLength(1);
    store.close();
  });

  test("in a first start that was cut short is made anew", () => {
    const dataDir = freshDirectory();
    for (const name of ["omniroute.sqlite.new", "logs.sqlite.new", "secrets.json.new"]) {
      writeFileSync(join(dataDir, name), "half");
    }
    const store = open(dataDir);
    expect(listConnections(store)).toEqual([]);
    store.close();
  });
});

describe("the key to the credentials", () => {
  const GIVEN = "kZ6tq2V0m3rYw8Lx1pNfB7sGdH4jC9aE";

  test("missing: refused, and no new key is made", () => {
    const dataDir = usedDirectory();
    rmSync(join(dataDir, "secrets.json"));
    const error = refusal(() => open(dataDir));
    expect([error.problem, error.exitCode]).toEqual(["key-missing", 5]);
    expect(existsSync(join(dataDir, "secrets.json"))).toBe(false);
  });

  test("unreadable: refused, and the file is left", () => {
    const dataDir = usedDirectory();
    writeFileSync(join(dataDir, "secrets.json"), "{}");
    expect(refusal(() => open(dataDir)).exitCode).toBe(5);
    expect(readFileSync(join(dataDir, "secrets.json"), "utf8")).toBe("{}");
  });

  test("of another installation: refused", () => {
    const dataDir = usedDirectory();
    const other = usedDirectory();
    writeFileSync(join(dataDir, "secrets.json"), readFileSync(join(other, "secrets.json")));
    expect(refusal(() => open(dataDir)).problem).toBe("key-wrong");
  });

  test.each([
    [undefined, GIVEN, "unset it"],
    [GIVEN, undefined, "is not set"],
    [GIVEN, `${GIVEN}x`, "does not fit"],
  ])("made with %p, opened with %p: refused with a cure", (first, second, words) => {
    const dataDir = freshDirectory();
    open(dataDir, first).close();
    const before = contents(dataDir);
    const error = refusal(() => open(dataDir, second));
    expect(error.problem).toBe("key-wrong");
    expect(error.message).toContain(words);
    expect(error.message).not.toContain(GIVEN);
    expect(contents(dataDir)).toEqual(before);
  });

  test("given by the environment: opens, also when secrets.json is gone", () => {
    const dataDir = freshDirectory();
    const store = open(dataDir, GIVEN);
    const saved = saveConnection(store, connection());
    store.close();
    rmSync(join(dataDir, "secrets.json"));
    const again = open(dataDir, GIVEN);
    expect(listConnections(again)).toEqual([saved]);
    expect(again.warnings.join()).toContain("secrets.json was missing");
    again.close();
  });

  test("a published one is not used, and that is said", () => {
    const dataDir = freshDirectory();
    const store = open(dataDir, "omniroute-default-secret-change-me");
    expect(store.warnings.join()).toContain("STORAGE_ENCRYPTION_KEY");
    store.close();
    open(dataDir).close();
  });

  test("a connection whose seal is broken asks for a new sign-in instead of giving rubbish", () => {
    const { store, dataDir } = freshStore();
    const saved = saveConnection(store, connection());
    store.close();
    const database = new Database(join(dataDir, "omniroute.sqlite"));
    database.run("UPDATE provider_connections SET credentials = substr(credentials, 1, 40)");
    database.close(true);
    const again = open(dataDir);
    expect(listConnections(again)).toEqual([{ ...saved, credentials: {}, needsSignIn: true }]);
    again.close();
  });
});

test("an unknown companion directory does not disturb", () => {
  const dataDir = freshDirectory();
  mkdirSync(join(dataDir, "logs"));
  open(dataDir).close();
  expect(existsSync(join(dataDir, "logs"))).toBe(true);
});
