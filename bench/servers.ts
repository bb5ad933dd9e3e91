import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configure, type Gateway, startGateway } from "./gateway.ts";
import { startNginx } from "./nginx.ts";
import { type Child, startScript } from "./process.ts";

/** Everything that takes part in a run. */
export type Servers = {
  /** Where the gateway keeps its data. */
  directory: string;
  upstream: Child;
  /** The least a proxy on this runtime can do. */
  bare: Child;
  /** The practical floor; undefined where it is not installed. */
  nginx: Child | undefined;
  gateway: Gateway;
  /** Milliseconds to the first answer on an empty directory. */
  emptyStartMs: number;
};

/** Starts the provider, the two proxies beside which the gateway is measured, and the gateway. */
export async function startServers(): Promise<Servers> {
  const directory = mkdtempSync(join(tmpdir(), "omniroute-bench-"));
  const upstream = await startScript(join(import.meta.dir, "mock-upstream.ts"));
  const bare = await startScript(join(import.meta.dir, "bare-proxy.ts"), upstream.url);
  const nginx = await startNginx(directory, upstream.url);
  const first = await startGateway(directory);
  await configure(first.url, directory, upstream.url);
  await first.stop();
  const gateway = await startGateway(directory);
  return { directory, upstream, bare, nginx, gateway, emptyStartMs: first.startMs };
}

export async function stopServers(servers: Servers): Promise<void> {
  await servers.gateway.stop();
  for (const child of [servers.nginx, servers.bare, servers.upstream]) await child?.stop();
  rmSync(servers.directory, { recursive: true, force: true });
}
