import type { QuotaView } from "../../src/core/quota.ts";
import { isMessageKey } from "../i18n/index.ts";
import { Badge, Countdown, html, type Markup, Meter, usedTone } from "../ui/index.ts";
import type { Visit } from "../visit.ts";

/** Windows of which somebody can say how full they are: those make a bar. */
export const isMeasured = ({ percent, unlimited }: QuotaView): boolean =>
  percent !== undefined && unlimited !== true;

/** The fullest of the windows that can stop calls; undefined where nothing is known. */
export function tightestOf(windows: readonly QuotaView[]): QuotaView | undefined {
  return windows
    .filter((window) => isMeasured(window) && !window.advisory)
    .toSorted((a, b) => (b.percent ?? 0) - (a.percent ?? 0))[0];
}

/** How full that one is, 0 to 1. */
export function fullest(windows: readonly QuotaView[]): number | undefined {
  const percent = tightestOf(windows)?.percent;
  return percent === undefined ? undefined : percent / 100;
}

/** What a window is called: known ones in the reader's words, others as the provider says. */
export function windowName({ say }: Pick<Visit, "say">, { name, model }: QuotaView): Markup {
  const key = `quota.window.${name}`;
  const words = isMessageKey(key) ? say(key) : name;
  return model === undefined ? words : html`${words} · <span class="font-mono text-tiny">${model}</span>`;
}

/**
 * An account's windows, each with a bar, what is used of what, when it is full again, and whether it will last. Windows
 * without a known limit follow in one row of figures.
 */
export function QuotaBars(visit: Visit, windows: readonly QuotaView[]): Markup {
  const isBar = (window: QuotaView) => isMeasured(window) || window.unlimited === true;
  const bars = windows.filter(isBar);
  const counts = windows.filter((window) => !isBar(window));
  return html`<div class="space-y-4">
    ${
      bars.length > 0 &&
      html`<ul class="space-y-3.5">
        ${bars.map((window) => Window(visit, window))}
      </ul>`
    }
    ${
      counts.length > 0 &&
      html`<dl class="grid grid-cols-2 gap-x-4 gap-y-2 text-small sm:grid-cols-4">
        ${counts.map(
          (window) =>
            html`<div>
              <dt class="text-muted">${windowName(visit, window)}</dt>
              <dd class="tabular-nums">${Amount(visit, window) || "–"}</dd>
            </div>`,
        )}
      </dl>`
    }
  </div>`;
}

/** The same in one line each, for lists. */
export function QuotaLines(visit: Visit, windows: readonly QuotaView[]): Markup {
  const { show } = visit;
  return html`<ul class="flex flex-wrap gap-x-6 gap-y-1 text-small">
    ${windows.filter(isMeasured).map((window) => {
      const share = (window.percent ?? 0) / 100;
      return html`<li class="flex items-center gap-2">
        <span class="text-muted">${windowName(visit, window)}</span>
        ${Meter(share, { tone: usedTone(share), className: "w-20" })}
        <span class="tabular-nums">${show.percent(share)}</span>
        ${window.resetsAt !== undefined && html`<span class="text-muted">${Resets(visit, window.resetsAt)}</span>`}
      </li>`;
    })}
  </ul>`;
}

function Window(visit: Visit, window: QuotaView): Markup {
  const { say, show, now } = visit;
  const share = window.percent === undefined ? undefined : window.percent / 100;
  const { resetsAt, runsOutAt, stale, unlimited, advisory } = window;
  return html`<li>
    <div class="flex flex-wrap items-baseline justify-between gap-x-3">
      <span class="min-w-0">
        <span class="font-medium">${windowName(visit, window)}</span>
        ${unlimited && Badge("ok", say("quota.unlimited"))}
        ${advisory && Badge("quiet", say("quota.advisory"))} ${stale && Badge("warn", say("quota.stale"))}
      </span>
      <span class="text-small tabular-nums">
        ${Amount(visit, window)}
        ${share !== undefined && html`<span class="ml-1.5 font-medium">${show.percent(share)}</span>`}
      </span>
    </div>
    ${
      share !== undefined &&
      !unlimited &&
      Meter(share, { tone: advisory ? "quiet" : usedTone(share), className: "mt-1.5 h-2 w-full" })
    }
    <p class="mt-1 flex flex-wrap justify-between gap-x-3 text-small text-muted empty:hidden">
      ${resetsAt !== undefined && html`<span>${Resets(visit, resetsAt)}</span>`}
      ${
        runsOutAt !== undefined &&
        runsOutAt > now &&
        html`<span class="text-warn"
          >${say.rich("quota.runs-out", { time: Countdown(visit, runsOutAt) })}</span
        >`
      }
    </p>
  </li>`;
}

function Resets(visit: Visit, resetsAt: number): Markup {
  if (resetsAt <= visit.now) return visit.say("quota.was-reset");
  return visit.say.rich("quota.resets", { time: Countdown(visit, resetsAt) });
}

/** "12 of 50 requests", or what was used where no limit is known. */
function Amount({ say, show }: Visit, { used, limit, unit, tokens }: QuotaView): Markup {
  const amount = (value: number) => (unit === "usd" ? show.money(value) : show.compact(value));
  if (used !== undefined && limit !== undefined) {
    const words = { used: amount(used), limit: amount(limit) };
    return html`<span class="text-muted"
      >${unit === undefined || unit === "usd" ? say("quota.of", words) : say(`quota.of.${unit}`, words)}</span
    >`;
  }
  const seen = used !== undefined && unit === "tokens" ? used : tokens;
  return (
    seen !== undefined &&
    html`<span class="text-muted">${say("quota.tokens", { used: show.compact(seen) })}</span>`
  );
}
