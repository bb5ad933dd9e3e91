import { readFileSync } from "node:fs";

/** A child process whose first line of output names its port. */
export type Child = { port: number; pid: number; stop(): Promise<void> };

/** Starts a script that prints `{"port": N}` once it listens. */
export async function startScript(path: string, ...args: string[]): Promise<Child> {
  const child = Bun.spawn([process.execPath, path, ...args], {
    stdout: "pipe",
    stderr: "inherit",
    env: { ...process.env, BUN_CONFIG_MAX_HTTP_REQUESTS: "8192" },
  });
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  const { port } = JSON.parse(Buffer.from(value ?? []).toString()) as { port: number };
  return { port, pid: child.pid, stop: () => ended(child) };
}

export async function ended(child: { kill(signal?: number): void; exited: Promise<number> }): Promise<void> {
  child.kill(15);
  await child.exited;
}

const TICKS_PER_SECOND = 100;

/** CPU time a process has used, in milliseconds, from /proc (ticks of 10 ms). */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1000;
}

/** Memory a process holds, in MiB. */
export function rssMib(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(line?.[1] ?? 0) / 1024;
}
