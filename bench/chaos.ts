import { runChaos } from "../test/kit/chaos.ts";

/**
 * Runs 5,000 requests (or as many as the first argument says) over real sockets against three upstreams that take turns
 * in resetting, stalling, limiting and failing, beside one whose name leads nowhere and one without TLS. Ends with 1
 * when a request that could have been served was not, something was generated twice, or anything is left over.
 */
const requests = Number(process.argv[2] ?? 5000);
const seed = Number(process.argv[3] ?? 1);
const MOST_GROWTH_MIB = 20;

const report = await runChaos({ requests, concurrency: 48, seed });
const { left, heap, violations, mischief, ...counts } = report;
console.log(JSON.stringify(counts));
console.log("mischief", JSON.stringify(mischief));
console.log("heap MiB", heap.map((mib) => mib.toFixed(1)).join(" "));
console.log("left over", JSON.stringify(left));
for (const violation of violations.slice(0, 20)) console.log(violation);

// The first tenths fill caches and load code.
const growth = (heap.at(-1) ?? 0) - (heap[2] ?? 0);
const isLeft = left.upstreamCalls + left.inFlight + left.live > 0 || left.timers >= 20;
const isGood = violations.length === 0 && !isLeft && growth < MOST_GROWTH_MIB;
console.log(isGood ? "good" : `BAD: ${violations.length} violations, ${growth.toFixed(1)} MiB more`);
process.exit(isGood ? 0 : 1);
