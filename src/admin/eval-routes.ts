import type { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import type { EvalRun } from "../core/eval-run.ts";
import { badRequest } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import type { EvalProgress } from "../evals/index.ts";
import { type AdminContext, type AdminEnv, ignoredFields, isoTime, jsonBody } from "./http.ts";

const RUN_FIELDS = ["suiteId", "models", "outputs", "tags", "judge", "parallel", "background"];
const LIMIT_BYTES = 10 * 1024 * 1024;

/** Suites of questions, runs over models, and their history: `/api/evals`. */
export function evalRoutes(app: Hono<AdminEnv>, engine: Engine): void {
  const { evals } = engine;

  app.get("/api/evals", (c) =>
    c.json(
      evals.suites.list().map(({ id, name, description, builtIn, cases }) => ({
        id,
        name,
        caseCount: cases.length,
        description,
        builtIn,
      })),
    ),
  );
  app.post("/api/evals", (c) => run(engine, c));
  app.post("/api/evals/check", async (c) => {
    const body = await jsonBody(c, LIMIT_BYTES);
    return c.json(await evals.check(body, c.req.raw.signal));
  });
  app.post("/api/evals/estimate", async (c) => c.json(evals.estimate(await jsonBody(c))));

  app.get("/api/evals/runs", (c) =>
    c.json({
      running: evals.runs.running().map(shownProgress),
      runs: evals.runs.list(c.req.query("suiteId"), limitOf(c)).map(shownRun),
    }),
  );
  app.get("/api/evals/compare", (c) => {
    const ids = (c.req.query("runs") ?? "").split(",").filter(Boolean);
    const { columns, rows } = evals.runs.compare(ids);
    return c.json({ columns: columns.map(({ at, ...column }) => ({ ...column, at: isoTime(at) })), rows });
  });
  app.get("/api/evals/runs/:id", (c) => {
    const id = c.req.param("id");
    const running = evals.runs.progress(id);
    if (running) return c.json({ ...shownProgress(running.progress), results: running.results });
    const { results, ...kept } = evals.runs.find(id);
    return c.json({ ...shownRun(kept), results });
  });
  app.post("/api/evals/runs/:id/cancel", async (c) => {
    const { results, ...kept } = await evals.runs.cancel(c.req.param("id"));
    return c.json({ ...shownRun(kept), results });
  });
  app.delete("/api/evals/runs/:id", (c) => {
    evals.runs.remove(c.req.param("id"));
    return c.json({ success: true });
  });
  app.get("/api/evals/runs/:id/events", (c) => follow(engine, c, c.req.param("id")));

  app.get("/api/evals/:suiteId", (c) => c.json(evals.suites.find(c.req.param("suiteId"))));
  app.on(["PUT", "PATCH"], "/api/evals/:suiteId", async (c) => {
    const body = await jsonBody(c, LIMIT_BYTES);
    const saved = evals.suites.save(c.req.param("suiteId"), body, c.get("actor"));
    return c.json(saved, 200, ignoredFields(body, ["id", "builtIn", "name", "description", "cases"]));
  });
  app.delete("/api/evals/:suiteId", (c) => {
    evals.suites.remove(c.req.param("suiteId"), c.get("actor"));
    return c.json({ success: true });
  });
}

/** Checks the given outputs, or asks models: waits for the end unless `background` is set. */
async function run(engine: Engine, c: AdminContext): Promise<Response> {
  const body = await jsonBody(c, LIMIT_BYTES);
  const headers = ignoredFields(body, RUN_FIELDS);
  if (body.outputs !== undefined) {
    const { results, summary } = await engine.evals.evaluate(body, c.req.raw.signal);
    return c.json({ suiteId: body.suiteId, results, summary }, 200, headers);
  }
  const { id, over } = engine.evals.start(body);
  if (body.background === true) return c.json({ runId: id, suiteId: body.suiteId }, 202, headers);
  c.env.unlimited();
  // Nobody is left to read it: no need to ask on.
  c.req.raw.signal.addEventListener("abort", () => void engine.evals.runs.cancel(id).catch(() => {}));
  const { results, ...kept } = await over;
  return c.json({ ...shownRun(kept), runId: id, results }, 200, headers);
}

/** Progress of one run as server-sent events, until it is over. */
function follow(engine: Engine, c: AdminContext, id: string): Response {
  const begun = engine.evals.runs.progress(id);
  if (!begun) throw badRequest("This run is not at work; `GET /api/evals/runs/{id}` tells how it ended.");
  c.env.unlimited();
  return streamSSE(c, async (stream) => {
    let latest: EvalProgress | undefined = begun.progress;
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

function limitOf(c: AdminContext): number {
  const limit = Number(c.req.query("limit"));
  return Number.isInteger(limit) && limit > 0 ? Math.min(limit, 1000) : 50;
}
