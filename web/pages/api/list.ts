import { definePage } from "../../page.ts";
import {
  Badge,
  Button,
  ButtonLink,
  Card,
  EmptyState,
  Heading,
  html,
  type Markup,
  type Tone,
} from "../../ui/index.ts";
import { type ApiCall, callsOf, matching } from "./calls.ts";
import { marked } from "./marked.ts";

const MOST_TYPED = 200;
const TONES: { readonly [method: string]: Tone } = { GET: "info", DELETE: "bad" };

/** Every call of both APIs, to be searched; each leads to a page of its own. */
export const apiReference = definePage({
  path: "/api",
  title: "api.title",
  menu: { group: "system", icon: "code", letter: "d" },
  load: ({ apiDocument, url }) => {
    const question = (url.searchParams.get("q") ?? "").trim().slice(0, MOST_TYPED);
    const calls = matching(callsOf(apiDocument()), question);
    return { question, groups: [...Map.groupBy(calls, ({ group }) => group)] };
  },
  view: ({ question, groups }, { say }) => html`
    ${Heading({
      title: say("api.title"),
      lead: say("api.lead"),
      aside: ButtonLink({ href: "/api/openapi.json", label: say("api.document"), icon: "download" }),
    })}
    <form method="get" class="filters mb-4" role="search">
      <input
        class="input"
        type="search"
        name="q"
        value=${question}
        placeholder=${say("api.search")}
        aria-label=${say("api.search")}
      />
      ${Button({ label: say("api.find"), icon: "search", small: true })}
    </form>
    ${groups.length === 0 && Card({ children: EmptyState({ icon: "search", title: say("api.none") }) })}
    <div class="gap-6 space-y-6 xl:columns-2">${groups.map(([group, calls]) => Group(group, calls))}</div>
  `,
});

function Group(group: string, calls: readonly ApiCall[]): Markup {
  return Card({
    title: group,
    flush: true,
    className: "break-inside-avoid",
    children: html`<ul class="divide-y divide-line">
      ${calls.map(
        (call) =>
          html`<li>
            <a
              class="flex flex-wrap items-baseline gap-x-3 gap-y-1 px-4 py-2"
              href=${`/dashboard/api/${call.operationId}`}
            >
              ${MethodBadge(call.method)}
              <code class="break-all">${call.path}</code>
              <span class="w-full text-small text-muted">${marked(call.summary)}</span>
            </a>
          </li>`,
      )}
    </ul>`,
  });
}

/** The method of a call; what changes something looks different from what only looks. */
export function MethodBadge(method: string): Markup {
  return Badge(TONES[method] ?? "warn", method);
}
