import { area, curveMonotoneX, line } from "d3-shape";
import { html, type Markup } from "../ui/index.ts";

const WIDTH = 120;
const HEIGHT = 32;
/** Room for the line's own width, so that neither the top nor the ground cuts it. */
const MARGIN = 1.5;

const LOOKS = {
  accent: { line: "stroke-accent", area: "fill-accent-soft" },
  bad: { line: "stroke-bad", area: "fill-bad-soft" },
} as const;

/** The course of one amount, without figures. `label` says what it shows. Empty where there is nothing to see. */
export function Sparkline(
  values: readonly number[],
  label: string,
  { tone = "accent" }: { tone?: keyof typeof LOOKS } = {},
): Markup {
  const highest = Math.max(...values, 0);
  const x = (_: number, index: number) => (index / Math.max(1, values.length - 1)) * WIDTH;
  const y = (value: number) =>
    HEIGHT - MARGIN - (highest === 0 ? 0 : (value / highest) * (HEIGHT - 2 * MARGIN));
  const look = LOOKS[tone];
  return html`<svg
    class="mt-3 h-9 w-full"
    viewBox=${`0 0 ${WIDTH} ${HEIGHT}`}
    preserveAspectRatio="none"
    role="img"
    aria-label=${label}
  >
    ${
      highest > 0 &&
      html`<path
        class=${look.area}
        d=${area<number>().x(x).y1(y).y0(HEIGHT).curve(curveMonotoneX).digits(1)([...values])}
      />`
    }
    <path
      class=${`chart-curve ${highest > 0 ? look.line : "stroke-line"}`}
      d=${line<number>().x(x).y(y).curve(curveMonotoneX).digits(1)([...values])}
    />
  </svg>`;
}
