import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { systemClock } from "../../src/lib/clock.ts";
import { groupUsage, listKeys, openStore } from "../../src/store/index.ts";
import { freshDirectory } from "../kit/data-dir.ts";

const CHILD = join(import.meta.dir, "crash-child.ts");
const LAST_SECOND = 1000;

const start = (dataDir: string) =>
  Bun.spawn([process.execPath, CHILD, dataDir], { stdout: "pipe", stderr: "pipe" });

const reopen = (dataDir: string) => openStore({ dataDir, clock: systemClock, version: "1.2.0" });

/** Lets a child work for a while and kills it without warning. Gives what it said it had done, and when it died. */
async function killAfter(dataDir: string, ms: number): Promise<{ lines: string[]; diedAt: number }> {
  const child = start(dataDir);
  const reader = child.stdout.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let timer: Timer | undefined;
  let diedAt = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
    timer ??= setTimeout(() => {
      diedAt = Date.now();
      child.kill("SIGKILL");
    }, ms);
  }
  await child.exited;
  // The last line may have been cut off by the kill.
  return { lines: text.split("\n").slice(0, -1), diedAt };
}

test("killed again and again: every key that was acknowledged is there, and calls but for the last second", async () => {
  const dataDir = freshDirectory();
  const keys: string[] = [];
  const calls: string[] = [];
  for (const ms of [30, 350, 1400, 700]) {
    const { lines, diedAt } = await killAfter(dataDir, ms);
    expect(lines[0]).toBe("open");
    for (const line of lines) {
      const [what, id = "", time] = line.split(" ");
      if (what === "key") keys.push(id);
      if (what === "call" && Number(time) < diedAt - LAST_SECOND) calls.push(id);
    }
    const store = reopen(dataDir);
    const saved = new Set(listKeys(store).map((key) => key.id));
    expect(keys.filter((id) => !saved.has(id))).toEqual([]);
    const logged = store.files.logs.query<{ id: string | Uint8Array }, []>("SELECT id FROM requests").all();
    const known = new Set(logged.map((row) => row.id));
    expect(calls.filter((id) => !known.has(id))).toEqual([]);
    const [total] = groupUsage(store, { from: 0, to: Date.now() + 3_600_000 }, []);
    expect(total!.requests).toBe(logged.length);
    store.close();
    for (const name of ["omniroute.sqlite", "logs.sqlite"]) {
      const database = new Database(join(dataDir, name), { readonly: true });
      expect(database.query("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
      database.close(true);
    }
  }
  expect(keys.length).toBeGreaterThan(20);
  expect(calls.length).toBeGreaterThan(20);
}, 60_000);

test("killed in the middle of the first start: the next one is clean", async () => {
  // A start takes some tens of milliseconds here, most of them the runtime's own.
  for (let ms = 5; ms <= 115; ms += 10) {
    const dataDir = freshDirectory();
    const child = start(dataDir);
    await Bun.sleep(ms);
    child.kill("SIGKILL");
    await child.exited;
    expect(child.signalCode).toBe("SIGKILL");
    const store = reopen(dataDir);
    expect(Array.isArray(listKeys(store))).toBe(true);
    store.close();
    reopen(dataDir).close();
  }
}, 60_000);
