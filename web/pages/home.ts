import { groupUsage, lastDayUsage, listRequests } from "../../src/store/index.ts";
import { actionUrl, definePage } from "../page.ts";
import { groupedAddresses, publicBase } from "../parts/addresses.ts";
import { firstSteps, putFirstStepsAway } from "../parts/first-steps.ts";
import { HourBars } from "../parts/bars.ts";
import { noticesOf } from "../parts/notices.ts";
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
  menu: { group: "start", icon: "home" },
  load: (visit) => {
    const { engine, now } = visit;
    const from = now - DAY + HOUR;
    return {
      steps: firstSteps(engine),
      notices: noticesOf(visit),
      usage: lastDayUsage(engine.store),
      hours: groupUsage(engine.store, { from, to: now + 1 }, ["time"]),
      running: engine.liveRequests(),
      recent: listRequests(engine.store, { limit: ROWS }).requests,
      keys: engine.access.listKeys().filter(({ revokedAt }) => revokedAt === undefined).length,
      keyRequired: engine.access.keyRequired(),
      models: engine.models({ keyId: "dashboard", name: "dashboard" }).length,
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
          ${Live(visit, data)} ${Addresses(visit, data)}
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

type Usage = { usage: ReturnType<typeof lastDayUsage>; hours: ReturnType<typeof groupUsage> };

/** The last day in figures. */
function Figures(visit: Visit, { usage, hours }: Usage): Markup {
  const { say, show } = visit;
  const input = usage.input + usage.cacheRead + usage.cacheWrite;
  const failed = usage.requests === 0 ? 0 : usage.errors / usage.requests;
  return html`<section
    class="grid gap-px overflow-hidden rounded-xl border border-line bg-line grid-cols-2 xl:grid-cols-4"
    id="figures"
    data-live="request"
    aria-label=${say("home.day")}
  >
    ${Stat({
      label: say("home.requests"),
      value: show.compact(usage.requests),
      chart: HourBars(visit, hours),
    })}
    ${Stat({
      label: say("home.tokens"),
      value: show.compact(input + usage.output),
      note: say("home.tokens.note", {
        input: show.compact(input),
        output: show.compact(usage.output),
        cached: show.compact(usage.cacheRead),
      }),
    })}
    ${Stat({
      label: say("home.cost"),
      value: show.money(usage.cost),
      note: html`${usage.shadowCost > 0 && html`<span class="block">${say("home.cost.shadow", { cost: show.money(usage.shadowCost) })}</span>`}
      ${usage.unknownPrice > 0 && html`<span class="block">${say("home.cost.unknown", { count: usage.unknownPrice })}</span>`}
      ${usage.shadowCost === 0 && usage.unknownPrice === 0 && say("home.cost.note")}`,
    })}
    ${Stat({
      label: say("home.errors"),
      value: show.compact(usage.errors),
      note:
        usage.requests === 0
          ? say("home.errors.none")
          : say("home.errors.note", { share: show.percent(1 - failed), cancelled: usage.cancelled }),
    })}
  </section>`;
}

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
