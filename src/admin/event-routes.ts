import type { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { z } from "zod";
import type { Engine, EngineEvent } from "../engine.ts";
import { LOG_LEVELS, type LogEntry } from "../lib/log.ts";
import { parseInput } from "../manage/index.ts";
import { lineFilter } from "../observing/index.ts";
import { type AdminEnv, isoTime } from "./http.ts";
import { shownRequest } from "./monitoring-routes.ts";
import { shownTranslation } from "./translator-routes.ts";

const PING_MS = 15_000;
const MOST_WAITING = 500;

const lineQuery = z.object({
  level: z.enum(LOG_LEVELS).optional(),
  component: z.string().max(50).optional(),
  search: z.string().max(500).optional(),
});
const consoleQuery = lineQuery.extend({ limit: z.coerce.number().int().min(1).max(1000).default(500) });
const eventQuery = lineQuery.extend({
  /** Names of events, separated by commas; without it everything is told. */
  only: z
    .string()
    .max(200)
    .transform((names) => new Set(names.split(/[\s,]+/).filter(Boolean)))
    .optional(),
});

/** The console's lines, and everything that happens, as it happens. */
export function eventRoutes(app: Hono<AdminEnv>, engine: Engine): void {
  app.get("/api/logs/console", (c) => {
    const query = parseInput(consoleQuery, given(c.req.query()));
    return c.json(engine.console.list(query).map(shownLine));
  });

  app.get("/api/events", (c) => {
    const { only, ...lines } = parseInput(eventQuery, given(c.req.query()));
    const isWantedLine = lineFilter(lines);
    const isWanted = (event: ToldEvent) =>
      (only === undefined || only.has(nameOf(event))) && (event.type !== "log" || isWantedLine(event.entry));
    c.env.unlimited();
    return streamSSE(c, async (stream) => {
      const waiting: { event: string; data: string }[] = [];
      let wake = () => {};
      let over = false;
      const unsubscribe = engine.subscribe((event) => {
        if (event.type === "draining") over = true;
        else if (event.type === "stop-requested" || !isWanted(event)) return;
        else if (waiting.length < MOST_WAITING) waiting.push({ event: nameOf(event), data: dataOf(event) });
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
  });
}

type ToldEvent = Exclude<EngineEvent, { type: "draining" | "stop-requested" }>;

const nameOf = ({ type }: ToldEvent): string => (type.startsWith("request-") ? "request" : type);

function dataOf(event: ToldEvent): string {
  switch (event.type) {
    case "request-started":
      return JSON.stringify({ phase: "started", ...event.request, at: isoTime(event.request.at) });
    case "request-ended":
      return JSON.stringify({ phase: "ended", ...shownRequest(event.request) });
    case "notice": {
      const { at, ...notice } = event.notice;
      return JSON.stringify({ ...notice, timestamp: isoTime(at) });
    }
    case "log":
      return JSON.stringify(shownLine(event.entry));
    case "translation":
      return JSON.stringify(shownTranslation(event.translation));
    case "eval":
      return JSON.stringify({ ...event.progress, at: isoTime(event.progress.at) });
    case "changed":
      return JSON.stringify({ what: event.what });
  }
}

/** A line of the log under its documented names. */
function shownLine({ at, level, component, message, fields }: LogEntry) {
  return { timestamp: isoTime(at), level, component, message, fields };
}

/** Filters that were left empty, as forms do, count as not there. */
const given = (query: { [name: string]: string }) =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ""));
