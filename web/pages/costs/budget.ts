import { BUDGET_PERIODS, type BudgetPeriod } from "../../../src/core/key.ts";
import { isKeyGroup } from "../../../src/core/key-group.ts";
import { groupUsage, type Store } from "../../../src/store/index.ts";
import { definePage } from "../../page.ts";
import { BudgetState, type Spender, Spent } from "../../parts/spending.ts";
import {
  ButtonLink,
  Card,
  EmptyState,
  Heading,
  html,
  type Markup,
  Stat,
  Stats,
  Table,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { costTabs } from "./tabs.ts";

const DAY = 86_400_000;

/** What each key and group has spent today, this week and this month, and what it may. */
export const budget = definePage({
  path: "/costs",
  title: "costs.title",
  menu: { group: "watch", icon: "coins", letter: "b" },
  load: ({ engine: { access, store }, now }) => {
    const keys = access.listKeys().filter(({ revokedAt }) => revokedAt === undefined);
    const spender = (holder: Spender["holder"]) => ({ holder, spending: access.spendingOf(holder) });
    const spenders = keys.map(spender);
    return {
      spenders,
      groups: access.groups.list().map(spender),
      unpriced:
        spenders[0] && unpricedOf(store, spenders[0].spending, new Set(keys.map(({ id }) => id)), now),
    };
  },
  view: ({ spenders, groups, unpriced }, visit) => {
    const { say } = visit;
    return html`
      ${Heading({ title: say("costs.title"), lead: say("costs.lead") })} ${costTabs(visit, "budget")}
      <div class="space-y-6">
        ${unpriced && Together(visit, spenders, unpriced)}
        ${
          groups.length > 0 &&
          Card({
            title: say("key-groups.title"),
            lead: say("budget.groups.lead"),
            flush: true,
            children: Spenders(visit, groups),
          })
        }
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
              : Spenders(visit, spenders),
        })}
      </div>
    `;
  },
});

/** Requests by period that stand in no sum, because nobody knows what they cost. */
type Unpriced = Readonly<Record<BudgetPeriod, number>>;

function unpricedOf(
  store: Store,
  spending: Spender["spending"],
  keys: ReadonlySet<string>,
  now: number,
): Unpriced {
  const since = (period: BudgetPeriod) =>
    groupUsage(store, { from: spending[period].start, to: now + 1, per: "day" }, ["key"])
      .filter(({ keyId }) => keyId !== undefined && keys.has(keyId))
      .reduce((sum, { unknownPrice }) => sum + unknownPrice, 0);
  return { daily: since("daily"), weekly: since("weekly"), monthly: since("monthly") };
}

function Spenders(visit: Visit, spenders: readonly Spender[]): Markup {
  const { say } = visit;
  const isOfGroups = spenders.some(({ holder }) => isKeyGroup(holder));
  const href = (id: string) => `/dashboard/endpoint/${isOfGroups ? "groups" : "keys"}/${id}`;
  return Table({
    rows: spenders,
    label: say(isOfGroups ? "key-groups.title" : "budget.title"),
    columns: [
      {
        title: say("key.name"),
        cell: ({ holder }) =>
          html`<a class="row-link font-medium break-words" href=${href(holder.id)}>${holder.name}</a>`,
      },
      { title: say("key.state"), cell: ({ spending }) => BudgetState(visit, spending) },
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
        cell: ({ holder }) =>
          ButtonLink({
            href: `${href(holder.id)}#rules`,
            label: say("budget.edit", { name: holder.name }),
            icon: "pencil",
            iconOnly: true,
            small: true,
            tone: "quiet",
          }),
      },
    ],
  });
}

/** What all keys spent together, and what the month will come to at this pace. */
function Together({ say, show, now }: Visit, spenders: readonly Spender[], unpriced: Unpriced): Markup {
  const sum = (period: BudgetPeriod, of: "billed" | "shadow") =>
    spenders.reduce((all, { spending }) => all + spending[period][of], 0);
  const { start, end } = spenders[0]!.spending.monthly;
  const passed = Math.max(DAY, now - start);
  const ahead = (sum("monthly", "billed") * (end - start)) / passed;
  return Stats({
    label: say("budget.together"),
    children: html`
      ${BUDGET_PERIODS.map((period) => {
        const shadow = sum(period, "shadow");
        return Stat({
          label: say(`budget.${period}`),
          value: show.money(sum(period, "billed")),
          note: html`${shadow > 0 && html`<span class="block">${say("home.cost.shadow", { cost: show.money(shadow) })}</span>`}
          ${unpriced[period] > 0 && html`<span class="block">${say("home.cost.unknown", { count: unpriced[period] })}</span>`}
          ${shadow === 0 && unpriced[period] === 0 && say("home.cost.note")}`,
        });
      })}
      ${Stat({ label: say("budget.ahead"), value: show.money(ahead), note: say("budget.ahead.note") })}
    `,
  });
}
