import { expect, test } from "bun:test";
import { runChaos } from "../kit/chaos.ts";

test("600 requests against three flaky upstreams: whoever could be served was, once, and nothing is left over", async () => {
  const report = await runChaos({ requests: 600, concurrency: 12, seed: 7 });
  expect(report.violations).toEqual([]);
  expect(report.whole + report.toldAsBroken).toBe(600);
  expect(Object.keys(report.mischief).length).toBeGreaterThan(8);
  expect(report.left).toMatchObject({ upstreamCalls: 0, inFlight: 0, live: 0 });
  expect(report.left.timers).toBeLessThan(20);
}, 60_000);
