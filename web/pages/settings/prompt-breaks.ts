import type { PromptBreak } from "../../../src/core/prompt-break.ts";
import { breakSentence, KeepWords } from "../../parts/prompt-break.ts";
import { Badge, Card, html, type Markup, Relative, Table } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

const SHOWN = 20;

/** Where conversations stopped fitting the providers' caches, the newest first, and whether the words are kept. */
export function PromptBreaks(visit: Visit): Markup {
  const { say, engine } = visit;
  const { promptCache } = engine.caches;
  const rows = promptCache.breaks(SHOWN);
  return Card({
    id: "prompt-breaks",
    title: say("prompt-breaks.title"),
    lead: say("prompt-breaks.lead"),
    children: html`<div class="space-y-5">
      ${
        rows.length === 0
          ? html`<p class="text-muted">${say("prompt-breaks.empty")}</p>`
          : Table<PromptBreak>({
              label: say("prompt-breaks.title"),
              rows,
              tall: true,
              columns: [
                {
                  title: say("prompt-breaks.at"),
                  cell: ({ at, requestId }) =>
                    html`<a
                      class="link"
                      href=${`/dashboard/logs/${encodeURIComponent(requestId)}#prompt-break`}
                      >${Relative(visit, at)}</a
                    >`,
                },
                {
                  title: say("request.model"),
                  wide: true,
                  cell: ({ model }) => html`<code class="break-all">${model}</code>`,
                },
                {
                  title: say("prompt-breaks.why"),
                  cell: (broke) =>
                    html`${breakSentence(visit, broke)}
                    ${promptCache.diffOf(broke.requestId) !== undefined && Badge("info", say("prompt-breaks.diff"))}`,
                },
              ],
            })
      }
      ${KeepWords(visit)}
    </div>`,
  });
}
