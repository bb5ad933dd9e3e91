import type { UsageGroup } from "../../src/store/index.ts";
import { html, type Markup } from "../ui/index.ts";
import type { Visit } from "../visit.ts";

const HOUR = 3_600_000;
const HEIGHT = 40;
const STEP = 10;
const WIDTH = 7;

/** Requests of the last 24 hours as bars, failed ones in their own colour. For readers of the screen: one sentence. */
export function HourBars({ say, show, now }: Visit, hours: readonly UsageGroup[]): Markup {
  const byHour = new Map(hours.map((hour) => [hour.time, hour]));
  const last = Math.floor(now / HOUR) * HOUR;
  const bars = Array.from({ length: 24 }, (_, index) => {
    const time = last - (23 - index) * HOUR;
    const found = byHour.get(time);
    return { time, requests: found?.requests ?? 0, errors: found?.errors ?? 0 };
  });
  const most = Math.max(1, ...bars.map(({ requests }) => requests));
  const total = bars.reduce((sum, { requests }) => sum + requests, 0);
  const scaled = (count: number) => (count === 0 ? 0 : Math.max(2, (count / most) * HEIGHT));
  return html`<svg
    class="mt-3 h-10 w-full"
    viewBox=${`0 0 ${STEP * 24} ${HEIGHT}`}
    preserveAspectRatio="none"
    role="img"
    aria-label=${say("home.bars", { count: total })}
  >
    ${bars.map(({ time, requests, errors }, index) => {
      const whole = scaled(requests);
      const failed = errors === 0 ? 0 : Math.max(2, whole * (errors / requests));
      return html`<g>
        <title>${say("home.bar", { time: show.hour(time), count: requests, errors })}</title>
        <rect class="fill-transparent" x=${index * STEP} y="0" width=${STEP} height=${HEIGHT} />
        <rect class="fill-line" x=${index * STEP} y=${HEIGHT - 1} width=${WIDTH} height="1" />
        <rect
          class="fill-accent"
          x=${index * STEP}
          y=${HEIGHT - whole}
          width=${WIDTH}
          height=${whole - failed}
          rx="1"
        />
        <rect
          class="fill-bad"
          x=${index * STEP}
          y=${HEIGHT - failed}
          width=${WIDTH}
          height=${failed}
          rx="1"
        />
      </g>`;
    })}
  </svg>`;
}
