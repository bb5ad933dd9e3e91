import { type Markup, Tabs } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

/** The two sides of an endpoint: its addresses with their keys, and the clients that use them. */
export function endpointTabs({ say }: Pick<Visit, "say">, current: "addresses" | "clients"): Markup {
  return Tabs(say("endpoint.title"), [
    { href: "/dashboard/endpoint", label: say("endpoint.tab.addresses"), current: current === "addresses" },
    {
      href: "/dashboard/endpoint/clients",
      label: say("endpoint.tab.clients"),
      current: current === "clients",
    },
  ]);
}
