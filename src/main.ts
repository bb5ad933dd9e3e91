import { hostname } from "node:os";
import { runCli } from "./cli/program.ts";
import { readSecret } from "./cli/read-secret.ts";
import { processEnvironment } from "./config.ts";
import { systemClock } from "./lib/clock.ts";

const output = (stream: NodeJS.WriteStream) => ({
  write: (text: string) => void stream.write(text),
  isTerminal: stream.isTTY,
  columns: stream.columns ?? 80,
});

// A reader that goes away (`omniroute serve | head -5`) is no reason to stop.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

const code = await runCli(process.argv.slice(2), {
  env: processEnvironment(),
  hostName: hostname(),
  out: output(process.stdout),
  err: output(process.stderr),
  clock: systemClock,
  readSecret,
  loadServer: async () => (await import("./server.ts")).startServer,
});

// Pipes take their time; then nothing that is still open (a stalled provider, a timer) may hold the process.
for (const stream of [process.stdout, process.stderr])
  await new Promise<void>((resolve) => stream.write("", () => resolve()));
process.exit(code);
