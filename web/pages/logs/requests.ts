import type { Engine } from "../../../src/engine.ts";
import { listRequests, type RequestQuery } from "../../../src/store/index.ts";
import { definePage } from "../../page.ts";
import { RequestTable } from "../../parts/request-table.ts";
import { Button, ButtonLink, Card, EmptyState, Heading, html, type Markup } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { logTabs } from "./tabs.ts";

const PAGE = 50;
const FILTERS = ["search", "status", "model", "provider", "apiKey", "keyGroup", "combo"] as const;
type Filter = (typeof FILTERS)[number];
type Chosen = { [filter in Filter]: string };

/** Every call, newest first; what is shown stands in the address. */
export const requests = definePage({
  path: "/logs",
  title: "logs.title",
  menu: { group: "watch", icon: "list", letter: "l" },
  load: ({ engine, url }) => {
    const chosen = chosenIn(url.searchParams);
    const cursor = url.searchParams.get("cursor") ?? undefined;
    const isFirst = cursor === undefined;
    return {
      chosen,
      isFirst,
      isFiltered: FILTERS.some((filter) => chosen[filter] !== ""),
      running: isFirst ? engine.liveRequests() : [],
      keys: engine.access.listKeys().map(({ id, name }) => [id, name] as const),
      groups: engine.access.groups.list().map(({ id, name }) => [id, name] as const),
      ...listRequests(engine.store, {
        ...queryOf(chosen),
        limit: PAGE,
        ...(cursor !== undefined && { cursor }),
      }),
    };
  },
  view: (data, visit) => {
    const { say, url } = visit;
    const { chosen, requests: rows, nextCursor, isFirst, isFiltered } = data;
    const running = isFiltered ? [] : data.running.toSorted((a, b) => b.at - a.at);
    return html`
      ${Heading({ title: say("logs.title"), lead: say("logs.lead") })} ${logTabs(visit, "requests")}
      <div class="space-y-4">
        ${Filters(visit, chosen, data.keys, data.groups)}
        ${Card({
          id: "requests",
          ...(isFirst && { live: "request" }),
          flush: true,
          children:
            rows.length + running.length > 0
              ? RequestTable(visit, [...running, ...rows], { label: say("logs.tab.requests") })
              : EmptyState({
                  icon: isFiltered ? "search" : "list",
                  title: say(isFiltered ? "logs.none" : "logs.empty"),
                  children: say(isFiltered ? "logs.none.note" : "logs.empty.note"),
                  action: isFiltered
                    ? ButtonLink({ href: "/dashboard/logs", label: say("common.clear") })
                    : ButtonLink({ href: "/dashboard/endpoint/clients", label: say("home.live.empty.go") }),
                }),
        })}
        <nav class="flex justify-between gap-2" aria-label=${say("logs.pages")}>
          <span>
            ${!isFirst && ButtonLink({ href: addressOf(url, undefined), label: say("logs.newest"), icon: "left" })}
          </span>
          <span>
            ${nextCursor !== undefined && ButtonLink({ href: addressOf(url, nextCursor), label: say("logs.older"), iconAfter: "right" })}
          </span>
        </nav>
      </div>
    `;
  },
});

function Filters(
  visit: Visit,
  chosen: Chosen,
  keys: readonly (readonly [string, string])[],
  groups: readonly (readonly [string, string])[],
): Markup {
  const { say, engine } = visit;
  const choice = (name: Filter, options: readonly (readonly [string, string])[]) =>
    html`<label class="min-w-0">
      <span class="sr-only">${say(`logs.filter.${name}`)}</span>
      <select class="input input-small" name=${name}>
        <option value="">${say(`logs.any.${name}`)}</option>
        ${withChosen(options, chosen[name]).map(
          ([value, label]) =>
            html`<option value=${value} selected=${value === chosen[name]}>${label}</option>`,
        )}
      </select>
    </label>`;
  return html`<form
    method="get"
    class="filters"
    data-autosend
    role="search"
    aria-label=${say("logs.filters")}
  >
    <input
      class="input input-small"
      type="search"
      name="search"
      value=${chosen.search}
      placeholder=${say("logs.filter.search")}
      aria-label=${say("logs.filter.search")}
    />
    ${choice("status", statusOptions(say))}
    <label class="min-w-0">
      <span class="sr-only">${say("logs.filter.model")}</span>
      <input
        class="input input-small font-mono"
        name="model"
        value=${chosen.model}
        placeholder=${say("logs.any.model")}
        autocomplete="off"
        spellcheck="false"
      />
    </label>
    ${choice("provider", providerOptions(engine))}
    ${choice("apiKey", [...keys, ["keyless", say("logs.keyless")]])}
    ${(groups.length > 0 || chosen.keyGroup !== "") && choice("keyGroup", groups)}
    ${choice(
      "combo",
      engine.manage.combos.list().map(({ name }) => [name, name]),
    )}
    <span class="needs-no-script">${Button({ label: say("logs.apply"), small: true })}</span>
    ${
      Object.values(chosen).some((value) => value !== "") &&
      ButtonLink({
        href: "/dashboard/logs",
        label: say("common.clear"),
        icon: "cross",
        small: true,
        tone: "quiet",
      })
    }
  </form>`;
}

const statusOptions = (say: Visit["say"]): [string, string][] => [
  ["ok", say("logs.status.ok")],
  ["error", say("logs.status.error")],
  ...[400, 401, 404, 429, 499, 500, 502, 503, 504].map((code): [string, string] => [
    String(code),
    String(code),
  ]),
];

function providerOptions(engine: Engine): [string, string][] {
  return engine.catalogue.entries
    .filter(({ connections }) => connections.length > 0)
    .map(({ provider }): [string, string] => [provider.id, provider.name]);
}

/** A value from the address stays choosable although nothing offers it any more. */
function withChosen(options: readonly (readonly [string, string])[], chosen: string) {
  return chosen === "" || options.some(([value]) => value === chosen)
    ? options
    : [...options, [chosen, chosen] as const];
}

function chosenIn(query: URLSearchParams): Chosen {
  return Object.fromEntries(
    FILTERS.map((filter) => [filter, (query.get(filter) ?? "").trim().slice(0, 256)]),
  ) as Chosen;
}

function queryOf({ status, ...rest }: Chosen): RequestQuery {
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== ""));
  if (status === "") return given;
  return { ...given, status: status === "ok" || status === "error" ? status : Number(status) };
}

function addressOf(url: URL, cursor: string | undefined): string {
  const query = new URLSearchParams(url.search);
  query.delete("cursor");
  if (cursor !== undefined) query.set("cursor", cursor);
  return `?${query}`;
}
