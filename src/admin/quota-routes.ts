import { z } from "zod";
import type { QuotaView } from "../core/quota.ts";
import type { Engine } from "../engine.ts";
import type { QuotaReport } from "../manage/index.ts";
import { windowShape } from "./connection-shapes.ts";
import { isoTime } from "./http.ts";
import type { RouteTable } from "./route-table.ts";
import { flag } from "./shapes.ts";

/** What is left of accounts' quotas. */
export function quotaRoutes(table: RouteTable, engine: Engine): void {
  const { quotas } = engine.manage;

  table.add(
    {
      method: "GET",
      path: "/api/usage/:connectionId",
      role: "reader",
      summary: "What is left of an account's quota, and what it cost this month.",
      query: () => z.object({ refresh: flag() }),
      answer: reportShape,
    },
    async (c, { query: { refresh } }) => {
      const id = c.req.param("connectionId");
      return shownReport(refresh ? await quotas.check(id) : quotas.of(id));
    },
  );

  table.add(
    {
      method: "POST",
      path: "/api/usage/:connectionId/refresh",
      role: "admin",
      summary: "Asks the provider for the quota now.",
      answer: reportShape,
    },
    async (c) => {
      c.env.unlimited();
      return shownReport(await quotas.check(c.req.param("connectionId")));
    },
  );

  table.add(
    {
      method: "PUT",
      path: "/api/usage/:connectionId",
      role: "admin",
      summary: "Writes down the limits of an account whose provider tells none.",
      body: () => z.object({ limits: z.unknown().describe("A list of windows") }),
      answer: reportShape,
    },
    (c, { body: { limits } }) =>
      shownReport(quotas.setLimits(c.req.param("connectionId"), limits, c.get("actor"))),
  );
}

const reportShape = () =>
  z.object({
    plan: z.string().nullable(),
    windows: z.array(windowShape()),
    message: z.string().nullable(),
    ownLimits: z.array(z.custom<object>()),
    month: z.object({
      requests: z.number(),
      tokens: z.number(),
      billed: z.number(),
      shadow: z.number(),
      unknownPrice: z.number(),
    }),
  });

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
