import type { UsageGroup, UsageTotals } from "../../../src/store/index.ts";
import { Card, type Column, html, type Markup, Meter, Table } from "../../ui/index.ts";
import { CostOfMany } from "../../parts/price.ts";
import type { Visit } from "../../visit.ts";
import { type Dimension, namesIn, tokensOf } from "./dimensions.ts";
import { addressWith } from "./filters.ts";

const MOST_ROWS = 50;

/** The period by one dimension, the busiest first. Each name leads to the page of it alone. */
export function Breakdown(
  visit: Visit,
  dimension: Dimension,
  groups: readonly UsageGroup[],
  total: UsageTotals,
  { brief = false }: { brief?: boolean } = {},
): Markup {
  const { say, show, url } = visit;
  const name = namesIn(visit);
  const title = say(`usage.by-${dimension.id}`);
  const shareOf = ({ requests }: UsageGroup) => requests / total.requests;
  const columns: (Column<UsageGroup> | false)[] = [
    {
      title: say(`usage.filter.${dimension.id}`),
      cell: (group) => {
        const value = group[dimension.field] ?? "";
        const words = name(dimension.id, group);
        const text =
          dimension.id === "model" && value !== "" ? html`<code class="break-all">${words}</code>` : words;
        const link =
          value === ""
            ? html`<span class="text-muted">${text}</span>`
            : html`<a class="row-link" href=${addressWith(url, { [dimension.id]: value })}>${text}</a>`;
        return brief ? html`${link}${Meter(shareOf(group), { className: "mt-1.5 w-full max-w-40" })}` : link;
      },
    },
    !brief && {
      title: say("usage.share"),
      wide: true,
      cell: (group) =>
        html`<span class="flex items-center gap-2">
          ${Meter(shareOf(group))}
          <span class="text-small text-muted">${show.percent(shareOf(group))}</span>
        </span>`,
    },
    { title: say("home.requests"), numeric: true, cell: ({ requests }) => show.number(requests) },
    !brief && {
      title: say("home.errors"),
      numeric: true,
      wide: true,
      cell: ({ errors }) => show.number(errors),
    },
    !brief && {
      title: say("home.tokens"),
      numeric: true,
      wide: true,
      cell: (group) => show.compact(tokensOf(group)),
    },
    !brief && {
      title: say("usage.latency"),
      numeric: true,
      wide: true,
      cell: ({ durationMs, requests }) => show.duration(requests === 0 ? undefined : durationMs / requests),
    },
    {
      title: say("request.cost"),
      numeric: true,
      cell: (group) => CostOfMany(visit, group),
    },
  ];
  return Card({
    title,
    flush: true,
    children: Table({ rows: groups.slice(0, MOST_ROWS), columns, label: title, tall: true }),
  });
}
