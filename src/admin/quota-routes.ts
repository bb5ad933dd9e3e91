import type { Hono } from "hono";
import { z } from "zod";
import type { QuotaView } from "../core/quota.ts";
import type { Engine } from "../engine.ts";
import { parseInput, type QuotaReport } from "../manage/index.ts";
import { type AdminEnv, isoTime, jsonBody } from "./http.ts";

/** What is left of accounts' quotas, and what people are told of by themselves. */
export function quotaRoutes(app: Hono<AdminEnv>, engine: Engine): void {
  const { quotas, notices } = engine.manage;

  app.get("/api/notices", (c) =>
    c.json({
      notices: engine.notices.list().map(({ at, ...notice }) => ({ ...notice, timestamp: isoTime(at) })),
    }),
  );
  app.get("/api/settings/notices", (c) => c.json(notices.settings()));
  app.on(["PUT", "PATCH"], "/api/settings/notices", async (c) =>
    c.json(notices.change(await jsonBody(c), c.get("actor"))),
  );

  app.get("/api/usage/:connectionId", async (c) => {
    const id = c.req.param("connectionId");
    return c.json(shownReport(c.req.query("refresh") === "true" ? await quotas.check(id) : quotas.of(id)));
  });
  app.post("/api/usage/:connectionId/refresh", async (c) => {
    c.env.unlimited();
    return c.json(shownReport(await quotas.check(c.req.param("connectionId"))));
  });
  app.on(["PUT", "PATCH"], "/api/usage/:connectionId", async (c) => {
    const { limits } = parseInput(z.object({ limits: z.unknown() }), await jsonBody(c));
    return c.json(shownReport(quotas.setLimits(c.req.param("connectionId"), limits, c.get("actor"))));
  });
}

function shownReport(report: QuotaReport) {
  return { ...report, windows: report.windows.map(shownWindow) };
}

/** A window of a quota as the API tells it. */
export function shownWindow({ resetsAt, checkedAt, runsOutAt, ...window }: QuotaView) {
  return {
    ...window,
    used: window.used ?? null,
    limit: window.limit ?? null,
    tokens: window.tokens ?? null,
    percent: window.percent ?? null,
    resetsAt: isoTime(resetsAt),
    checkedAt: isoTime(checkedAt),
    runsOutAt: isoTime(runsOutAt),
  };
}
