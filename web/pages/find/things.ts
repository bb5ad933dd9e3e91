import type { Page } from "../../page.ts";
import { isOffered } from "../../parts/provider-state.ts";
import type { IconName } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import type { Named } from "./rank.ts";

/** Something to go to. `note` says more beside the title. */
export type Thing = Named & { href: string; icon: IconName; note?: string | undefined };

/** Kinds of things, in the order in which they are shown. */
export const KINDS = [
  "pages",
  "actions",
  "connections",
  "combos",
  "keys",
  "keyGroups",
  "providers",
  "models",
] as const;
export type Kind = (typeof KINDS)[number];

const BASE = "/dashboard";

/** Everything of one kind. `pages` is what the dashboard has. */
export const THINGS: Readonly<Record<Kind, (visit: Visit, pages: readonly Page[]) => Thing[]>> = {
  pages: ({ say }, pages) =>
    pages
      .filter(({ path }) => !path.includes(":") && path !== "/find")
      .map(({ path, title, menu, under }) => {
        const above = pages.find((page) => page.path === under);
        return {
          title: say(title),
          href: BASE + path,
          icon: menu?.icon ?? above?.menu?.icon ?? "right",
          note: above && say(above.title),
          words: `${path.replaceAll("/", " ")} ${above ? say(above.title) : ""}`,
        };
      }),
  actions: ({ say }) => [
    { title: say("find.do.key"), href: `${BASE}/endpoint#new-key`, icon: "key" },
    { title: say("find.do.group"), href: `${BASE}/endpoint/groups#new-group`, icon: "stack" },
    { title: say("find.do.provider"), href: `${BASE}/providers`, icon: "plug" },
    { title: say("find.do.node"), href: `${BASE}/providers/new`, icon: "plus" },
    { title: say("find.do.combo"), href: `${BASE}/combos/new`, icon: "plus" },
    { title: say("find.do.errors"), href: `${BASE}/logs?status=error`, icon: "warning" },
    { title: say("find.do.cost"), href: `${BASE}/usage?range=30d&show=cost&by=model`, icon: "coins" },
    { title: say("find.do.slow"), href: `${BASE}/usage?range=7d&show=latency&by=provider`, icon: "clock" },
    { title: say("find.do.backup"), href: `${BASE}/settings/storage`, icon: "disk" },
    { title: say("find.do.setup"), href: "/setup/provider", icon: "play" },
  ],
  connections: ({ engine, say }) =>
    engine.manage.connections.list().map(({ id, provider, name, status, fromEnvironment }) => ({
      title: name,
      href: `${BASE}/providers/${encodeURIComponent(provider)}${fromEnvironment ? "" : `/connections/${id}`}`,
      icon: "user",
      note: say(`connection.state.${status}`),
      words: `${provider} ${engine.catalogue.byId.get(provider)?.provider.name ?? ""}`,
    })),
  combos: ({ engine }) =>
    engine.manage.combos.list().map(({ id, name, models }) => ({
      title: name,
      href: `${BASE}/combos/${id}`,
      icon: "route",
      note: models.map(({ model }) => model).join(", "),
    })),
  keys: ({ engine }) =>
    engine.access
      .listKeys()
      .filter(({ revokedAt }) => revokedAt === undefined)
      .map(({ id, name }) => ({ title: name, href: `${BASE}/endpoint/keys/${id}`, icon: "key" })),
  keyGroups: ({ engine }) =>
    engine.access.groups.list().map(({ id, name, note }) => ({
      title: name,
      href: `${BASE}/endpoint/groups/${id}`,
      icon: "stack",
      note,
    })),
  models: ({ engine }) =>
    engine.catalogue.entries.flatMap(({ provider, prefix, models, connections }) =>
      connections.length === 0
        ? []
        : [...models.keys()].map((id) => ({
            title: `${prefix}/${id}`,
            href: `${BASE}/providers/${encodeURIComponent(provider.id)}#models`,
            icon: "bolt" as const,
            note: provider.name,
          })),
    ),
  providers: ({ engine }) =>
    engine.catalogue.entries
      .filter(({ provider }) => isOffered(provider))
      .map(({ provider, prefix }) => ({
        title: provider.name,
        href: `${BASE}/providers/${encodeURIComponent(provider.id)}`,
        icon: "stack",
        note: `${prefix}/…`,
        words: provider.id,
      })),
};
