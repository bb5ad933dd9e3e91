import { z } from "zod";
import { type Alert, NOTICE_KINDS } from "../core/notice.ts";
import type { Engine } from "../engine.ts";
import { GatewayError } from "../core/errors.ts";
import { noticesPatch } from "../manage/index.ts";
import { isoTime } from "./http.ts";
import type { RouteTable } from "./route-table.ts";
import { moment, time } from "./shapes.ts";

/** What people are told of by themselves, where, and which troubles last. */
export function noticeRoutes(table: RouteTable, engine: Engine): void {
  const { notices } = engine.manage;

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
      method: "POST",
      path: "/api/settings/notices/secret",
      role: "admin",
      summary: "Makes the secret anew that posted notices are signed with; it is told this once.",
      answer: () => z.object({ secret: z.string() }),
      status: 201,
    },
    (c) => notices.renewSecret(c.get("actor")),
  );

  table.add(
    {
      method: "POST",
      path: "/api/settings/notices/test",
      role: "admin",
      summary: "Posts a test to the webhook now and tells what came of it.",
      answer: () =>
        z.object({ delivered: z.boolean(), status: z.number().nullable(), error: z.string().nullable() }),
    },
    async () => {
      const delivery = await engine.notices.tryWebhook();
      if (!delivery) throw new GatewayError("bad_request", "No webhook is set: save its address first.");
      return {
        delivered: delivery.ok,
        status: delivery.status ?? null,
        error: delivery.error ?? null,
      };
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/alerts",
      role: "reader",
      summary: "Troubles that last, open and over, the newest first.",
      query: () =>
        z.object({
          state: z.enum(["open", "resolved", "all"]).default("all"),
          kind: z.enum(NOTICE_KINDS).optional(),
          limit: z.coerce.number().int().min(1).max(500).default(100),
        }),
      answer: () => z.object({ open: z.number(), alerts: z.array(alertShape()) }),
    },
    (_c, { query: { state, kind, limit } }) => {
      const { alerts } = engine.notices;
      const wanted = alerts
        .list(state === "all" ? undefined : state)
        .filter((alert) => kind === undefined || alert.kind === kind);
      return { open: alerts.list("open").length, alerts: wanted.slice(0, limit).map(shownAlert) };
    },
  );

  table.add(
    {
      method: "POST",
      path: "/api/alerts/:id/resolve",
      role: "admin",
      summary: "Ends an open alert by hand.",
      answer: alertShape,
    },
    (c) => {
      const id = c.req.param("id");
      const alert = engine.notices.resolve(id, c.get("actor"));
      if (!alert) throw new GatewayError("not_found", "There is no open alert of this id.");
      return shownAlert(alert);
    },
  );
}

function shownAlert({ openedAt, updatedAt, resolvedAt, until, ...alert }: Alert) {
  return {
    ...alert,
    openedAt: new Date(openedAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
    resolvedAt: isoTime(resolvedAt),
    until: isoTime(until),
  };
}

const factsShape = () => z.record(z.string(), z.union([z.string(), z.number()]));

const alertShape = () =>
  z.object({
    id: z.string(),
    kind: z.enum(NOTICE_KINDS),
    subject: z.string(),
    state: z.enum(["open", "resolved"]),
    level: z.enum(["warning", "problem"]),
    message: z.string(),
    facts: factsShape(),
    times: z.number(),
    openedAt: moment(),
    updatedAt: moment(),
    resolvedAt: time(),
    until: time(),
  });

const noticeSettingsShape = () =>
  z.object({
    kinds: z.array(z.enum(NOTICE_KINDS)),
    webhook: z.string().nullable(),
    signed: z.boolean(),
  });
