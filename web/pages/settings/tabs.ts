import { type Markup, Tabs } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

const TABS = ["security", "routing", "resilience", "ai", "advanced", "notices", "storage"] as const;

/** The parts of the settings. */
export function settingTabs({ say }: Pick<Visit, "say">, current: (typeof TABS)[number]): Markup {
  return Tabs(
    say("settings.title"),
    TABS.map((tab) => ({
      href: tab === "security" ? "/dashboard/settings" : `/dashboard/settings/${tab}`,
      label: say(`settings.tab.${tab}`),
      current: tab === current,
    })),
  );
}
