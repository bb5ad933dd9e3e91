import { TIERS, type Tier } from "../../../src/core/provider.ts";
import type { ConnectionView } from "../../../src/manage/index.ts";
import type { ProviderEntry } from "../../../src/routing/index.ts";
import { definePage } from "../../page.ts";
import { CONNECTION_TONES } from "../../parts/connection-state.ts";
import { proxyOf } from "../../parts/proxy-badge.ts";
import { tightestOf } from "../../parts/quota-bars.ts";
import { isOffered, ProviderBadge } from "../../parts/provider-state.ts";
import {
  Button,
  ButtonLink,
  classes,
  Countdown,
  Dot,
  EmptyState,
  Heading,
  html,
  Icon,
  type Markup,
  Meter,
  usedTone,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

const GROUPS = ["all", "connected", ...TIERS] as const;
type Group = (typeof GROUPS)[number];

type Shown = { entry: ProviderEntry; connections: ConnectionView[] };

/** Every service one can connect to, tier by tier, and the owner's own endpoints. */
export const providers = definePage({
  path: "/providers",
  title: "providers.title",
  menu: { group: "route", icon: "stack", letter: "p" },
  load: ({ engine, url }) => {
    const search = (url.searchParams.get("q") ?? "").trim().slice(0, 100);
    const all = Map.groupBy(engine.manage.connections.list(), ({ provider }) => provider);
    const shown = engine.catalogue.entries
      .filter(({ provider, prefix }) => fits(search, [provider.name, provider.id, prefix]))
      .map((entry): Shown => ({ entry, connections: all.get(entry.provider.id) ?? [] }));
    const wanted = url.searchParams.get("show");
    return {
      search,
      chosen: GROUPS.find((group) => group === wanted) ?? "all",
      nodes: shown.filter(({ entry }) => entry.isNode),
      used: shown.filter(({ entry, connections }) => !entry.isNode && connections.length > 0),
      others: shown.filter(({ entry, connections }) => !entry.isNode && connections.length === 0),
    };
  },
  view: ({ search, chosen, nodes, used, others }, visit) => {
    const { say } = visit;
    const isShown = (group: Group) => chosen === "all" || chosen === group;
    const tiers = TIERS.filter(isShown).map((tier) => Tier(visit, tier, others));
    const connected = isShown("connected") ? [...nodes, ...used] : [];
    return html`
      ${Heading({
        title: say("providers.title"),
        lead: say("providers.lead"),
        aside: [
          html`<form method="get" role="search" class="search" data-autosend>
            ${Icon("search", "size-4")}
            <input
              class="input input-small"
              type="search"
              name="q"
              value=${search}
              placeholder=${say("providers.search")}
              aria-label=${say("providers.search")}
            />
            <span class="sr-only">${Button({ label: say("common.search"), small: true })}</span>
          </form>`,
          ButtonLink({
            href: "/dashboard/providers/new",
            label: say("providers.own"),
            icon: "plus",
            tone: "primary",
          }),
        ],
      })}
      ${Groups(visit, chosen)}
      <div class="space-y-8" id="providers" data-live="changed">
        ${connected.length > 0 && Section(visit, say("providers.connected"), say("providers.connected.lead"), connected)}
        ${tiers}
        ${
          connected.length === 0 &&
          tiers.every((tier) => tier === undefined) &&
          EmptyState({
            icon: "search",
            title: say("providers.none", { search }),
            children: say("providers.none.note"),
            action: ButtonLink({ href: "/dashboard/providers", label: say("common.clear") }),
          })
        }
      </div>
    `;
  },
});

/** Which of the providers are shown; it stands in the address. */
function Groups({ say, url }: Visit, chosen: Group): Markup {
  const address = (group: Group) => {
    const query = new URLSearchParams(url.search);
    query.set("show", group);
    return `?${query}`;
  };
  return html`<nav class="pills mb-6" aria-label=${say("providers.groups")}>
    ${GROUPS.map(
      (group) =>
        html`<a href=${address(group)} aria-current=${group === chosen ? "page" : undefined}>
          ${group === "all" || group === "connected" ? say(`providers.show.${group}`) : say(`tier.${group}`)}
        </a>`,
    )}
  </nav>`;
}

function Tier(visit: Visit, tier: Tier, all: readonly Shown[]): Markup {
  const entries = all.filter(({ entry }) => entry.provider.tier === tier).toSorted(offeredFirst);
  if (entries.length === 0) return undefined;
  return Section(visit, visit.say(`tier.${tier}`), visit.say(`tier.${tier}.lead`), entries);
}

function Section(visit: Visit, title: string, lead: string, entries: readonly Shown[]): Markup {
  return html`<section>
    <h2 class="text-lg font-semibold tracking-tight">${title}</h2>
    <p class="text-muted">${lead}</p>
    <ul class="mt-3 grid grid-cols-1 gap-3 sm:grid-cols-2 xl:grid-cols-3">
      ${entries.map((shown) => ProviderCard(visit, shown))}
    </ul>
  </section>`;
}

function ProviderCard(visit: Visit, { entry, connections }: Shown): Markup {
  const { provider, prefix, blocked } = entry;
  const usable = isOffered(provider);
  return html`<li>
    <a
      class=${classes("tile", !usable && "tile-faded")}
      href=${`/dashboard/providers/${encodeURIComponent(provider.id)}`}
    >
      <span class="monogram" aria-hidden="true">${initials(provider.name)}</span>
      <span class="min-w-0 flex-1">
        <span class="flex items-center gap-2">
          <span class="truncate font-medium">${provider.name}</span>
          <code class="shrink-0 text-tiny text-muted">${prefix}/</code>
        </span>
        <span class="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-small text-muted">
          ${ProviderBadge(visit, provider)} ${blocked && visit.say("provider.blocked")}
          ${usable && Connected(visit, entry, connections)} ${ProxyMark(visit, connections)}
        </span>
        ${Tightest(visit, connections)}
      </span>
    </a>
  </li>`;
}

function Connected({ say }: Visit, entry: ProviderEntry, connections: readonly ConnectionView[]): Markup {
  if (connections.length === 0)
    return entry.provider.builtIn || entry.connections.length > 0
      ? say("provider.no-account")
      : say("provider.unconnected");
  const byStatus = Map.groupBy(connections, ({ status }) => status);
  return [...byStatus].map(
    ([status, some]) =>
      html`<span class="inline-flex items-center gap-1.5 whitespace-nowrap">
        ${Dot(CONNECTION_TONES[status])}
        ${some.length > 1 && `${some.length} × `}${say(`connection.state.${status}`)}
      </span>`,
  );
}

/** Some of the accounts leave through a network proxy. */
function ProxyMark(visit: Visit, connections: readonly ConnectionView[]): Markup {
  if (!connections.some((connection) => proxyOf(visit, connection) !== undefined)) return undefined;
  return html`<span class="inline-flex items-center gap-1"
    >${Icon("shield", "size-3.5")} ${visit.say("providers.proxy")}</span
  >`;
}

/** What is left of the quota that ends first. */
function Tightest(visit: Visit, connections: readonly ConnectionView[]): Markup {
  const window = tightestOf(connections.flatMap(({ quota }) => quota));
  if (window === undefined) return undefined;
  const { show, say, now } = visit;
  const share = (window.percent ?? 0) / 100;
  return html`<span class="mt-2 flex items-center gap-2 text-small text-muted">
    ${Meter(share, { tone: usedTone(share), className: "w-14 shrink-0" })}
    <span class="tabular-nums">${show.percent(share)}</span>
    ${
      window.resetsAt !== undefined &&
      window.resetsAt > now &&
      html`<span class="truncate"
        >${say.rich("quota.resets", { time: Countdown(visit, window.resetsAt) })}</span
      >`
    }
  </span>`;
}

/** Providers that cannot be connected stand last. */
function offeredFirst(a: Shown, b: Shown): number {
  return Number(!isOffered(a.entry.provider)) - Number(!isOffered(b.entry.provider));
}

const fits = (search: string, words: readonly string[]): boolean =>
  search === "" || words.some((word) => word.toLowerCase().includes(search.toLowerCase()));

/** One or two letters that stand for a name. */
function initials(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  const [first = "?", second] = words;
  const letters = second === undefined ? [...first].slice(0, 2) : [[...first][0], [...second][0]];
  return letters.join("");
}
