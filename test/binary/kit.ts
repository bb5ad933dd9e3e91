import { Glob, type Subprocess } from "bun";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "../..");

let built: Promise<string> | undefined;

/** The compiled program: the one in `dist` when it is newer than every source, else built anew, once per run. */
export function executable(): Promise<string> {
  return (built ??= build());
}

async function build(): Promise<string> {
  const name = process.platform === "win32" ? "omniroute.exe" : "omniroute";
  const present = join(ROOT, "dist", name);
  if (existsSync(present) && statSync(present).mtimeMs > newestSource()) return present;
  const outfile = join(mkdtempSync(join(tmpdir(), "omniroute-build-")), name);
  process.on("exit", () => rmSync(join(outfile, ".."), { recursive: true, force: true }));
  const compiler = Bun.spawn([process.execPath, "build.ts", "--outfile", outfile], {
    cwd: ROOT,
    stdout: "ignore",
    stderr: "pipe",
  });
  const [complaints, code] = await Promise.all([new Response(compiler.stderr).text(), compiler.exited]);
  if (code !== 0) throw new Error(`The program does not compile:\n${complaints}`);
  return outfile;
}

function newestSource(): number {
  const patterns = ["src/**/*.ts", "web/**/*", "drizzle/*", "build*.ts", "package.json", "bun.lock"];
  const files = patterns.flatMap((pattern) => [...new Glob(pattern).scanSync(ROOT)]);
  return Math.max(...files.map((file) => statSync(join(ROOT, file)).mtimeMs));
}

/** A folder that goes away with `[Symbol.dispose]`. */
export function folder(): { path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), "omniroute-binary-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export type RunOptions = { args?: string[]; env?: Record<string, string>; cwd?: string };

/** Runs the program to its end. */
export async function run(
  options: RunOptions,
): Promise<{ code: number; out: string; bytes: Uint8Array; err: string }> {
  const child = await spawn(options);
  const [bytes, err, code] = await Promise.all([
    new Response(child.stdout).bytes(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, out: new TextDecoder().decode(bytes), bytes, err };
}

export type Serving = {
  url: string;
  port: number;
  process: Subprocess<"ignore", "pipe", "pipe">;
  /** What it printed until it was ready. */
  greeting: string;
  /** Everything on standard error so far and to come; complete once the process has ended. */
  errors: Promise<string>;
  /** Sends SIGTERM and gives the exit code. */
  stop(): Promise<number>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Starts the program as a server on a free port and waits until it is ready. */
export async function serve(dataDir: string, options: RunOptions = {}): Promise<Serving> {
  const args = ["serve", "--port", "0", "--no-open", "--data-dir", dataDir, ...(options.args ?? [])];
  const child = await spawn({ ...options, args });
  const errors = new Response(child.stderr).text();
  const greeting = await greetingOf(child.stdout);
  if (!greeting.includes("Next:")) {
    throw new Error(`The server ended with code ${await child.exited}: ${greeting}${await errors}`);
  }
  const { port } = JSON.parse(readFileSync(join(dataDir, "server.json"), "utf8")) as { port: number };
  const stop = () => {
    child.kill("SIGTERM");
    return child.exited;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    process: child,
    greeting,
    errors,
    stop,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

/** The environment of the tests must not decide what is tested. */
async function spawn(options: RunOptions) {
  const { PATH = "", HOME = "" } = process.env;
  return Bun.spawn([await executable(), ...(options.args ?? [])], {
    cwd: options.cwd ?? tmpdir(),
    env: { PATH, HOME, ...options.env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

/** Reads until the last line of the greeting, or the end. The rest is left unread: nothing more is printed there. */
async function greetingOf(stdout: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of stdout) {
    text += decoder.decode(chunk, { stream: true });
    if (/Next:.*\n/.test(text)) break;
  }
  return text;
}

/** Chooses a password through the loopback door and gives the login cookie. */
export async function setUp(server: Serving, password = "correct horse battery"): Promise<string> {
  const response = await fetch(`${server.url}/api/setup`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ password }),
  });
  if (response.status !== 201) throw new Error(`Set-up failed: ${response.status} ${await response.text()}`);
  return response.headers.get("set-cookie")?.split(";")[0] ?? "";
}

/** Sends a chat call to the public API. */
export function chat(server: Serving, model: string, content: string, stream = true): Promise<Response> {
  return fetch(`${server.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, stream, messages: [{ role: "user", content }] }),
  });
}

/** The text of a chat stream, put together from its chunks. */
export function textOf(stream: string): string {
  return stream
    .split("\n")
    .filter((line) => line.startsWith("data: {"))
    .map((line) => JSON.parse(line.slice(6)) as { choices: { delta: { content?: string } }[] })
    .map((chunk) => chunk.choices[0]?.delta.content ?? "")
    .join("");
}
