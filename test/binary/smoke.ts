import { chat, folder, run, serve, setUp, textOf } from "./kit.ts";

/**
 * The shortest proof that the compiled program works: an empty data directory, started from another folder, set up,
 * one stream through `mock/echo`, stopped by SIGTERM, exit code 0. `bun test/binary/smoke.ts`
 */
using data = folder();
using elsewhere = folder();
const version = await run({ args: ["--version"] });
expectThat(version.code === 0, "prints its version");

await using server = await serve(data.path, { cwd: elsewhere.path });
expectThat(server.greeting.includes("/setup?token="), "offers its set-up link");
await setUp(server);
const stream = await (await chat(server, "mock/echo", "Hello from the smoke test")).text();
expectThat(textOf(stream).includes("Hello from the smoke test"), "streams an answer");
expectThat(stream.trimEnd().endsWith("data: [DONE]"), "ends the stream");
expectThat((await server.stop()) === 0, "stops with code 0");

function expectThat(holds: boolean, what: string): void {
  console.log(`${holds ? "ok" : "FAILED"}: the compiled program ${what}`);
  if (!holds) process.exit(1);
}
