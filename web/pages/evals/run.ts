import type { EvalResult } from "../../../src/core/eval-run.ts";
import { actionUrl, definePage } from "../../page.ts";
import {
  Badge,
  Button,
  Card,
  Confirm,
  Heading,
  html,
  type Markup,
  Moment,
  Stat,
  Stats,
  Table,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { Running } from "./list.ts";
import { PassRate } from "./pass-rate.ts";

/** One run: how far it is, and what each model made of each question. */
export const evalRun = definePage({
  path: "/usage/evals/runs/:run",
  title: "evals.title",
  under: "/usage",
  load: ({ engine, params }) => {
    const id = params["run"] ?? "";
    const running = engine.evals.runs.progress(id);
    if (running) return { running: running.progress, kept: undefined, results: running.results };
    const kept = engine.evals.runs.find(id);
    return { running: undefined, kept, results: kept.results };
  },
  view: ({ running, kept, results }, visit) => {
    const { say, show } = visit;
    const suiteName = running?.suiteName ?? kept?.suiteName ?? "";
    const at = running?.at ?? kept?.at ?? visit.now;
    const id = running?.runId ?? kept?.id ?? "";
    return html`
      ${Heading({
        title: suiteName,
        lead: html`${Moment(visit, at)}`,
        back: { href: "/dashboard/usage/evals", label: say("evals.title") },
        aside: kept
          ? Confirm({
              visit,
              id: "remove-run",
              action: "remove",
              fields: { id },
              label: say("evals.run.remove"),
              tone: "plain",
              question: say("evals.run.remove.ask"),
              consequence: say("evals.run.remove.then"),
              go: say("evals.run.remove"),
            })
          : html`<form method="post" action=${actionUrl(visit, "cancel")}>
              ${Button({ label: say("evals.cancel"), icon: "stop" })}
            </form>`,
      })}
      <div class="space-y-6" id="eval-run" data-live="eval">
        ${running && Running(visit, [running])}
        ${
          kept &&
          Stats({
            label: say("evals.run.figures"),
            children: html`
              ${Stat({ label: say("evals.passed"), value: show.percent(kept.summary.passRate), note: `${show.number(kept.summary.passed)}/${show.number(kept.summary.total)}` })}
              ${Stat({ label: say("evals.failed"), value: show.number(kept.summary.failed) })}
              ${Stat({ label: say("evals.cost"), value: show.money(kept.summary.cost), note: kept.summary.unknownPrices > 0 && say("evals.estimated.unknown", { count: kept.summary.unknownPrices }) })}
              ${Stat({ label: say("evals.took"), value: show.duration(kept.finishedAt - kept.at), note: kept.status === "cancelled" && say("evals.cancelled") })}
            `,
          })
        }
        ${results.length > 0 && Results(visit, results)}
      </div>
    `;
  },
  actions: {
    cancel: async ({ engine, params, say }) => {
      await engine.evals.runs.cancel(params["run"] ?? "");
      return say("evals.cancelled.done");
    },
    remove: ({ engine, params, say }) => {
      engine.evals.runs.remove(params["run"] ?? "");
      return { message: say("evals.run.removed"), to: "/dashboard/usage/evals" };
    },
  },
});

function Results(visit: Visit, results: readonly EvalResult[]): Markup {
  const { say, show } = visit;
  const models = [...new Set(results.map(({ model }) => model ?? ""))];
  return Card({
    title: say("evals.results"),
    flush: true,
    children: html`
      <ul class="flex flex-wrap gap-x-6 gap-y-2 border-b border-line px-5 py-3">
        ${models.map((model) => {
          const own = results.filter((result) => (result.model ?? "") === model);
          return html`<li class="flex flex-wrap items-center gap-2">
            <code>${model}</code>
            ${PassRate(visit, { passed: own.filter(({ passed }) => passed).length, total: own.length })}
          </li>`;
        })}
      </ul>
      ${Table({
        label: say("evals.results"),
        rows: results,
        columns: [
          { title: say("evals.case"), cell: ({ caseId }) => html`<code>${caseId}</code>` },
          {
            title: say("evals.model"),
            wide: true,
            cell: ({ model, answeredBy }) =>
              html`<code class="break-all">${model}</code
                >${answeredBy !== undefined && answeredBy !== model && html`<code class="block text-small break-all text-muted">${answeredBy}</code>`}`,
          },
          {
            title: say("evals.outcome"),
            cell: ({ passed }) => Badge(passed ? "ok" : "bad", say(passed ? "evals.pass" : "evals.fail")),
          },
          {
            title: say("evals.answer"),
            cell: ({ output, details }) =>
              html`<span class="line-clamp-3 max-w-lg break-words">${output}</span
                ><span class="block text-small text-muted" lang="en">${details}</span>`,
          },
          { title: say("evals.took"), numeric: true, cell: ({ durationMs }) => show.duration(durationMs) },
          { title: say("evals.cost"), numeric: true, wide: true, cell: ({ cost }) => show.money(cost) },
        ],
      })}
    `,
  });
}
