import type { UsageGroup } from "../../../src/store/index.ts";
import { type ChartData, Lines, type Series, SERIES_TONES, StackedBars } from "../../charts/index.ts";
import { Card, EmptyState, html, type Markup } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import {
  amountIn,
  type Dimension,
  DIMENSIONS,
  dimensionsOf,
  type Metric,
  METRICS,
  namesIn,
} from "./dimensions.ts";
import { addressWith } from "./filters.ts";
import type { Period } from "./period.ts";

/** Lines cross; more than a few cannot be followed. */
const MOST_LINES = 4;

/** What the chart is to show: a metric, told apart by something. */
export type Wish = { metric: Metric; by: Dimension };

/** What an address wants to see: `?show=cost&by=provider`. */
export function wishOf(query: URLSearchParams): Wish {
  return {
    metric: METRICS.find(({ id }) => id === query.get("show")) ?? METRICS[0],
    by: DIMENSIONS.find(({ id }) => id === query.get("by")) ?? DIMENSIONS[0],
  };
}

/** One metric over time. `groups` are by time and by what the wish tells apart. */
export function OverTime(visit: Visit, period: Period, wish: Wish, groups: readonly UsageGroup[]): Markup {
  const { say } = visit;
  const { metric, by } = wish;
  const data = chartOf(visit, period, wish, groups);
  const draw = metric.kind === "sum" ? StackedBars : Lines;
  return Card({
    id: "over-time",
    title: say(`usage.chart.${metric.id}`),
    lead: period.per === "day" ? say("usage.utc") : undefined,
    children: html`
      <div class="mb-5 flex flex-wrap items-center gap-x-6 gap-y-3">
        <nav class="pills" aria-label=${say("usage.metric")}>
          ${METRICS.map(
            ({ id }) =>
              html`<a
                href=${`${addressWith(visit.url, { show: id })}#over-time`}
                aria-current=${id === metric.id ? "page" : undefined}
                >${say(`usage.metric.${id}`)}</a
              >`,
          )}
        </nav>
        <nav class="pills" aria-label=${say("usage.by")}>
          ${dimensionsOf(visit).map(
            ({ id }) =>
              html`<a
                href=${`${addressWith(visit.url, { by: id })}#over-time`}
                aria-current=${id === by.id ? "page" : undefined}
                >${say(`usage.by-${id}`)}</a
              >`,
          )}
        </nav>
      </div>
      ${
        data.series.length === 0
          ? EmptyState({ icon: "chart", title: say("usage.empty"), children: say("usage.empty.note") })
          : draw(data, say("chart.table"))
      }
    `,
  });
}

function chartOf(
  visit: Visit,
  period: Period,
  { metric, by }: Wish,
  groups: readonly UsageGroup[],
): ChartData {
  const { say, show } = visit;
  const hourly = period.per === "hour";
  return {
    label: `${say(`usage.chart.${metric.id}`)}, ${say(`usage.by-${by.id}`)}`,
    times: period.times.map((time) =>
      hourly
        ? { short: show.hour(time), whole: show.dateTime(time) }
        : { short: show.day(time), whole: show.wholeDay(time) },
    ),
    timeTitle: say(hourly ? "chart.hour" : "chart.day"),
    series: seriesOf(visit, period, { metric, by }, groups),
    amount: amountIn(metric, visit),
    ...(metric.kind === "sum" && { sumTitle: say("chart.sum") }),
  };
}

/** The largest in colours of their own, and for sums all others together. */
function seriesOf(
  visit: Visit,
  { times }: Period,
  { metric, by }: Wish,
  groups: readonly UsageGroup[],
): Series[] {
  const name = namesIn(visit);
  const places = new Map(times.map((time, index) => [time, index]));
  const rows = Map.groupBy(groups, (group) => group[by.field] ?? "")
    .entries()
    .map(([, of]) => {
      const values: (number | undefined)[] = times.map(() => (metric.kind === "sum" ? 0 : undefined));
      for (const group of of) {
        const place = places.get(group.time ?? -1);
        if (place !== undefined) values[place] = metric.of(group);
      }
      return { name: name(by.id, of[0]!), values, weight: weightOf(metric, of, values) };
    })
    .filter(({ weight }) => weight > 0)
    .toArray()
    .toSorted((a, b) => b.weight - a.weight);
  const most = metric.kind === "sum" ? SERIES_TONES.length : MOST_LINES;
  const shown: Series[] = rows
    .slice(0, most)
    .map((row, index) => ({ name: row.name, values: row.values, tone: SERIES_TONES[index] ?? "rest" }));
  const others = rows.slice(most);
  if (metric.kind === "sum" && others.length > 0)
    shown.push({
      name: visit.say("chart.others", { count: others.length }),
      values: times.map((_, index) => others.reduce((sum, { values }) => sum + (values[index] ?? 0), 0)),
      tone: "rest",
    });
  return shown;
}

/** Sums are ordered by their size; averages by how many calls they stand for. */
function weightOf(
  metric: Metric,
  groups: readonly UsageGroup[],
  values: readonly (number | undefined)[],
): number {
  if (metric.kind === "sum") return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  if (values.every((value) => value === undefined)) return 0;
  return groups.reduce((sum, { requests }) => sum + requests, 0);
}
