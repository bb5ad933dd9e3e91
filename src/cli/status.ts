import { configFor } from "./installation.ts";
import { EXIT, type CliContext, type DataFlags } from "./context.ts";
import { duration, json, line, paint } from "./output.ts";
import { findServer, probe } from "./running-server.ts";
import { localAddress, readServerFile } from "./server-file.ts";

/** Tells whether a server runs on the data directory, where and since when. Exit code 0 when it does. */
export async function status(context: CliContext, flags: DataFlags & { json?: boolean }): Promise<number> {
  const { dataDir } = configFor(context, flags);
  const server = await findServer(dataDir);
  const facts = server?.facts;
  if (flags.json) {
    json(context.out, {
      running: facts !== undefined,
      dataDir,
      ...(facts && {
        url: server.address,
        pid: facts.pid,
        version: facts.version,
        startedAt: new Date(facts.startedAt).toISOString(),
      }),
    });
  } else if (facts) {
    const since = duration(context.clock.now() - facts.startedAt);
    line(context.out, `${paint(context, context.out, "green", "running")} on ${server.address} for ${since}`);
    line(context.out, `version ${facts.version}, process ${facts.pid}, data in ${dataDir}`);
  } else {
    line(context.out, `${paint(context, context.out, "yellow", "not running")} on ${dataDir}`);
  }
  return facts ? EXIT.fine : EXIT.failed;
}

/** Exit code 0 when the server is ready for work: for containers and supervisors. Says why when it is not. */
export async function healthcheck(context: CliContext, flags: DataFlags): Promise<number> {
  const config = configFor(context, flags);
  const address = localAddress(readServerFile(config.dataDir) ?? config);
  const answer = await probe(address, "/readyz");
  if (answer === 200) return EXIT.fine;
  line(context.err, `${address}/readyz ${answer === undefined ? "does not answer" : `answers ${answer}`}`);
  return EXIT.failed;
}
