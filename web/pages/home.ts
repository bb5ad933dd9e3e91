import { DASHBOARD } from "../../src/core/key.ts";
import type { LatencySummary } from "../../src/metering/index.ts";
import {
  groupUsage,
  lastDayUsage,
  listRequests,
  totalUsage,
  type UsageGroup,
} from "../../src/store/index.ts";
import { Sparkline } from "../charts/index.ts";
import { actionUrl, definePage } from "../page.ts";
import { groupedAddresses, publicBase } from "../parts/addresses.ts";
import { firstSteps, putFirstStepsAway } from "../parts/first-steps.ts";
import { HourBars, hoursOf } from "../parts/bars.ts";
import { Change } from "../parts/change.ts";
import { noticesOf } from "../parts/notices.ts";
import { QuotaStrip } from "../parts/quota-strip.ts";
import { RequestTable } from "../parts/request-table.ts";
import {
  Badge,
  ButtonLink,
  Card,
  CopyLine,
  EmptyState,
  Heading,
  html,
  Icon,
  type Markup,
  Notice,
  Stat,
} from "../ui/index.ts";
import type { Visit } from "../visit.ts";

const DAY = 86_400_000;
const HOUR = 3_600_000;
const ROWS = 10;

/** The first look: is it up, what happens, where do clients go. */
export const home = definePage({
  path: "",
  title: "home.title",
  menu: { group: "start", icon: "home", letter: "h" },
  load: (visit) => {
    const { engine, now } = visit;
    const from = now - DAY + HOUR;
    return {
      steps: firstSteps(visit),
      notices: noticesOf(visit),
      usage: lastDayUsage(engine.store),
      before: totalUsage(engine.store, { from: from - DAY, to: from }),
      latency: engine.telemetry.summary(DAY).overall,
      hours: groupUsage(engine.store, { from, to: now + 1 }, ["time"]),
      running: engine.liveRequests(),
      recent: listRequests(engine.store, { limit: ROWS }).requests,
      keys: engine.access.listKeys().filter(({ revokedAt }) => revokedAt === undefined).length,
      keyRequired: engine.access.keyRequired(),
      models: engine.models(DASHBOARD).length,
    };
  },
  view: (data, visit) => {
    const { say } = visit;
    return html`
      ${Heading({ title: say("home.title"), lead: say("home.lead") })}
      <div class="space-y-6">
        ${data.steps && FirstSteps(visit, data.steps)}
        <div class="space-y-3 empty:hidden" id="notices" data-live="changed">
          ${data.notices.map(({ tone, text, href }) =>
            Notice({
              tone,
              children: html`<span class="text-ink">${text}</span>`,
              aside: href && html`<a class="link" href=${href}>${say("notice.go")}</a>`,
            }),
          )}
        </div>
        ${Figures(visit, data)}
        <div class="grid grid-cols-1 items-start gap-6 xl:grid-cols-[minmax(0,1fr)_20rem]">
          ${Live(visit, data)}
          <div class="space-y-6">${QuotaStrip(visit)} ${Addresses(visit, data)}</div>
        </div>
      </div>
    `;
  },
  actions: {
    "put-away": ({ engine, say }) => {
      putFirstStepsAway(engine);
      return say("home.steps.gone");
    },
  },
});

type Used = ReturnType<typeof lastDayUsage>;
type Day = {
  usage: Used;
  before: Used;
  hours: readonly UsageGroup[];
  latency: LatencySummary | undefined;
  running: readonly unknown[];
};

/** The last day in figures, each with its course. */
function Figures(visit: Visit, day: Day): Markup {
  const { say, show, now } = visit;
  const { usage, before, hours } = day;
  const input = usage.input + usage.cacheRead + usage.cacheWrite;
  const failed = usage.requests === 0 ? 0 : usage.errors / usage.requests;
  const course = (of: (hour: UsageGroup) => number) =>
    hoursOf(hours, now).map(({ found }) => (found ? of(found) : 0));
  return html`<section
    class="overflow-hidden rounded-xl border border-line bg-line"
    id="figures"
    data-live="request"
    aria-label=${say("home.day")}
  >
    <div class="grid grid-cols-2 gap-px xl:grid-cols-4">
      ${Stat({
        label: say("home.requests"),
        value: html`${show.compact(usage.requests)} ${Change(visit, usage.requests, before.requests)}`,
        chart: HourBars(visit, hours),
      })}
      ${Stat({
        label: say("home.tokens"),
        value: html`${show.compact(input + usage.output)}
        ${Change(visit, input + usage.output, tokensOf(before))}`,
        note: say("home.tokens.note", {
          input: show.compact(input),
          output: show.compact(usage.output),
          cached: show.compact(usage.cacheRead),
        }),
        chart: Sparkline(course(tokensOf), say("home.course.tokens")),
      })}
      ${Stat({
        label: say("home.cost"),
        value: html`${show.money(usage.cost)} ${Change(visit, usage.cost, before.cost)}`,
        note: html`${usage.shadowCost > 0 && html`<span class="block">${say("home.cost.shadow", { cost: show.money(usage.shadowCost) })}</span>`}
        ${usage.unknownPrice > 0 && html`<span class="block">${say("home.cost.unknown", { count: usage.unknownPrice })}</span>`}
        ${usage.shadowCost === 0 && usage.unknownPrice === 0 && say("home.cost.note")}`,
        chart: Sparkline(
          course(({ cost }) => cost),
          say("home.course.cost"),
        ),
      })}
      ${Stat({
        label: say("home.errors"),
        value: html`${show.compact(usage.errors)}
        ${Change(visit, usage.errors, before.errors, { better: "less" })}`,
        note:
          usage.requests === 0
            ? say("home.errors.none")
            : say("home.errors.note", { share: show.percent(1 - failed), cancelled: usage.cancelled }),
        chart: Sparkline(
          course(({ errors }) => errors),
          say("home.course.errors"),
          { tone: "bad" },
        ),
      })}
    </div>
    ${Pulse(visit, day)}
  </section>`;
}

/** How quick it is, in one line. */
function Pulse({ say, show }: Visit, { latency, running, usage }: Day): Markup {
  const input = usage.input + usage.cacheRead + usage.cacheWrite;
  const facts: [string, string][] = [
    [say("health.running"), show.number(running.length)],
    [say("home.half"), show.duration(latency?.p50)],
    [say("home.most"), show.duration(latency?.p95)],
    [say("home.first"), show.duration(latency?.ttft?.p50)],
    [say("home.cached"), input === 0 ? "–" : show.percent(usage.cacheRead / input)],
  ];
  return html`<dl class="mt-px flex flex-wrap gap-x-8 gap-y-1 bg-surface px-4 py-3 text-small sm:px-5">
    ${facts.map(
      ([word, value]) =>
        html`<div class="flex gap-2">
          <dt class="text-muted">${word}</dt>
          <dd class="font-medium tabular-nums">${value}</dd>
        </div>`,
    )}
  </dl>`;
}

const tokensOf = ({ input, cacheRead, cacheWrite, output }: Used): number =>
  input + cacheRead + cacheWrite + output;

function Live(
  visit: Visit,
  {
    running,
    recent,
  }: {
    running: ReturnType<Visit["engine"]["liveRequests"]>;
    recent: ReturnType<typeof listRequests>["requests"];
  },
): Markup {
  const { say } = visit;
  const rows = [...running.toSorted((a, b) => b.at - a.at), ...recent].slice(0, ROWS);
  return Card({
    id: "live",
    live: "request",
    title: html`${say("home.live")} <span class="ml-1.5 align-middle needs-script" data-live-state></span>`,
    aside: ButtonLink({ href: "/dashboard/logs", label: say("home.live.all"), tone: "quiet", small: true }),
    flush: rows.length > 0,
    children:
      rows.length > 0
        ? RequestTable(visit, rows, { label: say("home.live"), brief: true })
        : EmptyState({
            icon: "bolt",
            title: say("home.live.empty"),
            children: say("home.live.empty.note"),
            action: ButtonLink({
              href: "/dashboard/endpoint",
              label: say("home.live.empty.go"),
              tone: "primary",
            }),
          }),
  });
}

function Addresses(visit: Visit, data: { keys: number; keyRequired: boolean; models: number }): Markup {
  const { say } = visit;
  return Card({
    title: say("home.addresses"),
    lead: say("home.addresses.lead"),
    children: html`<dl class="space-y-3">
        ${groupedAddresses(publicBase(visit)).map(
          ({ names, url }) =>
            html`<div>
              <dt class="mb-1 text-small text-muted">${names}</dt>
              <dd>${CopyLine(visit, url, names)}</dd>
            </div>`,
        )}
      </dl>
      <div class="mt-4 flex flex-wrap items-center gap-x-3 gap-y-2 border-t border-line pt-4">
        ${
          data.keyRequired
            ? Badge("ok", say("home.keys.required"), { dot: true })
            : Badge("quiet", say("home.keys.optional"), { dot: true })
        }
        <span class="text-muted"
          >${say("home.keys", { count: data.keys })} · ${say("home.models", { count: data.models })}</span
        >
      </div>
      <p class="mt-3"><a class="link" href="/dashboard/endpoint">${say("home.recipes")}</a></p>`,
  });
}

function FirstSteps(visit: Visit, steps: NonNullable<ReturnType<typeof firstSteps>>): Markup {
  const { say } = visit;
  const left = steps.filter(({ done }) => !done).length;
  return Card({
    id: "first-steps",
    live: "request changed",
    title: left === 0 ? say("home.steps.done") : say("home.steps"),
    lead: left === 0 ? say("home.steps.done.lead") : say("home.steps.lead"),
    aside: html`<form method="post" action=${actionUrl(visit, "put-away")}>
      <button class="btn btn-quiet btn-small">${say("home.steps.away")}</button>
    </form>`,
    children: html`<ol class="grid grid-cols-1 gap-3 sm:grid-cols-3">
      ${steps.map(
        ({ title, href, done }) =>
          html`<li>
            <a class="step" href=${href} data-done=${done ? "true" : undefined}>
              <span class="step-mark">${Icon(done ? "check" : "right", "size-4")}</span>
              <span class="min-w-0 font-medium">${say(title)}</span>
              ${done && html`<span class="sr-only">${say("home.steps.mark")}</span>`}
            </a>
          </li>`,
      )}
    </ol>`,
  });
}
