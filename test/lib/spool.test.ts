import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Spool } from "../../src/lib/spool.ts";

const directory = mkdtempSync(join(tmpdir(), "omniroute-spool-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const piece = (value: number, length: number) => new Uint8Array(length).fill(value);

async function filled(memoryBytes: number, where = directory): Promise<Spool> {
  const spool = new Spool({ memoryBytes, directory: where });
  for (let value = 0; value < 10; value++) await spool.write(piece(value, 50_000));
  spool.end();
  return spool;
}

const whole = Buffer.concat(Array.from({ length: 10 }, (_, value) => piece(value, 50_000)));

test.each([
  ["in memory", 1_000_000],
  ["half in memory, half on the disk", 220_000],
  ["on the disk", 0],
])("gives the same bytes every time: %s", async (_where, memoryBytes) => {
  const spool = await filled(memoryBytes);
  expect(spool.size).toBe(500_000);
  expect(Buffer.compare(await spool.bytes(), whole)).toBe(0);
  expect(Buffer.compare(await spool.bytes(), whole)).toBe(0);
  await spool.close();
});

test("the file on the disk has no name that could be left behind", async () => {
  const spool = await filled(0);
  expect(readdirSync(directory)).toEqual([]);
  await spool.close();
});

test("a reader follows the writer", async () => {
  const spool = new Spool({ memoryBytes: 60_000, directory });
  const reader = spool.stream().getReader();
  const first = reader.read();
  await spool.write(piece(1, 50_000));
  expect((await first).value?.length).toBe(50_000);
  const second = reader.read();
  await spool.write(piece(2, 50_000));
  expect((await second).value?.[0]).toBe(2);
  const end = reader.read();
  spool.end();
  expect((await end).done).toBe(true);
  await spool.close();
});

test("stays in memory where the disk refuses", async () => {
  const spool = await filled(0, join(directory, "there is no such directory"));
  expect(Buffer.compare(await spool.bytes(), whole)).toBe(0);
  await spool.close();
});

test("readers learn that the sender broke off, after what had come", async () => {
  const spool = new Spool({ memoryBytes: 1000, directory });
  await spool.write(piece(7, 10));
  spool.fail(new Error("gone"));
  const reader = spool.stream().getReader();
  expect((await reader.read()).value).toEqual(piece(7, 10));
  await expect(reader.read()).rejects.toThrow("gone");
  await spool.close();
});

test.skipIf(!existsSync("/proc/self/fd"))(
  "what is put away while its file is being opened leaves none open",
  async () => {
    const spool = new Spool({ memoryBytes: 0, directory });
    const written = spool.write(piece(1, 1000));
    await spool.close();
    await written;
    await spool.write(piece(2, 1000));
    const open = readdirSync("/proc/self/fd").flatMap((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        // The one that was reading the folder.
        return [];
      }
    });
    expect(open.filter((path) => path.startsWith(directory))).toEqual([]);
    expect(spool.size).toBe(0);
  },
);
