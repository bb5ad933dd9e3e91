import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * What earlier gateways did wrong and this one must not do again, by number. Those that need a test of their own have
 * it here, in a file that begins with the number; the others are held by a named test in the room they belong to.
 */
const ELSEWHERE: { [number: string]: [file: string, name: string][] } = {
  "05": [["regressions/04-gemini-is-answered-as-gemini.test.ts", "what is not there says so in JSON"]],
  "12": [
    [
      "admin/backups.test.ts",
      "exportAll holds no credential, not even sealed, no hash, and nothing of who may come in",
    ],
  ],
  "22": [
    ["gateway/tool-loop.test.ts", "turns of a tool loop, restarted in the middle"],
    ["caching/proof-keeper.test.ts", "never cross from one API key to another"],
  ],
  "25": [
    ["store/open-store.test.ts", "keeps everything over a restart"],
    ["store/open-store.test.ts", "missing: refused, and no new key is made"],
    ["store/open-store.test.ts", "whose file is gone, but not its journal, is not taken for a new one"],
  ],
  "32": [
    ["binary/binary.test.ts", "neither runs code nor takes settings from the folder it was started in"],
    [
      "lockfile.test.ts",
      "the lock file holds no address, so that every machine fetches from its own registry",
    ],
  ],
};
const TESTS = join(import.meta.dir, "..");
const here = readdirSync(import.meta.dir);

test.each(Array.from({ length: 33 }, (_, index) => String(index + 1).padStart(2, "0")))(
  "number %s is guarded",
  (number) => {
    const own = here.filter((file) => file.startsWith(`${number}-`));
    for (const [file, name] of ELSEWHERE[number] ?? []) {
      expect(existsSync(join(TESTS, file))).toBe(true);
      expect(readFileSync(join(TESTS, file), "utf8")).toContain(name);
    }
    expect(own.length + (ELSEWHERE[number]?.length ?? 0)).toBeGreaterThan(0);
  },
);
