import type { EvalProgress } from "../../../src/evals/index.ts";
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
  Relative,
  Table,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { PassRate } from "./pass-rate.ts";
import { usageTabs } from "./tabs.ts";

const RUNS_SHOWN = 100;

/** Suites of questions, and what models made of them. */
export const evals = definePage({
  path: "/usage/evals",
  title: "evals.title",
  under: "/usage",
  load: ({ engine }) => ({
    suites: engine.evals.suites.list(),
    running: engine.evals.runs.running(),
    runs: engine.evals.runs.list(undefined, RUNS_SHOWN),
  }),
  view: ({ suites, running, runs }, visit) => {
    const { say, show } = visit;
    return html`
      ${Heading({
        title: say("usage.title"),
        lead: say("evals.lead"),
        aside: ButtonLink({ href: "/dashboard/usage/evals/new", label: say("evals.new"), icon: "plus" }),
      })}
      ${usageTabs(visit, "evals")}
      <div class="space-y-6">
        <ul class="grid grid-cols-1 gap-3 md:grid-cols-2 xl:grid-cols-3">
          ${suites.map(
            ({ id, name, description, cases, builtIn }) =>
              html`<li>
                <a class="tile items-start" href=${`/dashboard/usage/evals/${id}`}>
                  <span class="min-w-0 flex-1">
                    <span class="flex flex-wrap items-center gap-2 font-medium">
                      ${name} ${builtIn && Badge("quiet", say("evals.built-in"))}
                    </span>
                    <span class="block text-muted">${builtIn ? say("evals.golden") : description}</span>
                    <span class="block text-small text-muted"
                      >${say("evals.cases", { count: cases.length })}</span
                    >
                  </span>
                </a>
              </li>`,
          )}
        </ul>
        <div id="evals-running" data-live="eval">${running.length > 0 && Running(visit, running)}</div>
        ${Card({
          title: say("evals.history"),
          lead: runs.length > 1 ? say("evals.history.lead") : undefined,
          flush: true,
          children:
            runs.length === 0
              ? EmptyState({ icon: "check", title: say("evals.empty"), children: say("evals.empty.note") })
              : html`<form method="get" action="/dashboard/usage/evals/compare">
                  ${Table({
                    label: say("evals.history"),
                    rows: runs,
                    rowId: ({ id }) => `run-${id}`,
                    columns: [
                      {
                        title: say("evals.compare"),
                        silent: true,
                        cell: ({ id, suiteName }) =>
                          html`<input
                            type="checkbox"
                            name="run"
                            value=${id}
                            aria-label=${say("evals.compare.with", { name: suiteName })}
                          />`,
                      },
                      {
                        title: say("evals.suite"),
                        cell: ({ id, suiteName, status, models }) =>
                          html`<a class="link" href=${`/dashboard/usage/evals/runs/${id}`}>${suiteName}</a>
                            ${status === "cancelled" && Badge("warn", say("evals.cancelled"))}
                            ${models.map((model) => html`<code class="block text-tiny break-words text-muted sm:hidden">${model}</code>`)}`,
                      },
                      {
                        title: say("evals.models"),
                        wide: true,
                        cell: ({ models }) => html`<code class="break-all">${models.join(", ")}</code>`,
                      },
                      { title: say("evals.passed"), cell: ({ summary }) => PassRate(visit, summary) },
                      {
                        title: say("evals.cost"),
                        numeric: true,
                        wide: true,
                        cell: ({ summary }) => show.money(summary.cost),
                      },
                      { title: say("evals.at"), numeric: true, cell: ({ at }) => Relative(visit, at) },
                    ],
                  })}
                  ${runs.length > 1 && html`<div class="border-t border-line p-4">${Button({ label: say("evals.compare"), small: true })}</div>`}
                </form>`,
        })}
      </div>
    `;
  },
});

/** Runs at work, with how far they are. */
export function Running(visit: Visit, running: readonly EvalProgress[]): Markup {
  const { say, show } = visit;
  return Card({
    title: say("evals.running"),
    children: html`<ul class="space-y-3">
      ${running.map(
        ({ runId, suiteName, models, done, total, passed }) =>
          html`<li class="flex flex-wrap items-center gap-x-4 gap-y-1">
            <a class="link" href=${`/dashboard/usage/evals/runs/${runId}`}>${suiteName}</a>
            <code class="min-w-0 flex-1 truncate text-muted">${models.join(", ")}</code>
            <progress
              class="progress"
              max=${total}
              value=${done}
              aria-label=${say("evals.progress")}
            ></progress>
            <span class="text-muted"
              >${say("evals.done", { done: show.number(done), total: show.number(total), passed: show.number(passed) })}</span
            >
          </li>`,
      )}
    </ul>`,
  });
}
