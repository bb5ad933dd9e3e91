import { type Markup, Tabs } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

/** What was used, and how good it was. */
export function usageTabs({ say }: Pick<Visit, "say">, current: "analytics" | "evals"): Markup {
  return Tabs(say("usage.title"), [
    { href: "/dashboard/usage", label: say("usage.tab.analytics"), current: current === "analytics" },
    { href: "/dashboard/usage/evals", label: say("evals.title"), current: current === "evals" },
  ]);
}
