import type { KeySpending } from "../../src/access/index.ts";
import type { BudgetPeriod } from "../../src/core/key.ts";
import type { RuleHolder } from "../../src/core/key-group.ts";
import { Badge, html, type Markup, Meter, Relative, usedTone } from "../ui/index.ts";
import type { Visit } from "../visit.ts";

/** A key or group and what it spent. */
export type Spender = { holder: RuleHolder; spending: KeySpending };

/** Whether the budgets leave anything, in a word. */
export function BudgetState({ say }: Visit, { budgets }: KeySpending): Markup {
  if (budgets.length === 0) return html`<span class="text-muted">${say("key-rules.unlimited")}</span>`;
  if (budgets.some(({ spent }) => spent)) return Badge("bad", say("budget.spent"));
  return budgets.some(({ warning }) => warning)
    ? Badge("warn", say("budget.warning"))
    : Badge("ok", say("budget.within"));
}

/** What was spent in a period, of how much, and when it begins anew. */
export function Spent(
  visit: Visit,
  { holder, spending }: Spender,
  period: BudgetPeriod,
  at: "start" | "end" = "end",
): Markup {
  const { show, say } = visit;
  const limit = holder.budget?.[`${period}LimitUsd`];
  const { billed, shadow, end } = spending[period];
  const used = billed + (holder.budget?.includeShadowCost ? shadow : 0);
  const share = limit === undefined ? 0 : limit === 0 ? 1 : Math.min(1, used / limit);
  return html`<span class="whitespace-nowrap">
      ${show.money(used)}${limit !== undefined && html` <span class="text-muted">/ ${show.money(limit)}</span>`}
    </span>
    ${
      limit !== undefined &&
      html`${Meter(share, { tone: usedTone(share), className: at === "end" ? "mt-1 ml-auto w-28" : "mt-1 w-28" })}
        <span class="block text-tiny text-muted"
          >${say.rich("budget.renews", { when: Relative(visit, end) })}</span
        >`
    }`;
}
