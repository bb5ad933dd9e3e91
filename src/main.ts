import { hostname } from "node:os";
import { startsServer } from "./cli/arrange.ts";
import { relaunchWithRoom } from "./cli/relaunch.ts";
import { processEnvironment } from "./config.ts";

const words = process.argv.slice(2);
// Before anything else is loaded: it would be loaded twice.
if (startsServer(words)) relaunchWithRoom(processEnvironment());

const { runCli } = await import("./cli/program.ts");
const { readSecret } = await import("./cli/read-secret.ts");
const { systemClock } = await import("./lib/clock.ts");

const output = (stream: NodeJS.WriteStream) => ({
  write: (text: string) => void stream.write(text),
  isTerminal: stream.isTTY,
  columns: stream.columns ?? 80,
});

// A reader that goes away (`omniroute serve | head -5`) is no reason to stop.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

const code = await runCli(words, {
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
