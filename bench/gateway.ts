import { join } from "node:path";
import { chat } from "./calls.ts";
import { type Child, ended } from "./process.ts";

export const BINARY = join(import.meta.dir, "../dist/omniroute");
const PORT = "20977";

/** The compiled gateway, and how many milliseconds passed from its start to its first answer. */
export type Gateway = Child & { startMs: number };

/** Starts the compiled gateway over a data directory and waits until it has answered a call. */
export async function startGateway(directory: string): Promise<Gateway> {
  const started = performance.now();
  const child = Bun.spawn([BINARY, "--no-open", "--port", PORT], {
    stdout: "ignore",
    // Fallbacks are told of, line by line, and some steps make thousands.
    stderr: "ignore",
    env: {
      ...process.env,
      BUN_CONFIG_MAX_HTTP_REQUESTS: "",
      DATA_DIR: directory,
      INITIAL_PASSWORD: "bench-password-9",
      MAX_CONCURRENT_REQUESTS: "8192",
    },
  });
  const url = `http://127.0.0.1:${PORT}`;
  const { path, body } = chat("mock/echo");
  while (
    !(await fetch(url + path, { method: "POST", body }).then(
      (answer) => answer.ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null) throw new Error(`The gateway ended with code ${child.exitCode}.`);
    await Bun.sleep(1);
  }
  return { url, pid: child.pid, startMs: performance.now() - started, stop: () => ended(child) };
}

/**
 * Connects a gateway to the upstream: `openai/…` and `anthropic/…` over typed-in addresses, and the combo `falls`, whose
 * first target refuses every call.
 */
export async function configure(url: string, directory: string, upstream: string): Promise<void> {
  const token = await Bun.file(join(directory, "cli-token")).text();
  const post = async (path: string, body: object): Promise<void> => {
    const response = await fetch(url + path, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${token.trim()}`, "content-type": "application/json" },
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  };
  for (const provider of ["openai", "anthropic"]) {
    const account = { name: "bench", apiKey: "sk-bench-key-1234567890", baseUrl: `${upstream}/v1` };
    await post("/api/providers", { provider, ...account });
  }
  // A refusal for reasons of its own (400) sets the target aside for no later call, so each one meets it again.
  await post("/api/combos", { name: "falls", models: ["mock/500?status=400", "openai/small"] });
}
