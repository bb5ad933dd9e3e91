import type { LatencySummary } from "../../../src/metering/index.ts";
import { providerName } from "../../parts/names.ts";
import { Card, html, type Markup, Table } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import type { Chosen } from "./filters.ts";
import type { Period } from "./period.ts";

const DAY = 86_400_000;
/** Distributions are kept by the hour; more of them than in a week take too long to add up for a page. */
const WINDOWS: { readonly [id: string]: number } = { "1d": DAY, "7d": 7 * DAY };

/** How long answers took, provider by provider; undefined for times and filters it cannot be told for. */
export function quicknessOf(
  { engine }: Visit,
  { id }: Period,
  chosen: Chosen,
): [string, LatencySummary][] | undefined {
  const window = WINDOWS[id];
  const isFiltered = Object.values(chosen).some((value) => value !== "");
  if (window === undefined || isFiltered) return undefined;
  const { byProvider } = engine.telemetry.summary(window);
  return Object.entries(byProvider).toSorted(([, a], [, b]) => b.count - a.count);
}

/** The same as a table: half, 95 and 99 of a hundred answers came within these times. */
export function Quickness(visit: Visit, rows: readonly [string, LatencySummary][]): Markup {
  const { say, show, engine } = visit;
  return Card({
    title: say("usage.quickness"),
    lead: say("usage.quickness.lead"),
    flush: true,
    children: Table({
      rows,
      label: say("usage.quickness"),
      columns: [
        { title: say("request.provider"), cell: ([id]) => html`${providerName(engine, id)}` },
        {
          title: say("health.count"),
          numeric: true,
          wide: true,
          cell: ([, { count }]) => show.number(count),
        },
        { title: "p50", numeric: true, cell: ([, { p50 }]) => show.duration(p50) },
        { title: "p95", numeric: true, cell: ([, { p95 }]) => show.duration(p95) },
        { title: "p99", numeric: true, wide: true, cell: ([, { p99 }]) => show.duration(p99) },
        { title: say("health.ttft"), numeric: true, cell: ([, { ttft }]) => show.duration(ttft?.p50) },
        {
          title: say("usage.ttft95"),
          numeric: true,
          wide: true,
          cell: ([, { ttft }]) => show.duration(ttft?.p95),
        },
      ],
    }),
  });
}
