import { streamSSE } from "hono/streaming";
import { z } from "zod";
import type { EvalRun } from "../core/eval-run.ts";
import type { Engine } from "../engine.ts";
import { checkInput, type EvalProgress, evalRunInput, suiteInput } from "../evals/index.ts";
import type { JsonObject } from "../lib/json.ts";
import { type AdminContext, isoTime } from "./http.ts";
import type { RouteTable } from "./route-table.ts";
import { queryText, success, time } from "./shapes.ts";

const LIMIT_BYTES = 10 * 1024 * 1024;

/** Suites of questions, runs over models, and their history: `/api/evals`. */
export function evalRoutes(table: RouteTable, engine: Engine): void {
  const { evals } = engine;

  table.add(
    {
      method: "GET",
      path: "/api/evals",
      role: "reader",
      summary: "The suites of questions.",
      answer: () =>
        z.array(
          z.object({
            id: z.string(),
            name: z.string(),
            caseCount: z.number(),
            description: z.string(),
            builtIn: z.boolean(),
          }),
        ),
    },
    () =>
      evals.suites.list().map(({ id, name, description, builtIn, cases }) => ({
        id,
        name,
        caseCount: cases.length,
        description,
        builtIn,
      })),
  );

  table.add(
    {
      method: "POST",
      path: "/api/evals",
      role: "admin",
      summary:
        "Checks given outputs, or asks models (which may cost something), and waits unless `background`.",
      body: () => evalRunInput.extend({ background: z.boolean().optional() }),
      limitBytes: LIMIT_BYTES,
      answer: () => z.looseObject({ suiteId: z.string(), runId: z.string().optional() }),
    },
    (c, { raw }) => run(engine, c, raw),
  );

  table.add(
    {
      method: "POST",
      path: "/api/evals/check",
      role: "admin",
      summary: "Holds one output to one expectation.",
      body: () => checkInput,
      limitBytes: LIMIT_BYTES,
      answer: () => z.looseObject({ passed: z.boolean() }),
    },
    (c, { raw }) => evals.check(raw, c.req.raw.signal),
  );

  table.add(
    {
      method: "POST",
      path: "/api/evals/estimate",
      role: "admin",
      summary: "What a run would take and cost, before anybody is asked.",
      body: () => evalRunInput,
      answer: () =>
        z.looseObject({
          suiteId: z.string(),
          calls: z.number(),
          cost: z.number(),
          unknownPrices: z.number(),
        }),
    },
    (_c, { raw }) => evals.estimate(raw),
  );

  historyRoutes(table, engine);

  table.add(
    {
      method: "GET",
      path: "/api/evals/:suiteId",
      role: "reader",
      summary: "A suite with its cases.",
      answer: suiteShape,
    },
    (c) => evals.suites.find(c.req.param("suiteId")),
  );

  table.add(
    {
      method: "PUT",
      path: "/api/evals/:suiteId",
      role: "admin",
      summary: "Saves a suite of your own.",
      body: () => suiteInput.extend({ id: z.string().optional(), builtIn: z.boolean().optional() }),
      limitBytes: LIMIT_BYTES,
      answer: suiteShape,
    },
    (c, { raw }) => evals.suites.save(c.req.param("suiteId"), raw, c.get("actor")),
  );

  table.add(
    {
      method: "DELETE",
      path: "/api/evals/:suiteId",
      role: "admin",
      summary: "Removes a suite of your own.",
      answer: success,
    },
    (c) => {
      evals.suites.remove(c.req.param("suiteId"), c.get("actor"));
      return { success: true };
    },
  );
}

/** Runs that are at work, and those that were. */
function historyRoutes(table: RouteTable, engine: Engine): void {
  const { evals } = engine;

  table.add(
    {
      method: "GET",
      path: "/api/evals/runs",
      role: "reader",
      summary: "The runs at work, and those of before, the newest first.",
      query: () =>
        z.object({
          suiteId: queryText(),
          limit: z.coerce.number().int().min(1).max(1000).default(50),
        }),
      answer: () => z.object({ running: z.array(runShape()), runs: z.array(runShape()) }),
    },
    (_c, { query: { suiteId, limit } }) => ({
      running: evals.runs.running().map(shownProgress),
      runs: evals.runs.list(suiteId, limit).map(shownRun),
    }),
  );

  table.add(
    {
      method: "GET",
      path: "/api/evals/compare",
      role: "reader",
      summary: "Runs side by side, case by case.",
      query: () => z.object({ runs: queryText().describe("Ids, separated by commas") }),
      answer: () => z.object({ columns: z.array(z.custom<object>()), rows: z.array(z.custom<object>()) }),
    },
    (_c, { query: { runs = "" } }) => {
      const { columns, rows } = evals.runs.compare(runs.split(",").filter(Boolean));
      return { columns: columns.map(({ at, ...column }) => ({ ...column, at: isoTime(at) })), rows };
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/evals/runs/:id",
      role: "reader",
      summary: "One run with its results so far.",
      answer: resultsShape,
    },
    (c) => {
      const id = c.req.param("id");
      const running = evals.runs.progress(id);
      if (running) return { ...shownProgress(running.progress), results: running.results };
      const { results, ...kept } = evals.runs.find(id);
      return { ...shownRun(kept), results };
    },
  );

  table.add(
    {
      method: "POST",
      path: "/api/evals/runs/:id/cancel",
      role: "admin",
      summary: "Ends a run; what it has found is kept.",
      answer: resultsShape,
    },
    async (c) => {
      const { results, ...kept } = await evals.runs.cancel(c.req.param("id"));
      return { ...shownRun(kept), results };
    },
  );

  table.add(
    {
      method: "DELETE",
      path: "/api/evals/runs/:id",
      role: "admin",
      summary: "Forgets a run.",
      answer: success,
    },
    (c) => {
      evals.runs.remove(c.req.param("id"));
      return { success: true };
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/evals/runs/:id/events",
      role: "reader",
      summary: "How a run goes on, until it is over.",
      answer: { media: "text/event-stream", about: "Server-sent events named `progress`." },
    },
    (c) => follow(engine, c, c.req.param("id")),
  );
}

const suiteShape = () => suiteInput.extend({ id: z.string(), builtIn: z.boolean() });
const runShape = () => z.looseObject({ runId: z.string(), suiteId: z.string(), at: time() });
const resultsShape = () => runShape().extend({ results: z.array(z.custom<object>()) });

/** Checks the given outputs, or asks models: waits for the end unless `background` is set. */
async function run(engine: Engine, c: AdminContext, body: JsonObject): Promise<Response> {
  if (body.outputs !== undefined) {
    const { results, summary } = await engine.evals.evaluate(body, c.req.raw.signal);
    return c.json({ suiteId: body.suiteId, results, summary });
  }
  const { id, over } = engine.evals.start(body);
  if (body.background === true) return c.json({ runId: id, suiteId: body.suiteId }, 202);
  c.env.unlimited();
  // Nobody is left to read it: no need to ask on.
  c.req.raw.signal.addEventListener("abort", () => void engine.evals.runs.cancel(id).catch(() => {}));
  const { results, ...kept } = await over;
  return c.json({ ...shownRun(kept), runId: id, results });
}

/** How far a kept run came. */
function endOf({ id, suiteId, suiteName, at, models, summary, results, status }: EvalRun): EvalProgress {
  const { passed, total } = summary;
  return { runId: id, suiteId, suiteName, at, models, done: results.length, total, passed, status };
}

/** Progress of one run as server-sent events, until it is over. Throws `not_found`. */
function follow(engine: Engine, c: AdminContext, id: string): Response {
  // A quick run may be over before anybody asks: that is told the same way.
  const begun = engine.evals.runs.progress(id)?.progress ?? endOf(engine.evals.runs.find(id));
  c.env.unlimited();
  return streamSSE(c, async (stream) => {
    let latest: EvalProgress | undefined = begun;
    let wake = () => {};
    let left = false;
    const unsubscribe = engine.subscribe((event) => {
      // Only the newest matters: whoever reads slowly skips what lies between.
      if (event.type === "eval" && event.progress.runId === id) latest = event.progress;
      else if (event.type === "draining") left = true;
      else return;
      wake();
    });
    stream.onAbort(() => {
      left = true;
      wake();
    });
    try {
      while (!left) {
        const told: EvalProgress | undefined = latest;
        latest = undefined;
        if (told) await stream.writeSSE({ event: "progress", data: JSON.stringify(shownProgress(told)) });
        if (told && told.status !== "running") return;
        if (!latest && !left) await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      unsubscribe();
    }
  });
}

const shownProgress = ({ at, ...progress }: EvalProgress) => ({ ...progress, at: isoTime(at) });

const shownRun = ({ id, at, finishedAt, ...run }: Omit<EvalRun, "results">) => ({
  runId: id,
  ...run,
  at: isoTime(at),
  finishedAt: isoTime(finishedAt),
});
