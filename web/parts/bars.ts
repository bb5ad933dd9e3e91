import type { UsageGroup } from "../../src/store/index.ts";
import { html, type Markup } from "../ui/index.ts";
import type { Visit } from "../visit.ts";

const HOUR = 3_600_000;
const HOURS = 24;
const HEIGHT = 40;
const STEP = 10;
const WIDTH = 7;

/** One bar: what it stands for, how high it is, and which share of it failed. */
type Bar = { title: string; whole: number; failed: number };

/** Counts over time as bars, failed ones in their own colour. `label` says the same in one sentence. */
function Bars(bars: readonly Bar[], label: string, className = "h-10"): Markup {
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

/** The last 24 hours, the oldest first, with what was used in each. */
export function hoursOf(
  groups: readonly UsageGroup[],
  now: number,
): { time: number; found: UsageGroup | undefined }[] {
  const last = Math.floor(now / HOUR) * HOUR;
  const byTime = new Map(groups.map((group) => [group.time, group]));
  return Array.from({ length: HOURS }, (_, index) => {
    const time = last - (HOURS - 1 - index) * HOUR;
    return { time, found: byTime.get(time) };
  });
}

/** Requests of the last 24 hours, hour by hour. */
export function HourBars({ say, show, now }: Visit, hours: readonly UsageGroup[]): Markup {
  const bars = hoursOf(hours, now).map(({ time, found }): Bar => {
    const { requests = 0, errors = 0 } = found ?? {};
    return {
      title: say("home.bar", { time: show.hour(time), count: requests, errors }),
      whole: requests,
      failed: errors,
    };
  });
  return Bars(bars, say("home.bars", { count: bars.reduce((sum, { whole }) => sum + whole, 0) }));
}
