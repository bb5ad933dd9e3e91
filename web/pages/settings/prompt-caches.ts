import { groupUsage, type UsageGroup } from "../../../src/store/index.ts";
import { providerName } from "../../parts/names.ts";
import { Card, Facts, html, type Markup, Table } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

const DAYS = 7;
const DAY = 24 * 3_600_000;

/** What providers' own prompt caches saved, and what they gave in the last days. */
export function PromptCaches(visit: Visit): Markup {
  const { say, show, engine, now } = visit;
  const rows = groupUsage(engine.store, { from: now - DAYS * DAY, to: now + 1, per: "hour" }, ["provider"])
    .filter(({ input, cacheRead, cacheWrite }) => input + cacheRead + cacheWrite > 0)
    .toSorted((a, b) => b.cacheRead - a.cacheRead);
  return Card({
    title: say("prompt-caches.title"),
    lead: say("prompt-caches.lead", { days: DAYS }),
    flush: rows.length > 0,
    children:
      rows.length === 0
        ? html`<p class="text-muted">${say("prompt-caches.empty")}</p>`
        : html`<div class="px-5 pb-4">${Saved(visit)}</div>
            ${Table<UsageGroup>({
              label: say("prompt-caches.title"),
              rows,
              columns: [
                {
                  title: say("prompt-caches.provider"),
                  cell: ({ provider }) => providerName(engine, provider ?? ""),
                },
                {
                  title: say("prompt-caches.requests"),
                  numeric: true,
                  wide: true,
                  cell: ({ requests }) => show.number(requests),
                },
                {
                  title: say("prompt-caches.share"),
                  numeric: true,
                  cell: (group) =>
                    show.percent(group.cacheRead / (group.input + group.cacheRead + group.cacheWrite)),
                },
                {
                  title: say("prompt-caches.read"),
                  numeric: true,
                  cell: ({ cacheRead }) => show.compact(cacheRead),
                },
                {
                  title: say("prompt-caches.written"),
                  numeric: true,
                  cell: ({ cacheWrite }) => show.compact(cacheWrite),
                },
              ],
            })}`,
  });
}

/** Since counting began: the sums survive a restart. */
function Saved({ say, show, engine }: Visit): Markup {
  const { totalRequests, hitRate, costSaved, shadowCostSaved } = engine.caches.promptCache.stats();
  if (totalRequests === 0) return undefined;
  return Facts([
    [say("prompt-caches.rate"), show.percent(hitRate)],
    [say("prompt-caches.saved"), show.money(costSaved)],
    [say("prompt-caches.saved.shadow"), show.money(shadowCostSaved)],
  ]);
}
