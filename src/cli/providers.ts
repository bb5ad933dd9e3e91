import type { JsonObject } from "../lib/json.ts";
import { objects } from "./answers.ts";
import { CliError, EXIT, type CliContext, type DataFlags } from "./context.ts";
import { onInstallation, serverOf } from "./installation.ts";
import type { RunningServer } from "./running-server.ts";
import { json, line, paint, shown, table } from "./output.ts";

type Flags = DataFlags & { json?: boolean };

/** Lists the connections to providers with their state; credentials never show. */
export async function listProviders(context: CliContext, flags: Flags): Promise<number> {
  const { connections, nodes } = await onInstallation(context, flags, {
    server: async (server) => ({
      connections: objects((await server.call("GET", "/api/providers")).connections),
      nodes: await nodesOf(server),
    }),
    engine: ({ manage }) => ({
      connections: manage.connections.list() as unknown as JsonObject[],
      nodes: manage.nodes.list() as unknown as JsonObject[],
    }),
  });
  if (flags.json) json(context.out, { connections });
  else if (connections.length === 0)
    line(context.out, "No connections yet: add one on the dashboard page Providers.");
  else
    table(context, connections, [
      { title: "ID", of: (connection) => shown(connection.id) },
      { title: "PROVIDER", of: (connection) => providerName(connection, nodes) },
      { title: "NAME", of: (connection) => shown(connection.name) },
      { title: "STATUS", of: (connection) => shown(connection.status) },
      { title: "PRIORITY", of: (connection) => shown(connection.priority) },
    ]);
  return EXIT.fine;
}

/** Asks the provider whether a connection works; all active ones when none is named. Exit code 1 when one does not. */
export async function testProviders(
  context: CliContext,
  id: string | undefined,
  flags: Flags,
): Promise<number> {
  const server = await serverOf(context, flags);
  const all = objects((await server.call("GET", "/api/providers")).connections);
  const chosen = all.filter((connection) =>
    id === undefined ? connection.isActive !== false : connection.id === id || connection.name === id,
  );
  if (chosen.length === 0)
    throw new CliError(
      id === undefined ? "There is no connection to test." : `There is no connection "${id}".`,
    );

  const nodes = flags.json ? [] : await nodesOf(server);
  const results: JsonObject[] = [];
  for (const connection of chosen) {
    const path = `/api/providers/${encodeURIComponent(String(connection.id))}/test`;
    const result = await server.call("POST", path, {});
    results.push({ id: connection.id, name: connection.name, provider: connection.provider, ...result });
    if (!flags.json) showResult(context, providerName(connection, nodes), connection, result);
  }
  if (flags.json) json(context.out, { results });
  return results.every((result) => result.valid === true) ? EXIT.fine : EXIT.failed;
}

const nodesOf = async (server: RunningServer): Promise<JsonObject[]> =>
  objects((await server.call("GET", "/api/provider-nodes")).nodes);

/** A provider as people know it: an endpoint of their own by its prefix, because its id says nothing. */
function providerName({ provider }: JsonObject, nodes: readonly JsonObject[]): string {
  return shown(nodes.find(({ id }) => id === provider)?.prefix ?? provider);
}

function showResult(context: CliContext, provider: string, connection: JsonObject, result: JsonObject): void {
  const mark =
    result.valid === true
      ? paint(context, context.out, "green", "ok  ")
      : paint(context, context.out, "red", "FAIL");
  const detail = result.valid === true ? `${shown(result.latencyMs)} ms` : shown(result.error);
  line(context.out, `${mark}  ${provider}  ${shown(connection.name)}  ${detail}`);
}
