import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { install } from "./install.ts";
import { type Outcome, perform } from "./perform.ts";
import { CLIENTS } from "./recipes/index.ts";
import type { Client, Way } from "./recipes/recipe.ts";
import { BACKINGS, FORMATS } from "./stage.ts";

/**
 * Real coding clients do a small task through the gateway, over each format a provider may speak:
 *
 *   bun test/clients/run.ts [client…] [--format f]… [--all] [--folder dir] [--record dir]
 *
 * `opencode` means its usual way, `opencode/anthropic` that one, and with `--all` every way of each client is gone.
 * `--format` is a name of `BACKINGS`, or `fallback` for all in which the first vendor gives up halfway. The clients
 * come from the npm registry and are kept in `--folder`; the runs themselves reach the loopback only.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    format: { type: "string", multiple: true },
    all: { type: "boolean", default: false },
    folder: { type: "string", default: join(tmpdir(), "clients") },
    record: { type: "string" },
  },
});

const fallbacks = Object.keys(BACKINGS).filter((name) => name.includes(">"));
const backings = (values.format ?? [...FORMATS]).flatMap((name) =>
  name === "fallback" ? fallbacks : [name],
);
type Row = { name: string; client: Client; way: Way };
const rows = CLIENTS.flatMap((client) =>
  client.ways.map((way): Row => ({
    name: way.name === "" ? client.name : `${client.name}/${way.name}`,
    client,
    way,
  })),
);
const chosen = rows.filter(isChosen);
if (chosen.length === 0)
  throw new Error(`No such client. There are ${rows.map(({ name }) => name).join(", ")}.`);

let failed = 0;
console.log(["client", ...backings].join(" | "));
for (const row of chosen) console.log([row.name, ...(await cellsOf(row))].join(" | "));
process.exit(failed > 0 ? 1 : 0);

function isChosen({ name, client }: Row): boolean {
  if (positionals.includes(name)) return true;
  const meant = positionals.length === 0 || positionals.includes(client.name);
  return meant && (values.all || name === client.name);
}

/** What went wrong is told on stderr as it happens. */
async function cellsOf({ name, client, way }: Row): Promise<string[]> {
  const program = await install(client, values.folder);
  if ("missing" in program) return [`skipped: ${program.missing}`];
  await client.prepare?.(program);
  const cells: string[] = [];
  for (const backing of backings) {
    const record =
      values.record && join(values.record, name.replace("/", "-"), backing.replace(">", "-then-"));
    const outcome = await perform({ way, program, backing, ...(record && { record }) });
    cells.push(cellOf(outcome));
    if (outcome.problems.length > 0) failed++;
    const remarks = [...outcome.problems, ...outcome.refusals.map((why) => `refused: ${why}`)];
    if (remarks.length > 0)
      console.error(`${name} over ${backing}:\n${remarks.map((one) => `  - ${one}`).join("\n")}`);
  }
  return cells;
}

function cellOf({ problems, refusals, seconds }: Outcome): string {
  const word = problems.length > 0 ? "FAILED" : "ok";
  const again = problems.length === 0 && refusals.length > 0 ? `, ${refusals.length} refused` : "";
  return `${word} ${seconds.toFixed(1)} s${again}`;
}
