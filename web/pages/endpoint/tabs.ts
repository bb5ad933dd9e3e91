import { type Markup, Tabs } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

/** The sides of an endpoint: its addresses with their keys, the groups of these, and the clients that use them. */
export function endpointTabs(
  { say }: Pick<Visit, "say">,
  current: "addresses" | "groups" | "clients",
): Markup {
  return Tabs(say("endpoint.title"), [
    { href: "/dashboard/endpoint", label: say("endpoint.tab.addresses"), current: current === "addresses" },
    {
      href: "/dashboard/endpoint/groups",
      label: say("key-groups.title"),
      current: current === "groups",
    },
    {
      href: "/dashboard/endpoint/clients",
      label: say("endpoint.tab.clients"),
      current: current === "clients",
    },
  ]);
}
