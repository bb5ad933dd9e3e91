import type { UsageGroup } from "../../src/store/index.ts";
import { html, type Markup } from "../ui/index.ts";
import type { Visit } from "../visit.ts";

const HOUR = 3_600_000;
const HEIGHT = 40;
const STEP = 10;
const WIDTH = 7;

/** One bar: what it stands for, how high it is, and which share of it failed. */
export type Bar = { title: string; whole: number; failed: number };

/** Counts over time as bars, failed ones in their own colour. `label` says the same in one sentence. */
export function Bars(bars: readonly Bar[], label: string, className = "h-10"): Markup {
  const most = Math.max(1, ...bars.map(({ whole }) => whole));
  const scaled = (count: number) => (count === 0 ? 0 : Math.max(2, (count / most) * HEIGHT));
  return html`<svg
    class=${`mt-3 w-full ${className}`}
    viewBox=${`0 0 ${STEP * Math.max(1, bars.length)} ${HEIGHT}`}
    preserveAspectRatio="none"
    role="img"
    aria-label=${label}
  >
    ${bars.map(({ title, whole, failed }, index) => {
      const height = scaled(whole);
      const bad = failed === 0 ? 0 : Math.max(2, height * (failed / whole));
      const x = index * STEP;
      return html`<g>
        <title>${title}</title>
        <rect class="fill-transparent" x=${x} y="0" width=${STEP} height=${HEIGHT} />
        <rect class="fill-line" x=${x} y=${HEIGHT - 1} width=${WIDTH} height="1" />
        <rect class="fill-accent" x=${x} y=${HEIGHT - height} width=${WIDTH} height=${height - bad} rx="1" />
        <rect class="fill-bad" x=${x} y=${HEIGHT - bad} width=${WIDTH} height=${bad} rx="1" />
      </g>`;
    })}
  </svg>`;
}

/** Requests of the last 24 hours, hour by hour. */
export function HourBars({ say, show, now }: Visit, hours: readonly UsageGroup[]): Markup {
  const last = Math.floor(now / HOUR) * HOUR;
  const bars = spread(
    hours,
    Array.from({ length: 24 }, (_, index) => last - (23 - index) * HOUR),
    (time, found) => ({
      title: say("home.bar", {
        time: show.hour(time),
        count: found?.requests ?? 0,
        errors: found?.errors ?? 0,
      }),
      whole: found?.requests ?? 0,
      failed: found?.errors ?? 0,
    }),
  );
  return Bars(bars, say("home.bars", { count: bars.reduce((sum, { whole }) => sum + whole, 0) }));
}

/** One bar for each of the times, also where nothing happened. */
export function spread(
  groups: readonly UsageGroup[],
  times: readonly number[],
  bar: (time: number, found: UsageGroup | undefined) => Bar,
): Bar[] {
  const byTime = new Map(groups.map((group) => [group.time, group]));
  return times.map((time) => bar(time, byTime.get(time)));
}
