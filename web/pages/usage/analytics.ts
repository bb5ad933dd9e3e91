import { groupUsage, totalUsage } from "../../../src/store/index.ts";
import { definePage } from "../../page.ts";
import { ButtonLink, Heading, html } from "../../ui/index.ts";
import { usageTabs } from "../evals/tabs.ts";
import { Breakdown } from "./breakdown.ts";
import { type DimensionId, DIMENSIONS, dimensionsOf, namesIn, valueIn } from "./dimensions.ts";
import { Figures } from "./figures.ts";
import { chosenIn, Filters, queryOf } from "./filters.ts";
import { OverTime, wishOf } from "./over-time.ts";
import { Percentiles, percentilesOf } from "./percentiles.ts";
import { Quickness, quicknessOf } from "./quickness.ts";
import { dayOf, periodBefore, periodOf } from "./period.ts";

/** What was used, by whom, of what, and what it cost. */
export const usage = definePage({
  path: "/usage",
  title: "usage.title",
  menu: { group: "watch", icon: "chart", letter: "u" },
  load: (visit) => {
    const { engine, url, now } = visit;
    const { store } = engine;
    const period = periodOf(url.searchParams, now);
    const chosen = chosenIn(url.searchParams);
    const query = queryOf(chosen, period);
    const wish = wishOf(url.searchParams);
    const by = (id: DimensionId) =>
      groupUsage(store, query, [id]).toSorted((a, b) => b.requests - a.requests);
    const name = namesIn(visit);
    const all = queryOf(chosenIn(new URLSearchParams()), period);
    const groups = dimensionsOf(visit).map((dimension) => ({ dimension, groups: by(dimension.id) }));
    const isFiltered = Object.values(chosen).some((value) => value !== "");
    const everything = (id: DimensionId) =>
      isFiltered
        ? groupUsage(store, all, [id]).toSorted((a, b) => b.requests - a.requests)
        : (groups.find(({ dimension }) => dimension.id === id)?.groups ?? []);
    const choicesOf = (id: DimensionId) =>
      everything(id)
        .map((group) => [valueIn(id, group), name(id, group)] as const)
        .filter(([value]) => value !== "");
    return {
      period,
      chosen,
      wish,
      choices: {
        model: choicesOf("model"),
        provider: choicesOf("provider"),
        key: choicesOf("key"),
        keyGroup: choicesOf("keyGroup"),
        connection: choicesOf("connection"),
      },
      total: totalUsage(store, query),
      before: totalUsage(store, queryOf(chosen, periodBefore(period))),
      quickness: quicknessOf(visit, period, chosen),
      percentiles: percentilesOf(visit, period, chosen),
      overTime: groupUsage(store, query, ["time", wish.by.id]),
      groups,
    };
  },
  view: (
    { period, chosen, wish, choices, total, before, quickness, percentiles, overTime, groups },
    visit,
  ) => {
    const { say } = visit;
    const [byModel, ...others] = groups;
    return html`
      ${Heading({
        title: say("usage.title"),
        lead: say("usage.lead"),
        aside: ButtonLink({
          href: `/api/usage/report?${reportQuery(visit.url, period)}`,
          label: say("usage.csv"),
          icon: "download",
        }),
      })}
      ${usageTabs(visit, "analytics")} ${Filters(visit, period, chosen, choices)}
      <div class="space-y-6">
        ${Figures(visit, total, before)} ${OverTime(visit, period, wish, overTime)}
        ${
          total.requests > 0 &&
          html`
            ${byModel && Breakdown(visit, byModel.dimension, byModel.groups, total)}
            ${percentiles && Percentiles(visit, period, chosen, percentiles)}
            ${quickness && quickness.length > 0 && Quickness(visit, quickness)}
            <div
              class=${`grid grid-cols-1 items-start gap-6 ${others.length > 3 ? "lg:grid-cols-2" : "lg:grid-cols-3"}`}
            >
              ${others.map(({ dimension, groups: rows }) => Breakdown(visit, dimension, rows, total, { brief: true }))}
            </div>
          `
        }
      </div>
    `;
  },
});

/** What the API's report is asked for, to give the same rows that the page shows. */
function reportQuery(url: URL, { from, to }: { from: number; to: number }): URLSearchParams {
  const query = new URLSearchParams({ format: "csv", from: dayOf(from), to: dayOf(to - 1) });
  for (const { id } of DIMENSIONS) {
    const value = url.searchParams.get(id);
    if (value) query.set(id === "key" ? "apiKey" : id, value);
  }
  return query;
}
