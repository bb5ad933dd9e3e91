import { LOG_LEVELS, type LogEntry, type LogLevel } from "../../../src/lib/log.ts";
import { definePage } from "../../page.ts";
import { Button, Card, EmptyState, Heading, html, type Markup } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { logTabs } from "./tabs.ts";

const SHOWN = 500;
const FILTERS = ["level", "component", "search"] as const;
type Chosen = { [filter in (typeof FILTERS)[number]]: string };

/** What the program itself says, as it says it. */
export const consoleLog = definePage({
  path: "/logs/console",
  title: "logs.tab.console",
  under: "/logs",
  load: ({ engine, url }) => {
    const chosen = Object.fromEntries(
      FILTERS.map((name) => [name, (url.searchParams.get(name) ?? "").trim().slice(0, 256)]),
    ) as Chosen;
    const level = LOG_LEVELS.find((each) => each === chosen.level);
    return {
      chosen: { ...chosen, level: level ?? "" },
      components: engine.console.components(),
      lines: engine.console.list({
        limit: SHOWN,
        ...(level && { level }),
        ...(chosen.component && { component: chosen.component }),
        ...(chosen.search && { search: chosen.search }),
      }),
      lowest: engine.config.logLevel,
    };
  },
  view: ({ chosen, components, lines, lowest }, visit) => {
    const { say } = visit;
    const query = new URLSearchParams({ only: "log", ...given(chosen) });
    return html`
      ${Heading({ title: say("logs.title"), lead: say("console.lead", { level: lowest }) })}
      ${logTabs(visit, "console")}
      <div class="space-y-4" id="console" data-island="console" data-query=${query.toString()}>
        ${Filters(visit, chosen, components)}
        ${Card({
          flush: true,
          children: html`<div
            class="console"
            tabindex="0"
            role="log"
            aria-label=${say("logs.tab.console")}
            data-lines
          >
            ${lines.map((line) => Line(visit, line))}
            ${
              lines.length === 0 &&
              html`<div data-empty>
                ${EmptyState({
                  icon: "terminal",
                  title: say("console.empty"),
                  children: say("console.empty.note"),
                })}
              </div>`
            }
          </div>`,
        })}
        <template data-template="line"
          >${Line(visit, { at: visit.now, level: "info", component: "", message: "", fields: {} })}</template
        >
      </div>
    `;
  },
});

function Filters({ say }: Visit, chosen: Chosen, components: readonly string[]): Markup {
  const options = (
    values: readonly string[],
    current: string,
    words: (value: string) => string = (value) => value,
  ) =>
    values.map(
      (value) => html`<option value=${value} selected=${value === current}>${words(value)}</option>`,
    );
  const rooms =
    chosen.component === "" || components.includes(chosen.component)
      ? components
      : [...components, chosen.component];
  return html`<div class="flex flex-wrap items-center gap-x-4 gap-y-2">
    <form method="get" class="filters" data-autosend role="search" aria-label=${say("logs.filters")}>
      <input
        class="input input-small"
        type="search"
        name="search"
        value=${chosen.search}
        placeholder=${say("console.search")}
        aria-label=${say("console.search")}
      />
      <label class="min-w-0">
        <span class="sr-only">${say("console.level")}</span>
        <select class="input input-small" name="level">
          <option value="">${say("console.level.any")}</option>
          ${options(LOG_LEVELS.slice(1), chosen.level, (level) => say(`console.level.${level as Exclude<LogLevel, "debug">}`))}
        </select>
      </label>
      <label class="min-w-0">
        <span class="sr-only">${say("console.component")}</span>
        <select class="input input-small" name="component">
          <option value="">${say("console.component.any")}</option>
          ${options(rooms, chosen.component)}
        </select>
      </label>
      <span class="needs-no-script">${Button({ label: say("logs.apply"), small: true })}</span>
    </form>
    <label class="check needs-script ml-auto items-center text-small">
      <input type="checkbox" checked autocomplete="off" data-follow />
      <span>${say("console.follow")}</span>
    </label>
  </div>`;
}

function Line({ show }: Visit, { at, level, component, message, fields }: LogEntry): Markup {
  const told = Object.entries(fields).map(([name, value]) => `${name}=${String(value)}`);
  return html`<div class="console-line" data-level=${level}>
    <time class="text-faint" datetime=${new Date(at).toISOString()} title=${show.dateTime(at)} data-time
      >${show.time(at)}</time
    >
    <span class="console-level" data-level>${level}</span>
    <span class="text-muted" data-component>${component}</span>
    <span class="console-text" lang="en">
      <span data-message>${message}</span> <span class="text-muted" data-fields>${told.join(" ")}</span>
    </span>
  </div>`;
}

const given = (chosen: Chosen): { [name: string]: string } =>
  Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== ""));
