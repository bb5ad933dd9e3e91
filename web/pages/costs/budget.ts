import type { KeySpending } from "../../../src/access/index.ts";
import { type ApiKey, BUDGET_PERIODS, type BudgetPeriod } from "../../../src/core/key.ts";
import { definePage } from "../../page.ts";
import {
  Badge,
  ButtonLink,
  Card,
  classes,
  EmptyState,
  Heading,
  html,
  type Markup,
  Relative,
  Table,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { costTabs } from "./tabs.ts";

type Spender = { key: ApiKey; spending: KeySpending };

/** What each key has spent today, this week and this month, and what it may. */
export const budget = definePage({
  path: "/costs",
  title: "costs.title",
  menu: { group: "watch", icon: "coins", letter: "b" },
  load: ({ engine }) =>
    engine.access
      .listKeys()
      .filter(({ revokedAt }) => revokedAt === undefined)
      .map((key): Spender => ({ key, spending: engine.access.spendingOf(key) })),
  view: (spenders, visit) => {
    const { say } = visit;
    return html`
      ${Heading({ title: say("costs.title"), lead: say("costs.lead") })} ${costTabs(visit, "budget")}
      ${Card({
        title: say("budget.title"),
        lead: say("budget.lead"),
        flush: true,
        children:
          spenders.length === 0
            ? EmptyState({
                icon: "coins",
                title: say("endpoint.keys.empty"),
                children: say("budget.empty"),
                action: ButtonLink({
                  href: "/dashboard/endpoint",
                  label: say("key.create"),
                  tone: "primary",
                }),
              })
            : Table({
                rows: spenders,
                label: say("budget.title"),
                columns: [
                  {
                    title: say("key.name"),
                    cell: ({ key }) =>
                      html`<a
                        class="row-link font-medium break-words"
                        href=${`/dashboard/endpoint/keys/${key.id}`}
                        >${key.name}</a
                      >`,
                  },
                  { title: say("key.state"), cell: ({ spending }) => State(visit, spending) },
                  ...BUDGET_PERIODS.map((period) => ({
                    title: say(`budget.${period}`),
                    numeric: true,
                    wide: period !== "monthly",
                    cell: (spender: Spender) => Spent(visit, spender, period),
                  })),
                ],
              }),
      })}
    `;
  },
});

function State({ say }: Visit, { budgets }: KeySpending): Markup {
  if (budgets.length === 0) return html`<span class="text-muted">${say("key-rules.unlimited")}</span>`;
  if (budgets.some(({ spent }) => spent)) return Badge("bad", say("budget.spent"));
  return budgets.some(({ warning }) => warning)
    ? Badge("warn", say("budget.warning"))
    : Badge("ok", say("budget.within"));
}

function Spent(visit: Visit, { key, spending }: Spender, period: BudgetPeriod): Markup {
  const { show, say } = visit;
  const limit = key.budget?.[`${period}LimitUsd`];
  const { billed, shadow, end } = spending[period];
  const used = billed + (key.budget?.includeShadowCost ? shadow : 0);
  const share = limit === undefined ? 0 : limit === 0 ? 1 : Math.min(1, used / limit);
  return html`<span class="whitespace-nowrap">
      ${show.money(used)}${limit !== undefined && html` <span class="text-muted">/ ${show.money(limit)}</span>`}
    </span>
    ${
      limit !== undefined &&
      html`<svg
          class="mt-1 ml-auto h-1.5 w-28"
          viewBox="0 0 100 6"
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          <rect class="fill-sunken" width="100" height="6" rx="3" />
          <rect
            class=${classes(share >= 1 ? "fill-bad" : share >= 0.8 ? "fill-warn" : "fill-accent")}
            width=${share * 100}
            height="6"
            rx="3"
          />
        </svg>
        <span class="block text-tiny text-muted"
          >${say.rich("budget.renews", { when: Relative(visit, end) })}</span
        >`
    }`;
}
