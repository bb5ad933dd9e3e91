import type { KeySpending } from "../../../src/access/index.ts";
import { type ApiKey, BUDGET_PERIODS, type BudgetPeriod } from "../../../src/core/key.ts";
import { definePage } from "../../page.ts";
import {
  Badge,
  ButtonLink,
  Card,
  EmptyState,
  Heading,
  html,
  type Markup,
  Meter,
  Relative,
  Stat,
  Table,
  usedTone,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { costTabs } from "./tabs.ts";

const DAY = 86_400_000;

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
      <div class="space-y-6">
        ${spenders.length > 0 && Together(visit, spenders)}
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
                    {
                      title: say("common.actions"),
                      silent: true,
                      numeric: true,
                      cell: ({ key }) =>
                        ButtonLink({
                          href: `/dashboard/endpoint/keys/${key.id}#rules`,
                          label: say("budget.edit", { name: key.name }),
                          icon: "pencil",
                          iconOnly: true,
                          small: true,
                          tone: "quiet",
                        }),
                    },
                  ],
                }),
        })}
      </div>
    `;
  },
});

/** What all keys spent together, and what the month will come to at this pace. */
function Together({ say, show, now }: Visit, spenders: readonly Spender[]): Markup {
  const sum = (period: BudgetPeriod, of: "billed" | "shadow") =>
    spenders.reduce((all, { spending }) => all + spending[period][of], 0);
  const { start, end } = spenders[0]!.spending.monthly;
  const passed = Math.max(DAY, now - start);
  const ahead = (sum("monthly", "billed") * (end - start)) / passed;
  return html`<section
    class="grid grid-cols-2 gap-px overflow-hidden rounded-xl border border-line bg-line lg:grid-cols-4"
    aria-label=${say("budget.together")}
  >
    ${BUDGET_PERIODS.map((period) => {
      const shadow = sum(period, "shadow");
      return Stat({
        label: say(`budget.${period}`),
        value: show.money(sum(period, "billed")),
        note: shadow > 0 ? say("home.cost.shadow", { cost: show.money(shadow) }) : say("home.cost.note"),
      });
    })}
    ${Stat({ label: say("budget.ahead"), value: show.money(ahead), note: say("budget.ahead.note") })}
  </section>`;
}

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
      html`${Meter(share, { tone: usedTone(share), className: "mt-1 ml-auto w-28" })}
        <span class="block text-tiny text-muted"
          >${say.rich("budget.renews", { when: Relative(visit, end) })}</span
        >`
    }`;
}
