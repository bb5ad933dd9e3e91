import type { Environment } from "../lib/environment-reader.ts";

/** Bun reads its bound on simultaneous `fetch` calls (256) once, before any of our code runs. */
const BOUND = "BUN_CONFIG_MAX_HTTP_REQUESTS";
const WANTED_BOUND = "8192";

/**
 * Replaces this process by itself, same id, with room for thousands of calls to providers at a time; setting the
 * variable from inside comes too late. Also keeps Bun from sending crash reports anywhere. Does not return when it
 * worked; returns when nothing is to be done, or where the system cannot do it (Windows: set the variable yourself).
 */
export function relaunchWithRoom(env: Environment): void {
  if (env[BOUND] || process.platform === "win32") return;
  try {
    process.execve?.(process.execPath, commandLine(), environmentOf(env));
  } catch {
    // A sandbox that forbids it costs the room beyond 256 calls, not the server.
  }
}

/**
 * Starts the same command line again in place of this process, which must have closed everything. Where the system
 * cannot replace a process, a new one is started and this one goes on to its end.
 */
export function relaunchAgain(env: Environment): void {
  try {
    if (process.platform !== "win32") process.execve?.(process.execPath, commandLine(), environmentOf(env));
  } catch {
    // Then as on Windows.
  }
  Bun.spawn(commandLine(), { env: environmentOf(env), stdio: ["ignore", "inherit", "inherit"] }).unref();
}

/** The words that started this program, so that Bun finds its script again; a compiled program has none. */
function commandLine(): string[] {
  if (Bun.isStandaloneExecutable) return [process.execPath, ...process.argv.slice(2)];
  return [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
}

/**
 * BUN_OPTIONS can make a program load foreign code at every start. Whoever sets it has had this one start; the
 * second, and what it starts in turn, do without. When working on the sources it is left alone.
 */
function environmentOf(env: Environment): { [name: string]: string } {
  const kept: { [name: string]: string } = { DO_NOT_TRACK: "1", [BOUND]: WANTED_BOUND };
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || (name === BOUND && value === "")) continue;
    if (Bun.isStandaloneExecutable && name === "BUN_OPTIONS") continue;
    kept[name] = value;
  }
  return kept;
}
