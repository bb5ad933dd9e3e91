import { definePage } from "../../page.ts";
import { ButtonLink, Card, EmptyState, Heading, html, Icon, Moment, Table } from "../../ui/index.ts";
import { PassRate } from "./pass-rate.ts";

const MOST_RUNS = 10;

/** Runs side by side: what each model of each made of every question. */
export const compareEvals = definePage({
  path: "/usage/evals/compare",
  title: "evals.comparison",
  under: "/usage",
  load: ({ engine, url }) => {
    const known = new Set(engine.evals.runs.list().map(({ id }) => id));
    const ids = url.searchParams
      .getAll("run")
      .filter((id) => known.has(id))
      .slice(0, MOST_RUNS);
    return ids.length === 0 ? undefined : engine.evals.runs.compare(ids);
  },
  view: (comparison, visit) => {
    const { say, show } = visit;
    return html`
      ${Heading({
        title: say("evals.comparison"),
        lead: say("evals.comparison.lead"),
        back: { href: "/dashboard/usage/evals", label: say("evals.title") },
      })}
      ${Card({
        flush: true,
        children: !comparison
          ? EmptyState({
              icon: "check",
              title: say("evals.comparison.none"),
              action: ButtonLink({ href: "/dashboard/usage/evals", label: say("evals.history") }),
            })
          : Table({
              label: say("evals.comparison"),
              rows: [undefined, ...comparison.rows],
              columns: [
                {
                  title: say("evals.case"),
                  cell: (row) =>
                    row
                      ? html`<code class=${row.differs ? "font-semibold text-warn" : ""}>${row.caseId}</code>`
                      : html`<span class="font-medium">${say("evals.passed")}</span>`,
                },
                ...comparison.columns.map(({ runId, at, model, summary }, index) => ({
                  title: html`<a class="link" href=${`/dashboard/usage/evals/runs/${runId}`}>${model}</a>
                    <span class="block font-normal">${Moment(visit, at)}</span>`,
                  cell: (row: (typeof comparison.rows)[number] | undefined) => {
                    if (!row) return PassRate(visit, summary);
                    const cell = row.cells[index];
                    if (!cell) return "–";
                    return html`<span class="inline-flex items-center gap-2" title=${cell.output}>
                      <span class=${cell.passed ? "text-ok" : "text-bad"}
                        >${Icon(cell.passed ? "check" : "cross", "size-4")}</span
                      >
                      <span class="sr-only">${say(cell.passed ? "evals.pass" : "evals.fail")}</span>
                      <span class="text-muted">${show.duration(cell.durationMs)}</span>
                    </span>`;
                  },
                })),
              ],
            }),
      })}
    `;
  },
});
