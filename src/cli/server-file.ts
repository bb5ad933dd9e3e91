import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writePrivateFile } from "../store/data-dir.ts";

const serverFile = z.object({
  pid: z.number().int().positive(),
  port: z.number().int().min(1).max(65_535),
  /** The address it is bound to. */
  host: z.string().min(1),
  /** Milliseconds since 1970. */
  startedAt: z.number(),
  version: z.string(),
});

/** How the commands find the server that runs on a data directory. */
export type ServerFile = z.infer<typeof serverFile>;

const serverFilePath = (dataDir: string): string => join(dataDir, "server.json");

/** Says to the commands that a server runs here. */
export function writeServerFile(dataDir: string, facts: ServerFile): void {
  writePrivateFile(serverFilePath(dataDir), `${JSON.stringify(facts)}\n`);
}

/** Takes the file away, unless another server has written its own meanwhile. */
export function removeServerFile(dataDir: string, pid: number): void {
  if (readServerFile(dataDir)?.pid === pid) rmSync(serverFilePath(dataDir), { force: true });
}

/** What the file says; undefined when there is none or it makes no sense. It may be left over from a crash. */
export function readServerFile(dataDir: string): ServerFile | undefined {
  try {
    return serverFile.parse(JSON.parse(readFileSync(serverFilePath(dataDir), "utf8")));
  } catch {
    return undefined;
  }
}

/** The address at which this machine reaches the server: a wildcard bind answers on loopback. */
export function localAddress(server: Pick<ServerFile, "host" | "port">): string {
  const { host, port } = server;
  if (host === "0.0.0.0" || host === "") return `http://127.0.0.1:${port}`;
  if (host === "::") return `http://[::1]:${port}`;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
