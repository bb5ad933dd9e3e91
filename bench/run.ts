import { existsSync } from "node:fs";
import { cpuRows } from "./cpu.ts";
import { BINARY } from "./gateway.ts";
import { crowdRows, latencyRows } from "./latency.ts";
import { startServers, stopServers } from "./servers.ts";
import { printTable, type Row } from "./table.ts";
import { emptyCost, historyRows, idleRows, stallRows } from "./upkeep.ts";

/**
 * Prints what the compiled gateway costs, beside nginx and a bare proxy on the same runtime, with the goals: `must`
 * for a release, `aim` for the code. Nothing here passes or fails. CPU ratios within one run are the figures to trust;
 * times depend on what else the machine does. Takes about four minutes.
 */
if (!existsSync(BINARY)) {
  console.error("Build the gateway first: bun run build");
  process.exit(2);
}
// Bun lets 256 calls out at a time unless told otherwise before it starts, and this process makes thousands.
if (!process.env.BUN_CONFIG_MAX_HTTP_REQUESTS && process.execve) {
  const environment = { ...process.env, BUN_CONFIG_MAX_HTTP_REQUESTS: "8192" } as NodeJS.ProcessEnv;
  process.execve(process.execPath, [process.execPath, ...process.argv.slice(1)], environment);
}

const servers = await startServers();
if (!servers.nginx)
  console.error("nginx is not installed (apt-get install nginx-light): its figures are missing.");

const rows: Row[] = [];
try {
  const steps: [what: string, step: () => Promise<Row[]>][] = [
    ["start and rest", () => idleRows(servers)],
    ["CPU", () => cpuRows(servers)],
    ["latency", () => latencyRows(servers)],
    ["misbehaving clients", () => stallRows(servers)],
    ["many streams", () => crowdRows(servers)],
    ["a long history", async () => historyRows(servers, await emptyCost(servers))],
  ];
  for (const [what, step] of steps) {
    const started = performance.now();
    rows.push(...(await step()));
    console.error(`${what}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
  }
} finally {
  await stopServers(servers);
}
console.log();
printTable(rows);
