import type { RequestRecord, RequestStory } from "../../../src/core/record.ts";
import { isMessageKey } from "../../i18n/index.ts";
import { connectionName } from "../../parts/names.ts";
import { Badge, Card, Facts, html, Icon, type Markup } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

/** Why a call went where it went: what its name stood for, who came first, who was left out. Nothing where nothing was decided. */
export function StoryCard(visit: Visit, { story }: RequestRecord): Markup {
  if (!story) return undefined;
  const { say, show } = visit;
  const strategy = `combo.strategy.${story.strategy}`;
  return Card({
    title: say("story.title"),
    lead: say("story.lead"),
    children: html`
      ${story.resolved.length > 0 && Resolved(visit, story)}
      ${Facts([
        [
          say("story.strategy"),
          isMessageKey(strategy) ? say(strategy) : html`<code>${story.strategy}</code>`,
        ],
        story.chain !== undefined && [say("story.chain"), html`<code>${story.chain}</code>`],
        story.session !== undefined && [
          say("story.session"),
          html`<code>${story.session}</code>
            ${story.affinity && html`<span class="text-muted">${say(`story.affinity.${story.affinity}`)}</span>`}`,
        ],
        (story.waitedMs ?? 0) > 0 && [say("story.waited"), show.duration(story.waitedMs)],
      ])}
      ${LeftOut(visit, story)} ${Unused(visit, story)}
    `,
  });
}

function Resolved({ say }: Visit, { resolved }: RequestStory): Markup {
  return html`<ol
    class="mb-4 flex flex-wrap items-center gap-x-2 gap-y-1.5"
    aria-label=${say("story.resolved")}
  >
    <li><code class="break-all">${resolved[0]?.from}</code></li>
    ${resolved.map(
      ({ step, to }) =>
        html`<li class="flex min-w-0 items-center gap-2">
          ${Icon("right", "size-3.5 text-muted")} <span class="text-small text-muted" lang="en">${step}</span>
          <code class="min-w-0 break-all">${to}</code>
        </li>`,
    )}
  </ol>`;
}

function LeftOut({ say, show, engine }: Visit, { excluded = [] }: RequestStory): Markup {
  if (excluded.length === 0) return undefined;
  return html`<h3 class="mt-5 font-medium">${say("plan.excluded")}</h3>
    <ul class="mt-2 space-y-1.5">
      ${excluded.map(
        ({ model, connectionId, reason, until }) =>
          html`<li class="flex flex-wrap items-baseline gap-x-2 gap-y-1">
            <code class="min-w-0 break-all">${model}</code>
            ${connectionId !== undefined && html`<span class="text-small text-muted">${connectionName(engine, connectionId) ?? connectionId}</span>`}
            ${Badge("warn", html`<span lang="en">${reason}</span>`)}
            ${until !== undefined && html`<span class="text-small text-muted">${say("story.until", { time: show.dateTime(until) })}</span>`}
          </li>`,
      )}
    </ul>`;
}

function Unused({ say, engine }: Visit, { unused = [] }: RequestStory): Markup {
  if (unused.length === 0) return undefined;
  return html`<h3 class="mt-5 font-medium">${say("story.unused")}</h3>
    <ul class="mt-2 space-y-1">
      ${unused.map(
        ({ model, connectionId, reason }) =>
          html`<li class="flex flex-wrap items-baseline gap-x-2">
            <code class="min-w-0 break-all">${model}</code>
            <span class="text-small text-muted">${connectionName(engine, connectionId) ?? connectionId}</span>
            ${reason !== undefined && Badge("warn", html`<span lang="en">${reason}</span>`)}
          </li>`,
      )}
    </ul>`;
}
