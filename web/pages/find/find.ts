import { findRequest } from "../../../src/store/index.ts";
import { definePage, type Page } from "../../page.ts";
import { EmptyState, Heading, html, Icon, type Markup } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { rank } from "./rank.ts";
import { type Kind, KINDS, type Thing, THINGS } from "./things.ts";

const MOST_OF_A_KIND = 6;
/** What shows before anything is typed: where to go and what to do. */
const AT_FIRST: readonly Kind[] = ["pages", "actions"];
const MOST_TYPED = 200;

/**
 * Finds pages, actions and everything that has a name. The same list is what the palette shows, which takes it from
 * here. `pages` are those of the dashboard.
 */
export function findPage(pages: () => readonly Page[]): Page {
  return definePage({
    path: "/find",
    title: "find.title",
    load: (visit) => {
      const query = (visit.url.searchParams.get("q") ?? "").trim().slice(0, MOST_TYPED);
      const request = query.startsWith("req_") ? findRequest(visit.engine.store, query) : undefined;
      const groups = KINDS.filter((kind) => query !== "" || AT_FIRST.includes(kind))
        .map((kind) => ({ kind, found: rank(THINGS[kind](visit, pages()), query) }))
        .filter(({ found }) => found.length > 0)
        .toSorted((a, b) => Math.floor(b.found[0]!.score) - Math.floor(a.found[0]!.score))
        .map(({ kind, found }) => ({
          kind,
          things: found.slice(0, query === "" ? undefined : MOST_OF_A_KIND).map(({ thing }) => thing),
        }));
      return { query, request, groups };
    },
    view: ({ query, request, groups }, visit) => {
      const { say } = visit;
      return html`
        ${Heading({ title: say("find.title"), lead: say("find.lead") })}
        <form method="get" class="filters mb-4" role="search">
          <input
            class="input"
            type="search"
            name="q"
            value=${query}
            placeholder=${say("find.placeholder")}
            aria-label=${say("find.placeholder")}
          />
        </form>
        <div class="found card p-2" data-found>
          ${
            request &&
            Group(say("find.request"), [
              {
                title: request.id,
                href: `/dashboard/logs/${request.id}`,
                icon: "list",
                note: request.requestedModel,
              },
            ])
          }
          ${groups.map(({ kind, things }) => Group(say(`find.${kind}`), things))}
          ${groups.length === 0 && !request && Nothing(visit, query)}
        </div>
      `;
    },
  });
}

function Group(title: string, things: readonly Thing[]): Markup {
  return html`<section>
    <h2>${title}</h2>
    <ul>
      ${things.map(
        ({ title: name, href, icon, note }) =>
          html`<li>
            <a href=${href}>
              ${Icon(icon, "size-4 text-muted")} <span class="min-w-0 truncate">${name}</span>
              ${note !== undefined && note !== "" && html`<span class="found-note">${note}</span>`}
            </a>
          </li>`,
      )}
    </ul>
  </section>`;
}

function Nothing({ say }: Visit, query: string): Markup {
  return EmptyState({ icon: "search", title: say("find.none", { query }), children: say("find.none.note") });
}
