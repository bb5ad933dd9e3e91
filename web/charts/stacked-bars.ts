import { scaleBand, scaleLinear } from "d3-scale";
import { stack } from "d3-shape";
import { html, type Markup } from "../ui/index.ts";
import { HEIGHT, Plot, WIDTH } from "./plot.ts";
import { type ChartData, FILLS } from "./series.ts";

/** Amounts that add up, one bar for each time, its series on top of each other: for counts, tokens and money. */
export function StackedBars(data: ChartData, tableTitle: string): Markup {
  const { series, times } = data;
  const layers = stack<number, number>()
    .keys(series.map((_, index) => index))
    .value((time, layer) => series[layer]?.values[time] ?? 0)(times.map((_, index) => index));
  const highest = Math.max(0, ...(layers.at(-1) ?? []).map(([, top]) => top));
  const scale = scaleLinear()
    .domain([0, highest || 1])
    .nice(4)
    .range([HEIGHT, 0]);
  const bands = scaleBand<number>()
    .domain(times.map((_, index) => index))
    .range([0, WIDTH])
    .paddingInner(times.length < 12 ? 0.5 : 0.25)
    .paddingOuter(times.length < 12 ? 0.25 : 0.125);
  const left = (index: number) => bands(index) ?? 0;
  return Plot({
    data,
    scale,
    tableTitle,
    places: times.map((_, index) => left(index) + bands.bandwidth() / 2),
    children: layers.map(
      (layer, index) =>
        html`<g class=${FILLS[series[index]!.tone]}>
          ${layer.map(([bottom, top], time) =>
            top > bottom
              ? html`<rect
                  x=${left(time)}
                  y=${scale(top)}
                  width=${bands.bandwidth()}
                  height=${scale(bottom) - scale(top)}
                />`
              : undefined,
          )}
        </g>`,
    ),
  });
}
