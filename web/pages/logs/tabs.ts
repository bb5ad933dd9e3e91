import { type Markup, Tabs } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

const TABS = ["requests", "recordings", "proxy", "audit", "console"] as const;

/** The kinds of logs. */
export function logTabs({ say }: Pick<Visit, "say">, current: (typeof TABS)[number]): Markup {
  return Tabs(
    say("logs.title"),
    TABS.map((tab) => ({
      href: tab === "requests" ? "/dashboard/logs" : `/dashboard/logs/${tab}`,
      label: say(`logs.tab.${tab}`),
      current: tab === current,
    })),
  );
}
