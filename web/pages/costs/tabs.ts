import { type Markup, Tabs } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

/** What may be spent, and what things cost. */
export function costTabs({ say }: Pick<Visit, "say">, current: "budget" | "pricing"): Markup {
  return Tabs(say("costs.title"), [
    { href: "/dashboard/costs", label: say("costs.tab.budget"), current: current === "budget" },
    { href: "/dashboard/costs/pricing", label: say("costs.tab.pricing"), current: current === "pricing" },
  ]);
}
