import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { isObject, type JsonObject, tryParseJson } from "../lib/json.ts";
import { joined, objects } from "./answers.ts";
import { type CliContext, CliError, type DataFlags, EXIT } from "./context.ts";
import { serverOf } from "./installation.ts";
import { json, line, paint, shown, table } from "./output.ts";
import type { RunningServer } from "./running-server.ts";

type Flags = DataFlags & { json?: boolean };
export type RunFlags = Flags & {
  model?: string[];
  tag?: string[];
  judge?: string;
  parallel?: string;
  estimate?: boolean;
};

/** Lists the suites. */
export async function listEvals(context: CliContext, flags: Flags): Promise<number> {
  const suites = objects(await (await serverOf(context, flags)).list("/api/evals"));
  if (flags.json) json(context.out, suites);
  else
    table(context, suites, [
      { title: "SUITE", of: (suite) => shown(suite.id) },
      { title: "NAME", of: (suite) => shown(suite.name) },
      { title: "CASES", of: (suite) => shown(suite.caseCount) },
    ]);
  return EXIT.fine;
}

/** Asks models the cases of a suite, telling each as it comes. Exit code 0 when all cases passed. */
export async function runEval(context: CliContext, suite: string, flags: RunFlags): Promise<number> {
  const server = await serverOf(context, flags);
  const wish = {
    suiteId: suite,
    models: flags.model ?? [],
    tags: flags.tag ?? [],
    ...(flags.judge !== undefined && { judge: flags.judge }),
    ...(flags.parallel !== undefined && { parallel: flags.parallel }),
  };
  if (flags.estimate)
    return tellEstimate(context, await server.call("POST", "/api/evals/estimate", wish), flags);
  const { runId } = await server.call("POST", "/api/evals", { ...wish, background: true });
  const id = encodeURIComponent(String(runId));
  await follow(context, server, id, flags);
  const run = await server.call("GET", `/api/evals/runs/${id}`);
  tellRun(context, run, flags);
  const summary = isObject(run.summary) ? run.summary : {};
  return run.status === "done" && summary.failed === 0 ? EXIT.fine : EXIT.failed;
}

/** Lists the kept runs, or tells one with all its results. */
export async function showRuns(context: CliContext, id: string | undefined, flags: Flags): Promise<number> {
  const server = await serverOf(context, flags);
  if (id !== undefined) {
    tellRun(context, await server.call("GET", `/api/evals/runs/${encodeURIComponent(id)}`), flags);
    return EXIT.fine;
  }
  const answer = await server.call("GET", "/api/evals/runs");
  if (flags.json) json(context.out, answer);
  else
    table(context, objects(answer.runs), [
      { title: "RUN", of: (run) => shown(run.runId) },
      { title: "TIME", of: (run) => shown(run.at) },
      { title: "SUITE", of: (run) => shown(run.suiteId) },
      { title: "MODELS", of: (run) => joined(run.models) },
      { title: "PASSED", of: (run) => passed(run) },
    ]);
  return EXIT.fine;
}

/** Puts runs side by side. */
export async function compareEvals(
  context: CliContext,
  ids: readonly string[],
  flags: Flags,
): Promise<number> {
  const server = await serverOf(context, flags);
  const answer = await server.call("GET", `/api/evals/compare?runs=${ids.map(encodeURIComponent).join(",")}`);
  if (flags.json) json(context.out, answer);
  else
    table(context, objects(answer.rows), [
      { title: "CASE", of: (row) => shown(row.caseId) },
      ...objects(answer.columns).map((column, index) => ({
        title: shown(column.model),
        of: (row: JsonObject) => cell((row.cells as unknown[])[index]),
      })),
      { title: "DIFFERS", of: (row) => (row.differs === true ? "yes" : "") },
    ]);
  return EXIT.fine;
}

/** Saves the suite in a JSON file, under its own `id` or the file's name. */
export async function importEval(context: CliContext, file: string, flags: Flags): Promise<number> {
  const suite = readSuite(file);
  const id = typeof suite.id === "string" ? suite.id : basename(file, ".json");
  const server = await serverOf(context, flags);
  const saved = await server.call("PUT", `/api/evals/${encodeURIComponent(id)}`, suite);
  if (flags.json) json(context.out, saved);
  else line(context.out, `Saved the suite ${shown(saved.id)} with ${objects(saved.cases).length} cases.`);
  return EXIT.fine;
}

/** Removes a suite of one's own; its runs stay. */
export async function removeEval(context: CliContext, suite: string, flags: Flags): Promise<number> {
  const server = await serverOf(context, flags);
  const answer = await server.call("DELETE", `/api/evals/${encodeURIComponent(suite)}`);
  if (flags.json) json(context.out, answer);
  else line(context.out, `Removed the suite ${shown(suite)}.`);
  return EXIT.fine;
}

function readSuite(file: string): JsonObject {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new CliError(`${file} cannot be read (${(error as { code?: string }).code ?? "unknown error"}).`);
  }
  const suite = tryParseJson(text);
  if (!isObject(suite)) throw new CliError(`${file} holds no JSON object.`);
  return suite;
}

/** One line that grows on a terminal; nothing where the output is kept. */
async function follow(context: CliContext, server: RunningServer, id: string, flags: Flags): Promise<void> {
  try {
    for await (const { event, data } of server.events(`/api/evals/runs/${id}/events`)) {
      const progress = tryParseJson(data);
      if (event !== "progress" || !isObject(progress)) continue;
      if (!flags.json && context.err.isTerminal)
        context.err.write(
          `\r${shown(progress.done)} of ${shown(progress.total)}, ${shown(progress.passed)} passed `,
        );
    }
  } catch (error) {
    // A quick run is over before anybody can listen.
    if (!(error instanceof CliError)) throw error;
  }
  if (!flags.json && context.err.isTerminal) line(context.err);
}

function tellRun(context: CliContext, run: JsonObject, flags: Flags): void {
  if (flags.json) return json(context.out, run);
  table(context, objects(run.results), [
    { title: "CASE", of: (result) => shown(result.caseId) },
    { title: "MODEL", of: (result) => shown(result.model) },
    { title: "RESULT", of: (result) => (result.passed === true ? "passed" : "failed") },
    { title: "MS", of: (result) => shown(result.durationMs) },
    { title: "WHY", of: (result) => (result.passed === true ? "" : shown(result.details)) },
  ]);
  line(context.out);
  const colour = isObject(run.summary) && run.summary.failed === 0 ? "green" : "red";
  line(context.out, paint(context, context.out, colour, `${passed(run)} passed`));
  line(context.out, `Run ${shown(run.runId)}`);
}

function tellEstimate(context: CliContext, estimate: JsonObject, flags: Flags): number {
  if (flags.json) json(context.out, estimate);
  else {
    table(context, objects(estimate.models), [
      { title: "MODEL", of: (model) => shown(model.model) },
      { title: "CALLS", of: (model) => shown(model.calls) },
      { title: "USD", of: (model) => costOf(model) },
      { title: "PROBLEM", of: (model) => shown(model.error) },
    ]);
    line(context.out, `${shown(estimate.calls)} calls, about ${costOf(estimate)} USD`);
  }
  return EXIT.fine;
}

function costOf({ cost, unknownPrices }: JsonObject): string {
  const known = typeof cost === "number" ? cost.toFixed(4) : "unknown";
  return unknownPrices === 0 ? known : `${known} and ${shown(unknownPrices)} calls of unknown price`;
}

function passed({ summary }: JsonObject): string {
  return isObject(summary) ? `${shown(summary.passed)} of ${shown(summary.total)}` : "-";
}

const cell = (value: unknown): string =>
  isObject(value) ? (value.passed === true ? "passed" : "failed") : "-";
