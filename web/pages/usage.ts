import { groupUsage, totalUsage, type UsageGroup, type UsageTotals } from "../../src/store/index.ts";
import { definePage } from "../page.ts";
import { Bars, spread } from "../parts/bars.ts";
import { providerName } from "../parts/names.ts";
import { Card, type Column, EmptyState, Heading, html, type Markup, Stat, Table, Tabs } from "../ui/index.ts";
import type { Visit } from "../visit.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MOST_ROWS = 50;

/** How far back one can look; hours are kept as long as the log, days for good. */
const RANGES = [
  { id: "1d", days: 1, step: HOUR },
  { id: "7d", days: 7, step: DAY },
  { id: "30d", days: 30, step: DAY },
  { id: "90d", days: 90, step: DAY },
] as const;
type Range = (typeof RANGES)[number];

/** What was used, by whom, of what, and what it cost. */
export const usage = definePage({
  path: "/usage",
  title: "usage.title",
  menu: { group: "watch", icon: "chart" },
  load: ({ engine, url, now }) => {
    const range = RANGES.find(({ id }) => id === url.searchParams.get("range")) ?? RANGES[1];
    const times = timesOf(range, now);
    const query = {
      from: times[0]!,
      to: now + 1,
      per: range.step === HOUR ? ("hour" as const) : ("day" as const),
    };
    const by = (dimension: "provider" | "model" | "key") =>
      groupUsage(engine.store, query, [dimension]).toSorted((a, b) => b.requests - a.requests);
    return {
      range,
      times,
      total: totalUsage(engine.store, query),
      overTime: groupUsage(engine.store, query, ["time"]),
      byProvider: by("provider"),
      byModel: by("model"),
      byKey: by("key"),
      keys: new Map(engine.access.listKeys().map(({ id, name }) => [id, name])),
    };
  },
  view: ({ range, times, total, overTime, byProvider, byModel, byKey, keys }, visit) => {
    const { say, show, engine } = visit;
    const bars = spread(overTime, times, (time, found) => ({
      title: say("home.bar", {
        time: range.step === HOUR ? show.hour(time) : show.date(time),
        count: found?.requests ?? 0,
        errors: found?.errors ?? 0,
      }),
      whole: found?.requests ?? 0,
      failed: found?.errors ?? 0,
    }));
    return html`
      ${Heading({ title: say("usage.title"), lead: say("usage.lead") })}
      ${Tabs(
        say("usage.range"),
        RANGES.map(({ id, days }) => ({
          href: `?range=${id}`,
          label: say("usage.days", { count: days }),
          current: id === range.id,
        })),
      )}
      <div class="space-y-6">
        ${Totals(visit, total)}
        ${Card({
          title: say("usage.over-time"),
          children: html`${Bars(bars, say("usage.bars", { count: total.requests }), "h-32")}
            <p class="mt-1.5 flex justify-between text-tiny text-muted">
              <span>${range.step === HOUR ? show.hour(times[0]!) : show.date(times[0]!)}</span>
              <span>${say("usage.most", { count: Math.max(0, ...bars.map(({ whole }) => whole)) })}</span>
              <span>${range.step === HOUR ? show.hour(times.at(-1)!) : show.date(times.at(-1)!)}</span>
            </p>`,
        })}
        ${
          total.requests === 0
            ? Card({
                children: EmptyState({
                  icon: "chart",
                  title: say("usage.empty"),
                  children: say("usage.empty.note"),
                }),
              })
            : html`
                ${Breakdown(visit, say("usage.by-model"), byModel, total, {
                  title: say("request.model"),
                  cell: ({ model }) => html`<code class="break-all">${model || "–"}</code>`,
                })}
                <div class="grid grid-cols-1 items-start gap-6 xl:grid-cols-2">
                  ${Breakdown(
                    visit,
                    say("usage.by-provider"),
                    byProvider,
                    total,
                    {
                      title: say("request.provider"),
                      cell: ({ provider }) => (provider ? providerName(engine, provider) : "–"),
                    },
                    { brief: true },
                  )}
                  ${Breakdown(
                    visit,
                    say("usage.by-key"),
                    byKey,
                    total,
                    { title: say("request.key"), cell: ({ keyId = "" }) => keyName(visit, keys, keyId) },
                    { brief: true },
                  )}
                </div>
              `
        }
      </div>
    `;
  },
});

function Totals({ say, show }: Visit, total: UsageTotals): Markup {
  const input = total.input + total.cacheRead + total.cacheWrite;
  const share = input === 0 ? 0 : total.cacheRead / input;
  return html`<section
    class="grid grid-cols-2 gap-px overflow-hidden rounded-xl border border-line bg-line xl:grid-cols-4"
    aria-label=${say("usage.title")}
  >
    ${Stat({
      label: say("home.requests"),
      value: show.compact(total.requests),
      note: total.requests === 0 ? say("home.errors.none") : say("usage.errors", { count: total.errors }),
    })}
    ${Stat({
      label: say("home.tokens"),
      value: show.compact(input + total.output),
      note: say("home.tokens.note", {
        input: show.compact(input),
        output: show.compact(total.output),
        cached: show.compact(total.cacheRead),
      }),
    })}
    ${Stat({
      label: say("home.cost"),
      value: show.money(total.cost),
      note:
        total.unknownPrice > 0
          ? say("home.cost.unknown", { count: total.unknownPrice })
          : say("home.cost.note"),
    })}
    ${Stat({
      label: say("usage.saved"),
      value: show.money(total.shadowCost),
      note: say("usage.saved.note", { share: show.percent(share) }),
    })}
  </section>`;
}

function Breakdown(
  visit: Visit,
  title: string,
  groups: readonly UsageGroup[],
  total: UsageTotals,
  column: { title: string; cell: (group: UsageGroup) => Markup },
  { brief = false }: { brief?: boolean } = {},
): Markup {
  const { say, show } = visit;
  const columns: (Column<UsageGroup> | false)[] = [
    column,
    {
      title: say("usage.share"),
      wide: true,
      cell: ({ requests }) => Share(show.percent(requests / total.requests), requests / total.requests),
    },
    { title: say("home.requests"), numeric: true, cell: ({ requests }) => show.number(requests) },
    !brief && {
      title: say("home.errors"),
      numeric: true,
      wide: true,
      cell: ({ errors }) => show.number(errors),
    },
    {
      title: say("home.tokens"),
      numeric: true,
      wide: true,
      cell: ({ input, cacheRead, cacheWrite, output }) =>
        show.compact(input + cacheRead + cacheWrite + output),
    },
    {
      title: say("request.cost"),
      numeric: true,
      cell: ({ cost, shadowCost }) =>
        html`${show.money(cost)}${shadowCost > 0 && html` <span class="text-muted" title=${say("cost.shadow.hint")}>(${show.money(shadowCost)})</span>`}`,
    },
  ];
  return Card({
    title,
    flush: true,
    children: Table({ rows: groups.slice(0, MOST_ROWS), columns, label: title, tall: true }),
  });
}

function Share(text: string, share: number): Markup {
  return html`<span class="flex items-center gap-2">
    <svg class="h-1.5 w-16" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect class="fill-sunken" width="100" height="6" rx="3" />
      <rect class="fill-accent" width=${Math.max(1, share * 100)} height="6" rx="3" />
    </svg>
    <span class="text-small text-muted">${text}</span>
  </span>`;
}

function keyName({ say }: Visit, keys: ReadonlyMap<string, string>, id: string): string {
  if (id === "keyless") return say("logs.keyless");
  return keys.get(id) ?? (id === "" ? "–" : id);
}

/** When each bar begins, the oldest first. */
function timesOf({ days, step }: Range, now: number): number[] {
  const last = Math.floor(now / step) * step;
  const count = (days * DAY) / step;
  return Array.from({ length: count }, (_, index) => last - (count - 1 - index) * step);
}
