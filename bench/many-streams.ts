import { existsSync } from "node:fs";
import { chatStream } from "./calls.ts";
import { BINARY } from "./gateway.ts";
import { closedLoop } from "./load.ts";
import { rssMib } from "./process.ts";
import { startServers, stopServers } from "./servers.ts";

/**
 * Sends 100,000 streams (or as many as the first argument says) through the compiled gateway, each a conversation of
 * its own, and prints what memory it holds after every tenth. Ends with 1 when it holds 20 MiB more in the end than
 * after the first tenth, both at rest. Takes some minutes.
 */
const STREAMS = Number(process.argv[2] ?? 100_000);
const AT_ONCE = 32;
const TENTHS = 10;
const MOST_GROWTH_MIB = 20;
/** The runtime gives memory back when it has nothing else to do, and takes its time. */
const SETTLING_MS = 20_000;

if (!existsSync(BINARY)) {
  console.error("Build the gateway first: bun run build");
  process.exit(2);
}
const servers = await startServers();
const { url, pid } = servers.gateway;
try {
  await tenth(0);
  const before = await atRest();
  for (let number = 1; number < TENTHS; number++) await tenth(number);
  const growth = (await atRest()) - before;
  console.log(`${growth.toFixed(1)} MiB more than after the first tenth`);
  process.exitCode = growth < MOST_GROWTH_MIB ? 0 : 1;
} finally {
  await stopServers(servers);
}

async function tenth(number: number): Promise<void> {
  const call = (index: number) => chatStream("openai/small", `Question ${number}.${index}: say something.`);
  await closedLoop(url, call, STREAMS / TENTHS, AT_ONCE);
  console.log(`${((number + 1) * STREAMS) / TENTHS} streams: ${rssMib(pid).toFixed(0)} MiB`);
}

async function atRest(): Promise<number> {
  await Bun.sleep(SETTLING_MS);
  const held = rssMib(pid);
  console.log(`at rest: ${held.toFixed(0)} MiB`);
  return held;
}
