import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { farMisses, nearMisses } from "../test/kit/key-misses.ts";
import { startGateway } from "../test/kit/gateway.ts";
import { median } from "./load.ts";

/**
 * Does the time of a refusal tell how much of a guessed key was right? A hundred guesses that differ from a key in one
 * letter and a hundred that differ in all, by turns, over HTTP. `bun bench/near-misses.ts [rounds]`
 */
const ROUNDS = Number(process.argv[2] ?? 20);
const WARM_UP = 500;
const GUESSES = 100;
const MUST_SHARE = 0.5;
const MUST_MS = 0.5;

const dataDir = mkdtempSync(join(tmpdir(), "omniroute-bench-"));
const gateway = await startGateway({ dataDir, requireApiKey: true });
const { key } = gateway.engine.access.createKey({ name: "guessed at" });
const near = nearMisses(key, GUESSES);
const far = farMisses(key, GUESSES);

/** Milliseconds until a guess is refused. */
async function refusal(guess: string): Promise<number> {
  const started = performance.now();
  const response = await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${guess}` } });
  await response.text();
  if (response.status !== 401) throw new Error(`A wrong key was answered with ${response.status}.`);
  return performance.now() - started;
}

for (let call = 0; call < WARM_UP; call++) await refusal(far[call % far.length]!);
const times: { near: number[]; far: number[] } = { near: [], far: [] };
for (let round = 0; round < ROUNDS; round++)
  for (let index = 0; index < GUESSES; index++) {
    times.near.push(await refusal(near[index]!));
    times.far.push(await refusal(far[index % far.length]!));
  }
await gateway.stop();
rmSync(dataDir, { recursive: true, force: true });

const medians = { near: median(times.near), far: median(times.far) };
const apart = Math.abs(medians.near - medians.far);
const holds = apart <= MUST_MS || apart <= MUST_SHARE * Math.min(medians.near, medians.far);
console.log(`near misses  ${medians.near.toFixed(3)} ms (median of ${times.near.length})`);
console.log(`far misses   ${medians.far.toFixed(3)} ms (median of ${times.far.length})`);
console.log(
  `apart        ${apart.toFixed(3)} ms: ${holds ? "holds" : "DOES NOT HOLD"} (must: ${MUST_MS} ms or ${MUST_SHARE * 100} %)`,
);
process.exit(holds ? 0 : 1);
