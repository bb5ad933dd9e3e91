import { definePage } from "../../page.ts";
import { ButtonLink, Badge, Card, EmptyState, html, Moment, Table } from "../../ui/index.ts";
import { TranslatorHead } from "./tabs.ts";

const SHOWN = 100;

/** Translations of real calls, as they happen. */
export const liveTranslations = definePage({
  path: "/translator/live",
  title: "translator.mode.live",
  under: "/translator",
  load: ({ engine }) => engine.translator.history(SHOWN),
  view: ({ events, total }, visit) => {
    const { say, show } = visit;
    return html`
      ${TranslatorHead(visit, "live")}
      ${Card({
        id: "translations",
        live: "request",
        title: say("translator.live.total", { count: total }),
        aside: html`<span data-live-state></span>`,
        flush: true,
        children:
          events.length === 0
            ? EmptyState({
                icon: "translate",
                title: say("translator.live.empty"),
                children: say("translator.live.empty.note"),
                action: ButtonLink({ href: "/dashboard/playground", label: say("playground.title") }),
              })
            : Table({
                label: say("translator.mode.live"),
                rows: events,
                rowId: ({ id }) => `translation-${id}`,
                columns: [
                  { title: say("translator.live.at"), cell: ({ at }) => Moment(visit, at) },
                  {
                    title: say("translator.live.way"),
                    cell: ({ id, sourceFormat, targetFormat, translated }) =>
                      html`<a class="row-link" href=${`/dashboard/logs/${id}`}
                          ><code>${sourceFormat}</code> → <code>${targetFormat}</code></a
                        >
                        ${!translated && Badge("quiet", say("translator.live.same"))}`,
                  },
                  {
                    title: say("translator.live.model"),
                    wide: true,
                    cell: ({ model }) => html`<code class="break-all">${model}</code>`,
                  },
                  {
                    title: say("translator.live.lost"),
                    cell: ({ losses }) =>
                      losses.length > 0 &&
                      html`<span title=${losses.join("\n")}
                        >${Badge("warn", show.number(losses.length))}</span
                      >`,
                  },
                  {
                    title: say("request.status"),
                    cell: ({ status }) => Badge(status < 400 ? "ok" : "bad", String(status)),
                  },
                  {
                    title: say("translator.live.took"),
                    numeric: true,
                    cell: ({ durationMs }) => show.duration(durationMs),
                  },
                ],
              }),
      })}
    `;
  },
});
