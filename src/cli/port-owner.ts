import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/**
 * The process that listens on a port, where the system lets us know (Linux, and only processes of ours, or all for
 * root); undefined otherwise.
 */
export function portOwner(port: number): { pid: number; name: string } | undefined {
  if (process.platform !== "linux") return undefined;
  const inodes = new Set([...listening("/proc/net/tcp", port), ...listening("/proc/net/tcp6", port)]);
  if (inodes.size === 0) return undefined;
  for (const pid of attempt(() => readdirSync("/proc")) ?? []) {
    if (/^\d+$/.test(pid) && holdsOneOf(pid, inodes)) return { pid: Number(pid), name: nameOf(pid) };
  }
  return undefined;
}

/** Socket numbers that listen on the port. The columns are described in proc_net_tcp of the kernel's documents. */
function listening(table: string, port: number): string[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, "0");
  const lines = (attempt(() => readFileSync(table, "utf8")) ?? "").split("\n");
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(`:${hexPort}`) && fields[3] === "0A")
    .map((fields) => `socket:[${fields[9]}]`);
}

function holdsOneOf(pid: string, inodes: Set<string>): boolean {
  const files = attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
  return files.some((file) => inodes.has(attempt(() => readlinkSync(`/proc/${pid}/fd/${file}`)) ?? ""));
}

const nameOf = (pid: string): string =>
  (attempt(() => readFileSync(`/proc/${pid}/comm`, "utf8")) ?? "").trim();

/** Processes come and go while we look. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
