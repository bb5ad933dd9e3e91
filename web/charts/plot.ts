import type { ScaleLinear } from "d3-scale";
import { classes, html, type Markup, Table } from "../ui/index.ts";
import { type ChartData, SWATCHES } from "./series.ts";

/** The plot's own units; it is stretched to whatever place there is. */
export const WIDTH = 1000;
export const HEIGHT = 240;
const GRID_LINES = 4;
const MOST_LABELS = 8;

/**
 * A chart in its frame: amounts at the left, times below, a legend, and the same figures as a table. The shapes lie in
 * a stretched picture; words stand in pictures of their own that are not stretched, placed by percentages, because the
 * page's policy allows no inline style.
 */
export function Plot({
  data,
  scale,
  places,
  tableTitle,
  children,
}: {
  data: ChartData;
  /** From amounts to heights. */
  scale: ScaleLinear<number, number>;
  /** The middle of each time, in units of the plot. */
  places: readonly number[];
  /** Above the folded table. */
  tableTitle: string;
  children: Markup;
}): Markup {
  const ticks = ticksOf(scale, data);
  const column = WIDTH / Math.max(1, places.length);
  return html`<figure class="chart" data-chart>
    ${Legend(data)}
    <div class="chart-frame">
      <svg class="chart-amounts" aria-hidden="true">
        ${ticks.map(
          (tick) =>
            html`<text x="100%" y=${percent(scale(tick), HEIGHT)} dy="0.32em">${data.amount(tick)}</text>`,
        )}
      </svg>
      <div class="chart-plot">
        <svg
          viewBox=${`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label=${data.label}
        >
          ${ticks.map((tick) => html`<path class="chart-line" d=${`M0 ${scale(tick)}H${WIDTH}`} />`)}
          ${children}
          ${places.map(
            (place, index) =>
              html`<rect
                class="chart-column"
                data-column=${index}
                x=${place - column / 2}
                width=${column}
                height=${HEIGHT}
              />`,
          )}
        </svg>
      </div>
      <svg class="chart-times" aria-hidden="true">${TimeLabels(data, places)}</svg>
    </div>
    ${FiguresTable(data, tableTitle)}
  </figure>`;
}

/** Where the grid lies; there is no half a request. */
function ticksOf(scale: ScaleLinear<number, number>, { series }: ChartData): number[] {
  const isWhole = (value: number | undefined) => value === undefined || Number.isInteger(value);
  const counts = series.every(({ values }) => values.every(isWhole));
  return scale.ticks(GRID_LINES).filter((tick) => !counts || isWhole(tick));
}

function TimeLabels({ times }: ChartData, places: readonly number[]): Markup {
  const every = Math.max(1, Math.ceil(times.length / MOST_LABELS));
  return times.map(({ short }, index) => {
    if (index % every !== 0) return undefined;
    const isSecond = (index / every) % 2 === 1;
    const place = places[index]!;
    const anchor = place < WIDTH * 0.04 ? "start" : place > WIDTH * 0.96 ? "end" : "middle";
    return html`<text
      class=${classes(isSecond && times.length > 3 && "max-sm:hidden")}
      x=${percent(place, WIDTH)}
      y="1em"
      text-anchor=${anchor}
    >
      ${short}
    </text>`;
  });
}

function Legend({ series }: ChartData): Markup {
  if (series.length < 2) return undefined;
  return html`<ul class="chart-legend">
    ${series.map(
      ({ name, tone }) =>
        html`<li>
          <span class=${`chart-swatch ${SWATCHES[tone]}`} aria-hidden="true"></span>
          <span class="min-w-0 truncate" title=${name}>${name}</span>
        </li>`,
    )}
  </ul>`;
}

/** The figures of the chart, for those who do not see it, and for what shows when somebody points at it. */
function FiguresTable(
  { times, timeTitle, series, amount, sumTitle, label }: ChartData,
  title: string,
): Markup {
  const rows = times.map(({ whole }, index) => ({
    whole,
    values: series.map(({ values }) => values[index]),
  }));
  return html`<details class="more chart-table">
    <summary class="text-small text-muted">${title}</summary>
    <div class="mt-3 rounded-lg border border-line">
      ${Table({
        rows,
        label,
        tall: true,
        columns: [
          { title: timeTitle, cell: ({ whole }) => html`<span class="whitespace-nowrap">${whole}</span>` },
          ...series.map(({ name, tone }, index) => ({
            title: html`<span data-swatch=${SWATCHES[tone]}>${name}</span>`,
            numeric: true,
            cell: ({ values }: (typeof rows)[number]) => amount(values[index]),
          })),
          sumTitle !== undefined &&
            series.length > 1 && {
              title: sumTitle,
              numeric: true,
              cell: ({ values }: (typeof rows)[number]) =>
                amount(values.reduce<number>((sum, value) => sum + (value ?? 0), 0)),
            },
        ],
      })}
    </div>
  </details>`;
}

function percent(part: number, whole: number): string {
  return `${Number(((part / whole) * 100).toFixed(3))}%`;
}
