import { isObject, tryParseJson, type JsonObject } from "../lib/json.ts";
import { objects } from "./answers.ts";
import { EXIT, type CliContext, type DataFlags } from "./context.ts";
import { serverOf } from "./installation.ts";
import { line, paint, shown } from "./output.ts";

export type LogsFlags = DataFlags & {
  json?: boolean;
  follow?: boolean;
  level?: string;
  component?: string;
  search?: string;
  limit: string;
};

/** Prints the newest lines of the running server's log, and with `follow` those that come, until it ends. */
export async function showLogs(context: CliContext, flags: LogsFlags): Promise<number> {
  const server = await serverOf(context, flags);
  const { level, component, search, limit } = flags;
  const filter = { ...(level && { level }), ...(component && { component }), ...(search && { search }) };
  const print = (entry: JsonObject) =>
    line(context.out, flags.json ? JSON.stringify(entry) : spelled(context, entry));

  const query = new URLSearchParams({ ...filter, limit });
  for (const entry of objects(await server.list(`/api/logs/console?${query.toString()}`))) print(entry);
  if (!flags.follow) return EXIT.fine;
  const events = new URLSearchParams({ ...filter, only: "log" });
  for await (const { event, data } of server.events(`/api/events?${events.toString()}`)) {
    const entry = event === "log" ? tryParseJson(data) : undefined;
    if (isObject(entry)) print(entry);
  }
  return EXIT.fine;
}

const COLOURS: { readonly [level: string]: "red" | "yellow" | "dim" | undefined } = {
  error: "red",
  warn: "yellow",
  debug: "dim",
};

function spelled(context: CliContext, entry: JsonObject): string {
  const level = shown(entry.level);
  const colour = COLOURS[level];
  const word = level.toUpperCase().padEnd(5);
  const fields = isObject(entry.fields) ? Object.entries(entry.fields) : [];
  return [
    `${shown(entry.timestamp)} ${colour ? paint(context, context.out, colour, word) : word} ${shown(entry.component).padEnd(8)} ${shown(entry.message)}`,
    ...fields.map(([name, value]) => `${name}=${shown(value)}`),
  ].join("  ");
}
