import type { UsageQuery } from "../../../src/store/index.ts";
import { Button, ButtonLink, html, type Markup } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { type DimensionId, DIMENSIONS, dimensionsOf } from "./dimensions.ts";
import { dayOf, type Period, RANGES } from "./period.ts";

/** What is looked at, of everything. Empty: all of it. */
export type Chosen = { readonly [dimension in DimensionId]: string };

/** The filters that an address names. */
export function chosenIn(query: URLSearchParams): Chosen {
  const of = (id: DimensionId) => (query.get(id) ?? "").trim().slice(0, 256);
  return {
    model: of("model"),
    provider: of("provider"),
    key: of("key"),
    keyGroup: of("keyGroup"),
    connection: of("connection"),
  };
}

/** The same filters over a time, as the store takes them. */
export function queryOf(chosen: Chosen, span: Pick<Period, "from" | "to" | "per">): UsageQuery {
  const { from, to, per } = span;
  const query: UsageQuery = { from, to, per };
  for (const { id, field } of DIMENSIONS) if (chosen[id] !== "") query[field] = chosen[id];
  return query;
}

/** The same page with some of its wishes changed; `undefined` drops one. */
export function addressWith(url: URL, changes: { [name: string]: string | undefined }): string {
  const query = new URLSearchParams(url.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) query.delete(name);
    else query.set(name, value);
  }
  return `?${query}`;
}

/** The choices of every filter: value and name, the busiest first. */
export type Choices = { readonly [dimension in DimensionId]: readonly (readonly [string, string])[] };

/** Time, and what is looked at; all of it stands in the address. */
export function Filters(visit: Visit, period: Period, chosen: Chosen, choices: Choices): Markup {
  const { say, url } = visit;
  const isFiltered = Object.values(chosen).some((value) => value !== "");
  return html`<div class="mb-6 scroll-mt-20 space-y-3" id="filters">
    <div class="flex flex-wrap items-center gap-x-4 gap-y-2">
      <nav class="pills" aria-label=${say("usage.range")}>
        ${RANGES.map(
          ({ id, days }) =>
            html`<a
              href=${addressWith(url, { range: id, from: undefined, to: undefined })}
              aria-current=${id === period.id ? "page" : undefined}
              >${say("usage.days", { count: days })}</a
            >`,
        )}
      </nav>
      ${OwnTime(visit, period)}
    </div>
    <form method="get" class="filters" data-autosend role="search" aria-label=${say("logs.filters")}>
      ${kept(url, ["range", "from", "to", "show", "by", "time"])}
      ${dimensionsOf(visit).map(({ id }) => Choice(visit, id, chosen[id], choices[id]))}
      <span class="needs-no-script">${Button({ label: say("logs.apply"), small: true })}</span>
      ${
        isFiltered &&
        ButtonLink({
          href: addressWith(url, {
            model: undefined,
            provider: undefined,
            key: undefined,
            keyGroup: undefined,
            connection: undefined,
          }),
          label: say("common.clear"),
          icon: "cross",
          small: true,
          tone: "quiet",
        })
      }
    </form>
  </div>`;
}

function Choice({ say }: Visit, id: DimensionId, chosen: string, options: Choices[DimensionId]): Markup {
  const all =
    chosen === "" || options.some(([value]) => value === chosen) ? options : [...options, [chosen, chosen]];
  return html`<label class="min-w-0">
    <span class="sr-only">${say(`usage.filter.${id}`)}</span>
    <select class="input input-small" name=${id}>
      <option value="">${say(`usage.any.${id}`)}</option>
      ${all.map(
        ([value, label]) => html`<option value=${value} selected=${value === chosen}>${label}</option>`,
      )}
    </select>
  </label>`;
}

/** From one day to another. */
function OwnTime({ say, url, now }: Visit, period: Period): Markup {
  const isOwn = period.id === "custom";
  return html`<form method="get" class="flex flex-wrap items-center gap-2">
    ${kept(url, ["model", "provider", "key", "keyGroup", "connection", "show", "by", "time"])}
    <input
      class="input input-small w-auto"
      type="date"
      name="from"
      aria-label=${say("usage.from")}
      value=${dayOf(period.from)}
      max=${dayOf(now)}
      required
    />
    <span class="text-muted" aria-hidden="true">–</span>
    <input
      class="input input-small w-auto"
      type="date"
      name="to"
      aria-label=${say("usage.to")}
      value=${dayOf(Math.min(period.to - 1, now))}
      max=${dayOf(now)}
      required
    />
    ${Button({ label: say("usage.own"), small: true, tone: isOwn ? "primary" : "plain" })}
  </form>`;
}

function kept(url: URL, names: readonly string[]): Markup {
  return names.map((name) => {
    const value = url.searchParams.get(name);
    return value !== null && html`<input type="hidden" name=${name} value=${value} />`;
  });
}
