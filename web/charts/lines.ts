import { scaleLinear, scalePoint } from "d3-scale";
import { curveMonotoneX, line } from "d3-shape";
import { html, type Markup } from "../ui/index.ts";
import { HEIGHT, Plot, WIDTH } from "./plot.ts";
import { type ChartData, STROKES } from "./series.ts";

/** Amounts that do not add up, as one line each, broken where nothing is known: for times and shares. */
export function Lines(data: ChartData, tableTitle: string): Markup {
  const { series, times } = data;
  const highest = Math.max(0, ...series.flatMap(({ values }) => values.map((value) => value ?? 0)));
  const scale = scaleLinear()
    .domain([0, highest || 1])
    .nice(4)
    .range([HEIGHT, 0]);
  const points = scalePoint<number>()
    .domain(times.map((_, index) => index))
    .range([0, WIDTH])
    .padding(0.5);
  const draw = line<number | undefined>()
    .defined((value) => value !== undefined)
    .x((_, index) => points(index) ?? 0)
    .y((value) => scale(value ?? 0))
    .curve(curveMonotoneX)
    .digits(1);
  return Plot({
    data,
    scale,
    tableTitle,
    places: times.map((_, index) => points(index) ?? 0),
    children: series.map(
      ({ values, tone }) => html`<path class=${`chart-curve ${STROKES[tone]}`} d=${draw([...values])} />`,
    ),
  });
}
