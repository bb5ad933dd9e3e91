import { streamSSE } from "hono/streaming";
import { z } from "zod";
import type { Engine, EngineEvent } from "../engine.ts";
import { LOG_LEVELS, type LogEntry } from "../lib/log.ts";
import { lineFilter } from "../observing/index.ts";
import { isoTime } from "./http.ts";
import { shownRequest } from "./request-routes.ts";
import type { RouteTable } from "./route-table.ts";
import { shownTranslation } from "./translator-routes.ts";
import { time } from "./shapes.ts";

const PING_MS = 15_000;
const MOST_WAITING = 500;

const lineQuery = () =>
  z.object({
    level: z.enum(LOG_LEVELS).optional(),
    component: z.string().max(50).optional(),
    search: z.string().max(500).optional(),
  });
const consoleQuery = () =>
  lineQuery().extend({ limit: z.coerce.number().int().min(1).max(1000).default(500) });
const eventQuery = () =>
  lineQuery().extend({
    only: z
      .string()
      .max(200)
      .transform((names) => new Set(names.split(/[\s,]+/).filter(Boolean)))
      .optional()
      .describe("Names of events, separated by commas; without it everything is told."),
  });

/** The console's lines, and everything that happens, as it happens. */
export function eventRoutes(table: RouteTable, engine: Engine): void {
  table.add(
    {
      method: "GET",
      path: "/api/logs/console",
      role: "reader",
      summary: "The newest lines of the process's own log.",
      query: consoleQuery,
      answer: () =>
        z.array(
          z.object({
            timestamp: time(),
            level: z.enum(LOG_LEVELS),
            component: z.string(),
            message: z.string(),
            fields: z.looseObject({}).optional(),
          }),
        ),
    },
    (_c, { query }) => engine.console.list(query).map(shownLine),
  );

  table.add(
    {
      method: "GET",
      path: "/api/events",
      role: "reader",
      summary: "What happens, as it happens: requests, notices, translations, changes, log lines.",
      query: eventQuery,
      answer: { media: "text/event-stream", about: "Server-sent events; a comment each 15 s of silence." },
    },
    (c, { query: { only, ...lines } }) => {
      const isWantedLine = lineFilter(lines);
      const wanted = (event: ToldEvent) =>
        event.type === "log" && !isWantedLine(event.entry)
          ? []
          : messagesOf(event).filter((message) => only === undefined || only.has(message.event));
      c.env.unlimited();
      return streamSSE(c, async (stream) => {
        const waiting: { event: string; data: string }[] = [];
        let wake = () => {};
        let over = false;
        const unsubscribe = engine.subscribe((event) => {
          if (event.type === "draining") over = true;
          else if (event.type !== "stop-requested" && waiting.length < MOST_WAITING)
            waiting.push(...wanted(event));
          wake();
        });
        stream.onAbort(() => {
          over = true;
          wake();
        });
        try {
          await stream.writeSSE({ event: "hello", data: "{}" });
          while (!over) {
            const next = waiting.shift();
            if (next) await stream.writeSSE(next);
            else if (!(await woken((resolve) => (wake = resolve)))) await stream.write(": ping\n\n");
          }
        } finally {
          unsubscribe();
        }
      });

      /** True when something came, false when only time went by. */
      function woken(arm: (resolve: () => void) => void): Promise<boolean> {
        return new Promise((resolve) => {
          const cancel = engine.clock.after(PING_MS, () => resolve(false));
          arm(() => {
            cancel();
            resolve(true);
          });
        });
      }
    },
  );
}

type ToldEvent = Exclude<EngineEvent, { type: "draining" | "stop-requested" }>;

/** Each event under its documented name, with what it tells as JSON. */
function messagesOf(event: ToldEvent): { event: string; data: string }[] {
  const message = (name: string, data: object) => ({ event: name, data: JSON.stringify(data) });
  switch (event.type) {
    case "request-started":
      return [message("request", { phase: "started", ...event.request, at: isoTime(event.request.at) })];
    case "request-ended":
      return [message("request", { phase: "ended", ...shownRequest(event.request) })];
    case "breaker": {
      const { provider, state, openUntil } = event;
      return [message("breaker", { provider, state, openUntil: isoTime(openUntil) })];
    }
    case "notice": {
      const { at, ...notice } = event.notice;
      const told = { ...notice, timestamp: isoTime(at) };
      return [message("notice", told), ...(notice.kind === "quota" ? [message("quota", told)] : [])];
    }
    case "log":
      return [message("log", shownLine(event.entry))];
    case "translation":
      return [message("translation", shownTranslation(event.translation))];
    case "eval":
      return [message("eval", { ...event.progress, at: isoTime(event.progress.at) })];
    case "changed": {
      const { what } = event;
      return [
        message("changed", { what }),
        ...(what === "connections" ? [message("connection", { what })] : []),
      ];
    }
  }
}

/** A line of the log under its documented names. */
function shownLine({ at, level, component, message, fields }: LogEntry) {
  return { timestamp: isoTime(at), level, component, message, fields };
}
