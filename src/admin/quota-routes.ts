import { z } from "zod";
import { NOTICE_KINDS } from "../core/notice.ts";
import type { QuotaView } from "../core/quota.ts";
import type { Engine } from "../engine.ts";
import { noticesPatch, type QuotaReport } from "../manage/index.ts";
import { windowShape } from "./connection-shapes.ts";
import { isoTime } from "./http.ts";
import type { RouteTable } from "./route-table.ts";
import { flag, time } from "./shapes.ts";

/** What is left of accounts' quotas, and what people are told of by themselves. */
export function quotaRoutes(table: RouteTable, engine: Engine): void {
  const { quotas, notices } = engine.manage;

  table.add(
    {
      method: "GET",
      path: "/api/notices",
      role: "reader",
      summary: "What people were told of by themselves, the newest first.",
      answer: () =>
        z.object({
          notices: z.array(
            z.object({
              id: z.string(),
              timestamp: time(),
              kind: z.enum(NOTICE_KINDS),
              level: z.enum(["good", "warning", "problem"]),
              message: z.string(),
              facts: z.record(z.string(), z.union([z.string(), z.number()])),
            }),
          ),
        }),
    },
    () => ({
      notices: engine.notices.list().map(({ at, ...notice }) => ({ ...notice, timestamp: isoTime(at) })),
    }),
  );

  table.add(
    {
      method: "GET",
      path: "/api/settings/notices",
      role: "reader",
      summary: "Which kinds of notices are told, and to which address they are posted.",
      answer: noticeSettingsShape,
    },
    () => notices.settings(),
  );

  table.add(
    {
      method: "PUT",
      path: "/api/settings/notices",
      role: "admin",
      summary: "Changes which kinds of notices are told, and where they are posted.",
      body: () => noticesPatch,
      answer: noticeSettingsShape,
    },
    (c, { raw }) => notices.change(raw, c.get("actor")),
  );

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

const noticeSettingsShape = () =>
  z.object({ kinds: z.array(z.enum(NOTICE_KINDS)), webhook: z.string().nullable() });

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
