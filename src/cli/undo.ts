import { isObject, type JsonObject } from "../lib/json.ts";
import { listAudit } from "../store/index.ts";
import { objects } from "./answers.ts";
import { CliError, EXIT, type CliContext, type DataFlags } from "./context.ts";
import { onInstallation } from "./installation.ts";
import { json, line, shown, table } from "./output.ts";

type Flags = DataFlags & { json?: boolean };

const SHOWN = 20;

/** Takes back the newest change, or the one of an id; `--list` shows what can be taken back. */
export async function undo(
  context: CliContext,
  id: string | undefined,
  flags: Flags & { list?: boolean },
): Promise<number> {
  if (flags.list) return listChanges(context, flags);
  if (id !== undefined && !/^\d{1,15}$/.test(id))
    throw new CliError("The id is a number: omniroute undo --list shows them.", EXIT.wrongUse);
  const number = id === undefined ? undefined : Number(id);
  const undone = await onInstallation<JsonObject>(context, flags, {
    server: (server) =>
      server.call("POST", "/api/compliance/audit-log/undo", number === undefined ? {} : { id: number }),
    engine: ({ manage }) => manage.history.undo(number, { name: "cli" }),
  });
  if (flags.json) json(context.out, undone);
  else
    line(context.out, `Undone: ${shown(undone.action)} ${shown(undone.target)} (entry ${shown(undone.id)}).`);
  return EXIT.fine;
}

async function listChanges(context: CliContext, flags: Flags): Promise<number> {
  const entries = await onInstallation<JsonObject[]>(context, flags, {
    server: async (server) => objects(await server.list("/api/compliance/audit-log?limit=200")),
    engine: ({ store }) =>
      listAudit(store, { limit: 200 }).map(({ at, ...entry }) => ({
        ...entry,
        timestamp: new Date(at).toISOString(),
      })),
  });
  const possible = entries.filter(({ undo: state }) => state === "possible").slice(0, SHOWN);
  if (flags.json) json(context.out, { entries: possible });
  else if (possible.length === 0) line(context.out, "There is nothing to undo.");
  else
    table(context, possible, [
      { title: "ID", of: (entry) => shown(entry.id) },
      { title: "WHEN", of: (entry) => shown(entry.timestamp) },
      { title: "WHO", of: (entry) => shown(entry.actor) },
      { title: "WHAT", of: (entry) => shown(entry.action) },
      { title: "CHANGED", of: changedIn },
    ]);
  return EXIT.fine;
}

function changedIn({ changes, target }: JsonObject): string {
  const fields = Array.isArray(changes) ? changes.filter(isObject) : [];
  const names = [...new Set(fields.map(({ name, field }) => `${String(name)}.${String(field)}`))];
  return names.slice(0, 3).join(", ") + (names.length > 3 ? ", …" : "") || String(target ?? "");
}
