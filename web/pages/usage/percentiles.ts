import type { LatencyPoint } from "../../../src/engine/telemetry.ts";
import { type ChartData, Lines } from "../../charts/index.ts";
import { providerName } from "../../parts/names.ts";
import { Card, EmptyState, html, type Markup } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { addressWith, type Chosen } from "./filters.ts";
import type { Period } from "./period.ts";

/** Which time is looked at: to the end of the answer, or to its first content. */
const TIMES = ["duration", "first-content"] as const;
type TimeKind = (typeof TIMES)[number];

const LINES = [
  { name: "p50", tone: "first" },
  { name: "p95", tone: "second" },
  { name: "p99", tone: "third" },
] as const;

export type PercentilesOverTime = { of: TimeKind; points: readonly LatencyPoint[] };

/** The percentiles of a period; undefined for filters they cannot be told for: keys, their groups and accounts. */
export function percentilesOf(
  { engine, url }: Visit,
  { from, to, per }: Period,
  { model, provider, key, keyGroup, connection }: Chosen,
): PercentilesOverTime | undefined {
  if ([key, keyGroup, connection].some((each) => each !== "")) return undefined;
  const of = TIMES.find((time) => time === url.searchParams.get("time")) ?? "duration";
  return { of, points: engine.telemetry.overTime({ from, to, per, of, model, provider }) };
}

/** Under what half, 95 and 99 of a hundred answers stayed, hour by hour or day by day, as lines and as a table. */
export function Percentiles(
  visit: Visit,
  period: Period,
  chosen: Chosen,
  { of, points }: PercentilesOverTime,
): Markup {
  const { say, url } = visit;
  return Card({
    id: "percentiles",
    title: say("usage.percentiles"),
    lead: say("usage.percentiles.lead", { what: whatOf(visit, chosen) }),
    children: html`
      <nav class="pills mb-5" aria-label=${say("usage.percentiles.time")}>
        ${TIMES.map(
          (time) =>
            html`<a
              href=${`${addressWith(url, { time })}#percentiles`}
              aria-current=${time === of ? "page" : undefined}
              >${say(`usage.percentiles.${time}`)}</a
            >`,
        )}
      </nav>
      ${
        points.length === 0
          ? EmptyState({ icon: "chart", title: say("usage.empty"), children: say("usage.percentiles.empty") })
          : Lines(chartOf(visit, period, of, points), say("chart.table"))
      }
    `,
  });
}

function whatOf({ say, engine }: Visit, { model, provider }: Chosen): string {
  const names = [model, provider && providerName(engine, provider)].filter((name) => name !== "");
  return names.length === 0 ? say("usage.percentiles.all") : names.join(", ");
}

function chartOf(
  { say, show }: Visit,
  { times, per }: Period,
  of: TimeKind,
  points: readonly LatencyPoint[],
): ChartData {
  const isHourly = per === "hour";
  const at = new Map(points.map((point) => [point.time, point]));
  return {
    label: `${say("usage.percentiles")}, ${say(`usage.percentiles.${of}`)}`,
    times: times.map((time) =>
      isHourly
        ? { short: show.hour(time), whole: show.dateTime(time) }
        : { short: show.day(time), whole: show.wholeDay(time) },
    ),
    timeTitle: say(isHourly ? "chart.hour" : "chart.day"),
    series: LINES.map(({ name, tone }) => ({
      name,
      tone,
      values: times.map((time) => at.get(time)?.[name]),
    })),
    amount: show.duration,
  };
}
