import { z } from "zod";
import { badRequest } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { groupUsage, totalUsage, type UsageQuery } from "../store/index.ts";
import { csvOf } from "./csv.ts";
import type { RouteTable } from "./route-table.ts";
import { namesOf, shownTotals } from "./usage-views.ts";
import { reportRowShape, reportShape } from "./usage-shapes.ts";

const DAY_MS = 86_400_000;

/** What a month or some days cost, line by line, for bookkeeping. */
export function reportRoutes(table: RouteTable, engine: Engine): void {
  table.add(
    {
      method: "GET",
      path: "/api/usage/report",
      role: "reader",
      summary: "A month or some days, by day, provider, model, key, key group and account; as JSON or CSV.",
      query: reportQuery,
      answer: reportShape,
    },
    (_c, { query: { month, format, ...asked } }) => {
      const query: UsageQuery = {
        ...(asked.from === undefined ? monthOf(month ?? monthNow(engine.clock.now())) : daysOf(asked)),
        ...(asked.model !== undefined && { model: asked.model }),
        ...(asked.provider !== undefined && { provider: asked.provider }),
        ...(asked.apiKey !== undefined && { keyId: asked.apiKey }),
        ...(asked.keyGroup !== undefined && { keyGroupId: asked.keyGroup }),
        ...(asked.connection !== undefined && { connectionId: asked.connection }),
      };
      const rows = rowsOf(engine, query);
      const from = dayText(query.from);
      const to = dayText(query.to - 1);
      const covered = asked.from === undefined ? from.slice(0, 7) : `${from}-${to}`;
      if (format === "json") {
        const summary = shownTotals(totalUsage(engine.store, query));
        return { ...(asked.from === undefined && { month: covered }), from, to, summary, rows };
      }
      return new Response(csvOf(rows, Object.keys(reportRowShape().shape)), {
        headers: {
          "content-type": "text/csv; charset=utf-8",
          "content-disposition": `attachment; filename="omniroute-usage-${covered}.csv"`,
          "cache-control": "no-store",
          "x-content-type-options": "nosniff",
        },
      });
    },
  );
}

function rowsOf(engine: Engine, query: UsageQuery) {
  const { keys, keyGroups, connections } = namesOf(engine);
  return groupUsage(engine.store, query, ["time", "provider", "model", "key", "keyGroup", "connection"]).map(
    (group) => ({
      date: dayText(group.time!),
      provider: group.provider!,
      model: group.model!,
      apiKeyId: group.keyId!,
      apiKeyName: keys.get(group.keyId!) ?? group.keyId!,
      keyGroupId: group.keyGroupId!,
      keyGroupName: keyGroups.get(group.keyGroupId!) ?? group.keyGroupId!,
      connectionId: group.connectionId!,
      account: connections.get(group.connectionId!) ?? group.connectionId!,
      ...shownTotals(group),
    }),
  );
}

const DAY_TEXT = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;

/** A month, or days from one to another (both are in), of everything or of one model, provider, key, key group or connection. */
const reportQuery = () => {
  const name = z.string().max(256).optional();
  return z.object({
    month: z
      .string()
      .regex(/^\d{4}-(?:0[1-9]|1[0-2])$/, "must be YYYY-MM")
      .optional(),
    from: z.string().regex(DAY_TEXT, "must be YYYY-MM-DD").optional(),
    to: z.string().regex(DAY_TEXT, "must be YYYY-MM-DD").optional(),
    model: name,
    provider: name,
    apiKey: name,
    keyGroup: name,
    connection: name,
    format: z.enum(["json", "csv"]).default("json"),
  });
};

const dayText = (at: number) => new Date(at).toISOString().slice(0, 10);
const monthNow = (now: number) => dayText(now).slice(0, 7);

function monthOf(month: string): UsageQuery {
  const [year, number] = month.split("-").map(Number) as [number, number];
  return { from: Date.UTC(year, number - 1, 1), to: Date.UTC(year, number, 1), per: "day" };
}

function daysOf({
  from = "",
  to = from,
}: {
  from?: string | undefined;
  to?: string | undefined;
}): UsageQuery {
  const query = { from: Date.parse(`${from}T00:00:00Z`), to: Date.parse(`${to}T00:00:00Z`) + DAY_MS };
  if (!(query.from < query.to)) throw badRequest("`from` must not lie behind `to`.", "from");
  return { ...query, per: "day" };
}
