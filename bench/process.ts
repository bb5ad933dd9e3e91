import { readdirSync, readFileSync } from "node:fs";

/** A process under measurement, or one that helps. */
export type Child = { url: string; pid: number; stop(): Promise<void> };

/** Starts a script of this folder that prints `{"port": N}` once it listens. */
export async function startScript(path: string, ...args: string[]): Promise<Child> {
  const child = Bun.spawn([process.execPath, path, ...args], { stdout: "pipe", stderr: "inherit" });
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  const { port } = JSON.parse(Buffer.from(value ?? []).toString()) as { port: number };
  return { url: `http://127.0.0.1:${port}`, pid: child.pid, stop: () => ended(child) };
}

export async function ended(child: { kill(signal?: number): void; exited: Promise<number> }): Promise<void> {
  child.kill(15);
  await child.exited;
}

/**
 * Tells what CPU time a process's threads use from now on, in milliseconds, as the scheduler counts it. What a thread
 * used that has ended meanwhile (compilers do, now and then) is not known any more.
 */
export function cpuSpan(pid: number): () => number {
  const before = threadTimes(pid);
  return () => {
    let nanoseconds = 0;
    for (const [thread, ran] of threadTimes(pid)) nanoseconds += Math.max(0, ran - (before.get(thread) ?? 0));
    return nanoseconds / 1e6;
  };
}

function threadTimes(pid: number): Map<string, number> {
  return new Map(readdirSync(`/proc/${pid}/task`).map((thread) => [thread, ranFor(pid, thread)]));
}

function ranFor(pid: number, thread: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
  } catch {
    // The thread has ended meanwhile.
    return 0;
  }
}

const TICKS_PER_SECOND = 100;

/** The same with threads that have ended, in steps of 10 ms: for long looks at a process that does little. */
export function restingCpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

/** Memory a process holds, in MiB. */
export function rssMib(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(line?.[1] ?? 0) / 1024;
}

/** The most memory a process held while `work` ran, in MiB, looked at ten times a second. */
export async function peakMib(pid: number, work: () => Promise<unknown>): Promise<number> {
  let peak = rssMib(pid);
  const timer = setInterval(() => (peak = Math.max(peak, rssMib(pid))), 100);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return peak;
}
