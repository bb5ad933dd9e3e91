import { expect, spyOn, test } from "bun:test";
import { keyedDigest, KeyRing } from "../../src/access/key-ring.ts";
import { openStore } from "../../src/store/index.ts";
import { nearMisses, farMisses } from "../kit/key-misses.ts";
import { freshDirectory } from "../kit/data-dir.ts";
import { FakeClock } from "../kit/fake-clock.ts";

/** How many bits two digests in hex differ in. */
function distance(one: string, other: string): number {
  const bits = BigInt(`0x${one}`) ^ BigInt(`0x${other}`);
  return bits.toString(2).replaceAll("0", "").length;
}

test("A-14: a near miss takes the same steps as a far one: one digest of all of it, one look-up of that", () => {
  const store = openStore({ dataDir: freshDirectory(), clock: new FakeClock(), version: "1.2.0" });
  const digest = keyedDigest("a secret of this test's own, long enough");
  const digested: string[] = [];
  const ring = new KeyRing(store, (key) => {
    digested.push(key);
    return digest(key);
  });
  const { key } = ring.create({ name: "laptop" });
  const read = spyOn(store.files.config, "query");
  const lookUp = spyOn(Map.prototype, "get");
  const stepsOf = (guess: string) => {
    digested.length = 0;
    lookUp.mockClear();
    expect(ring.find(guess)).toBe("unknown");
    return { digested: [...digested], lookedUp: lookUp.mock.calls.map(([what]: unknown[]) => what) };
  };
  try {
    for (const guess of [...nearMisses(key, 100), ...farMisses(key, 100)])
      expect(stepsOf(guess)).toEqual({ digested: [guess], lookedUp: [digest(guess)] });
    expect(read).not.toHaveBeenCalled();
    expect(ring.find(key)).toMatchObject({ name: "laptop" });
  } finally {
    lookUp.mockRestore();
    read.mockRestore();
  }
  // What is looked up of a near miss lies no nearer to the key's own digest than that of any other guess.
  for (const misses of [nearMisses(key, 100), farMisses(key, 100)])
    for (const guess of misses) expect(distance(digest(guess), digest(key))).toBeGreaterThan(70);
  ring.close();
  store.close();
});
