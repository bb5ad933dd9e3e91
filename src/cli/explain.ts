import type { JsonObject } from "../lib/json.ts";
import { isObject } from "../lib/json.ts";
import { objects } from "./answers.ts";
import { EXIT, type CliContext, type DataFlags } from "./context.ts";
import { serverOf } from "./installation.ts";
import { json, line, shown, table } from "./output.ts";

/** Tells the story of a request from its receipt: who asked, what was tried and why it went on, what it cost. */
export async function explainRequest(
  context: CliContext,
  id: string,
  flags: DataFlags & { json?: boolean },
): Promise<number> {
  const server = await serverOf(context, flags);
  const receipt = await server.call("GET", `/api/receipts/${encodeURIComponent(id)}`);
  if (flags.json) {
    json(context.out, receipt);
    return EXIT.fine;
  }
  for (const sentence of summary(receipt)) line(context.out, sentence);
  const attempts = objects(receipt.attempts);
  if (attempts.length > 0)
    table(context, attempts, [
      { title: "#", of: (attempt) => shown(attempt.position) },
      { title: "MODEL", of: (attempt) => shown(attempt.model) },
      { title: "CONNECTION", of: (attempt) => shown(attempt.connection) },
      { title: "STATUS", of: (attempt) => shown(attempt.status) },
      { title: "FIRST MS", of: (attempt) => shown(attempt.first_content_ms) },
      { title: "MS", of: (attempt) => shown(attempt.duration_ms) },
      { title: "OUTCOME", of: (attempt) => shown(attempt.reason_for_next ?? attempt.code) },
    ]);
  return EXIT.fine;
}

/** The facts of a receipt that are there, one to a line. Flat and nested fields both occur; lists have their own place. */
function summary(receipt: JsonObject): string[] {
  const lines: string[] = [];
  for (const [name, value] of Object.entries(receipt)) {
    if (value === null || value === undefined || name === "attempts") continue;
    if (Array.isArray(value)) {
      for (const entry of value)
        lines.push(`${words(name)}: ${isObject(entry) ? pairs(entry) : shown(entry)}`);
    } else lines.push(`${words(name)}: ${isObject(value) ? pairs(value) : shown(value)}`);
  }
  return lines;
}

const pairs = (object: JsonObject): string =>
  Object.entries(object)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${words(name)} ${isObject(value) ? pairs(value) : shown(value)}`)
    .join(", ");

const words = (name: string): string => name.replaceAll("_", " ");
