import type { EvalEstimate, Suite } from "../../../src/evals/index.ts";
import { actionUrl, definePage } from "../../page.ts";
import { chatModels, suggestedModel } from "../../parts/model-choice.ts";
import type { FormFields } from "../../server/form-fields.ts";
import {
  Badge,
  Button,
  Card,
  Confirm,
  Form,
  Heading,
  html,
  type Markup,
  Notice,
  Table,
  TextArea,
  TextField,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { SuiteForm, suiteActions } from "./suite-form.ts";

/** One suite: its questions, asking them of models, and changing them. */
export const evalSuite = definePage({
  path: "/usage/evals/:suite",
  title: "evals.title",
  under: "/usage",
  load: ({ engine, params, returned }) => {
    const suite = engine.evals.suites.find(params["suite"] ?? "");
    const typed = returned?.action === "run" && !returned.error ? returned.typed : undefined;
    return {
      suite,
      estimate: typed && engine.evals.estimate(wishIn(suite.id, typed)),
      model: suggestedModel(engine),
      models: chatModels(engine),
    };
  },
  view: ({ suite, estimate, model, models }, visit) => {
    const { say } = visit;
    const { name, description, builtIn } = suite;
    const isEditing = visit.url.searchParams.has("edit") || isOfSuite(visit.returned?.action);
    return html`
      ${Heading({
        title: name,
        lead: builtIn ? say("evals.golden") : description,
        badge: builtIn && Badge("quiet", say("evals.built-in")),
        back: { href: "/dashboard/usage/evals", label: say("evals.title") },
        aside:
          !builtIn &&
          Confirm({
            visit,
            id: "remove-suite",
            action: "remove",
            fields: {},
            label: say("evals.remove"),
            tone: "plain",
            question: say("evals.remove.ask", { name }),
            consequence: say("evals.remove.then"),
            go: say("evals.remove"),
          }),
      })}
      <datalist id="models">${models.map((each) => html`<option value=${each}></option>`)}</datalist>
      <div class="space-y-6">
        ${Card({ title: say("evals.run"), lead: say("evals.run.lead"), children: RunForm(visit, estimate, model) })}
        ${Card({ title: say("evals.cases", { count: suite.cases.length }), flush: true, children: Cases(visit, suite) })}
        ${Card({
          id: "edit",
          title: say(builtIn ? "evals.copy" : "evals.change"),
          lead: say("evals.change.lead"),
          children: html`<details class="more" open=${isEditing}>
            <summary class="text-small font-medium text-muted">${say("evals.change.show")}</summary>
            <div class="mt-3">${SuiteForm(visit, suite)}</div>
          </details>`,
        })}
      </div>
    `;
  },
  actions: {
    estimate: (_visit, form) => ({ again: form, of: "run" }),
    run: ({ engine, params }, form) => {
      const { id } = engine.evals.start(wishIn(params["suite"] ?? "", form));
      return { to: `/dashboard/usage/evals/runs/${id}` };
    },
    ...suiteActions,
    remove: ({ engine, params, actor, say }) => {
      engine.evals.suites.remove(params["suite"] ?? "", actor);
      return { message: say("evals.removed"), to: "/dashboard/usage/evals" };
    },
  },
});

/** A suite of one's own. */
export const newEvalSuite = definePage({
  path: "/usage/evals/new",
  title: "evals.new",
  under: "/usage",
  load: ({ engine }) => ({ models: chatModels(engine) }),
  view: ({ models }, visit) => html`
    ${Heading({
      title: visit.say("evals.new"),
      lead: visit.say("evals.change.lead"),
      back: { href: "/dashboard/usage/evals", label: visit.say("evals.title") },
    })}
    <datalist id="models">${models.map((each) => html`<option value=${each}></option>`)}</datalist>
    ${Card({ id: "edit", children: SuiteForm(visit, undefined) })}
  `,
  actions: suiteActions,
});

const isOfSuite = (action: string | undefined): boolean => action !== undefined && action in suiteActions;

function RunForm(visit: Visit, estimate: EvalEstimate | undefined, model: string): Markup {
  const { say } = visit;
  return Form({
    visit,
    action: "run",
    className: "space-y-4",
    children: (form) => html`
      ${TextArea({ form, name: "models", label: say("evals.models"), hint: say("evals.models.hint"), value: model, rows: 3, code: true })}
      <div class="grid grid-cols-1 gap-4 sm:grid-cols-3">
        ${TextField({ form, name: "tags", label: say("evals.tags"), hint: say("evals.tags.hint") })}
        ${TextField({ form, name: "judge", label: say("evals.judge"), hint: say("evals.judge.hint"), list: "models", code: true })}
        ${TextField({ form, name: "parallel", label: say("evals.parallel"), type: "number", min: 1, max: 16, value: "4" })}
      </div>
      ${estimate && Estimate(visit, estimate)}
      <div class="flex flex-wrap gap-2">
        ${Button({ label: say("evals.estimate"), to: actionUrl(visit, "estimate") })}
        ${Button({ label: say("evals.run.go"), icon: "play", tone: "primary" })}
      </div>
    `,
  });
}

function Estimate({ say, show }: Visit, { models, calls, cost, unknownPrices }: EvalEstimate): Markup {
  return Notice({
    tone: "info",
    title: `${say("evals.estimated", { count: calls })} · ≈ ${show.money(cost)}`,
    children: html`<ul>
      ${models.map(
        ({ model, calls: each, cost: part, error }) =>
          html`<li>
            <code>${model}</code>:
            ${error === undefined ? `${show.number(each)} · ${show.money(part)}` : html`<span lang="en">${error}</span>`}
          </li>`,
      )}
      ${unknownPrices > 0 && html`<li>${say("evals.estimated.unknown", { count: unknownPrices })}</li>`}
    </ul>`,
  });
}

function Cases({ say }: Visit, { cases }: Suite): Markup {
  return Table({
    label: say("evals.case"),
    rows: cases,
    columns: [
      {
        title: say("evals.case"),
        cell: ({ name, id, tags }) =>
          html`<span class="font-medium">${name}</span>
            <span class="block text-small text-muted"><code>${id}</code> ${tags.join(", ")}</span>`,
      },
      {
        title: say("evals.question"),
        cell: ({ input }) =>
          html`<span class="line-clamp-3 max-w-md break-words"
            >${typeof input === "string" ? input : input.messages.at(-1)?.content}</span
          >`,
      },
      {
        title: say("evals.expected"),
        cell: ({ expected: { strategy, value } }) =>
          html`${Badge("quiet", say(`evals.strategy.${strategy}`))} <code class="break-all">${value}</code>`,
      },
    ],
  });
}

const wishIn = (suiteId: string, form: FormFields) => ({
  suiteId,
  models: form.lines("models"),
  tags: form
    .text("tags")
    .split(/[\s,]+/)
    .filter(Boolean),
  parallel: Number(form.text("parallel")) || 4,
  ...(form.optional("judge") !== undefined && { judge: form.text("judge") }),
});
