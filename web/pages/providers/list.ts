import { TIERS, type Tier } from "../../../src/core/provider.ts";
import type { ConnectionView } from "../../../src/manage/index.ts";
import type { ProviderEntry } from "../../../src/routing/index.ts";
import { definePage } from "../../page.ts";
import { CONNECTION_TONES } from "../../parts/connection-state.ts";
import { isOffered, ProviderBadge } from "../../parts/provider-state.ts";
import {
  Button,
  ButtonLink,
  classes,
  Dot,
  EmptyState,
  Heading,
  html,
  Icon,
  type Markup,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

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
    return {
      search,
      nodes: shown.filter(({ entry }) => entry.isNode),
      builtIn: shown.filter(({ entry }) => !entry.isNode),
    };
  },
  view: ({ search, nodes, builtIn }, visit) => {
    const { say } = visit;
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
      <div class="space-y-8" id="providers" data-live="changed">
        ${nodes.length > 0 && Section(visit, say("providers.nodes"), say("providers.nodes.lead"), nodes)}
        ${TIERS.map((tier) => Tier(visit, tier, builtIn))}
        ${
          nodes.length + builtIn.length === 0 &&
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

function Tier(visit: Visit, tier: Tier, all: readonly Shown[]): Markup {
  const entries = all.filter(({ entry }) => entry.provider.tier === tier).toSorted(connectedFirst);
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
          <code class="text-tiny text-muted">${prefix}/</code>
        </span>
        <span class="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-small text-muted">
          ${ProviderBadge(visit, provider)} ${blocked && visit.say("provider.blocked")}
          ${usable && Connected(visit, entry, connections)}
        </span>
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

/** Providers in use stand first, those that cannot be connected last. */
function connectedFirst(a: Shown, b: Shown): number {
  const rank = ({ entry, connections }: Shown) =>
    connections.length > 0 ? 0 : isOffered(entry.provider) ? 1 : 2;
  return rank(a) - rank(b);
}

const fits = (search: string, words: readonly string[]): boolean =>
  search === "" || words.some((word) => word.toLowerCase().includes(search.toLowerCase()));

/** One or two letters that stand for a name. */
export function initials(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  const [first = "?", second] = words;
  const letters = second === undefined ? [...first].slice(0, 2) : [[...first][0], [...second][0]];
  return letters.join("");
}
