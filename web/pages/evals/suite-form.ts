import { badRequest } from "../../../src/core/errors.ts";
import { type EvalCase, STRATEGIES, type Suite } from "../../../src/evals/index.ts";
import { tryParseJson } from "../../../src/lib/json.ts";
import { type Action, actionUrl } from "../../page.ts";
import {
  Button,
  Form,
  type FormState,
  html,
  type Markup,
  Notice,
  SelectField,
  TextArea,
  TextField,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { addressWith } from "../usage/filters.ts";
import {
  type CaseDraft,
  draftOf,
  draftsIn,
  earlierMessages,
  EMPTY_CASE,
  fieldName,
  rearranged,
  saveFromFields,
} from "./case-fields.ts";

/** More questions than this are only edited as JSON. */
const MOST_IN_FORM = 60;
/** Up to here all questions are open. */
const MOST_OPEN = 3;

const EXAMPLE: EvalCase[] = [
  {
    id: "capital",
    name: "Capital",
    input: "What is the capital of Peru?",
    expected: { strategy: "contains", value: "Lima" },
    tags: ["knowledge"],
  },
];

/** A suite to be written or changed: question by question, or as JSON, as the address says. */
export function SuiteForm(visit: Visit, suite: Suite | undefined): Markup {
  const { say, url } = visit;
  const shown = suite ?? { cases: EXAMPLE, id: "", name: "", description: "", builtIn: false };
  const isLong = shown.cases.length > MOST_IN_FORM;
  const isJson = isLong || url.searchParams.get("edit") === "json";
  return html`
    <nav class="pills mb-5" aria-label=${say("evals.edit")}>
      ${(["form", "json"] as const).map(
        (way) =>
          html`<a
            href=${`${addressWith(url, { edit: way })}#edit`}
            aria-current=${(way === "json") === isJson ? "page" : undefined}
            >${way === "json" ? "JSON" : say("evals.edit.form")}</a
          >`,
      )}
    </nav>
    ${isLong && Notice({ tone: "quiet", children: say("evals.edit.long", { count: MOST_IN_FORM }) })}
    ${isJson ? JsonForm(visit, shown) : FieldsForm(visit, shown)}
  `;
}

/** What the forms do. */
export const suiteActions: { readonly [name: string]: Action } = {
  arrange: (_visit, form) => ({ again: rearranged(form), of: "saveFields" }),
  saveFields: (visit, form) => saved(visit, saveFromFields(visit, form)),
  save: (visit, form) => {
    const cases = tryParseJson(form.secret("cases"));
    if (!Array.isArray(cases)) throw badRequest(visit.say("evals.fault.json"), "cases");
    const fields = {
      name: form.text("name"),
      description: form.text("description"),
      cases: cases as never,
    };
    return saved(visit, visit.engine.evals.suites.save(form.text("suite"), fields, visit.actor));
  },
};

const saved = ({ say }: Visit, { id, name }: Suite) => ({
  message: say("evals.saved", { name }),
  to: `/dashboard/usage/evals/${id}`,
});

function JsonForm(visit: Visit, shown: Suite): Markup {
  const { say } = visit;
  return Form({
    visit,
    action: "save",
    className: "space-y-4",
    children: (form) => html`
      ${Names(form, shown)}
      ${TextArea({ form, name: "cases", label: say("evals.cases.json"), hint: say("evals.cases.hint"), value: JSON.stringify(shown.cases, null, 2), rows: 16, code: true })}
      ${Button({ label: say("evals.save"), tone: "primary" })}
    `,
  });
}

function FieldsForm(visit: Visit, shown: Suite): Markup {
  const { say } = visit;
  return Form({
    visit,
    action: "saveFields",
    className: "space-y-4",
    children: (form) => {
      const typed = form.returned && draftsIn(form.returned.typed);
      const drafts = typed ?? shown.cases.map(draftOf);
      const rows = drafts.length > 0 ? drafts : [EMPTY_CASE];
      const faulty = Number(/^cases\.(\d+)\./.exec(form.returned?.error?.param ?? "")?.[1]);
      // The first button of a form is what the Enter key presses.
      return html`
        <button class="sr-only" tabindex="-1" aria-hidden="true">${say("evals.save")}</button>
        ${Names(form, shown)}
        <ol class="space-y-3" aria-label=${say("evals.cases.json")}>
          ${rows.map((draft, index) => {
            const isOpen = rows.length <= MOST_OPEN || index === faulty || isUnwritten(draft);
            return CaseFields(form, { draft, index, count: rows.length, isOpen });
          })}
        </ol>
        <div class="flex flex-wrap gap-2">
          ${Mover(visit, "add", { label: say("evals.case.add"), icon: "plus" })}
          ${Button({ label: say("evals.save"), tone: "primary" })}
        </div>
      `;
    },
  });
}

const isUnwritten = ({ name, question }: CaseDraft): boolean => name === "" && question === "";

function Names(form: FormState, shown: Suite): Markup {
  const { say } = form.visit;
  return html`<div class="grid grid-cols-1 gap-4 sm:grid-cols-2">
      ${TextField({ form, name: "suite", label: say("evals.id"), value: shown.builtIn ? `${shown.id}-2` : shown.id, required: true, pattern: "[a-z0-9][a-z0-9_\\-]{0,63}", patternHint: say("evals.id.hint"), code: true })}
      ${TextField({ form, name: "name", label: say("evals.name"), value: shown.name, required: true, maxlength: 200 })}
    </div>
    ${TextField({ form, name: "description", label: say("evals.description"), value: shown.description })}`;
}

function CaseFields(
  form: FormState,
  { draft, index, count, isOpen }: { draft: CaseDraft; index: number; count: number; isOpen: boolean },
): Markup {
  const { visit } = form;
  const { say } = visit;
  const place = { position: index + 1 };
  const name = (field: keyof CaseDraft) => fieldName(index, field);
  const earlier = earlierMessages(draft);
  const title = `${index + 1}. ${draft.name}`;
  return html`<li>
    <details class="more eval-case rounded-lg border border-line p-4" open=${isOpen}>
      <summary>${title}</summary>
      <fieldset class="mt-4 space-y-4">
        <legend class="sr-only">${title}</legend>
        <input type="hidden" name=${name("rest")} value=${draft.rest} />
        <div class="grid grid-cols-1 gap-4 sm:grid-cols-3">
          ${TextField({ form, name: name("name"), label: say("evals.name"), value: draft.name, required: true, maxlength: 200 })}
          ${TextField({ form, name: name("id"), label: say("evals.id"), hint: say("evals.case.id.hint"), value: draft.id, maxlength: 64, code: true })}
          ${TextField({ form, name: name("tags"), label: say("evals.case.tags"), hint: say("evals.tags.hint"), value: draft.tags })}
        </div>
        ${TextArea({ form, name: name("question"), label: say("evals.case.question"), value: draft.question, rows: 3, ...(earlier > 0 && { hint: say("evals.case.earlier", { count: earlier }) }) })}
        <div class="grid grid-cols-1 gap-4 sm:grid-cols-3">
          ${SelectField({
            form,
            name: name("strategy"),
            label: say("evals.expected"),
            value: draft.strategy,
            options: STRATEGIES.map((strategy) => [strategy, say(`evals.strategy.${strategy}`)]),
          })}
          <div class="sm:col-span-2">
            ${TextArea({ form, name: name("value"), label: say("evals.case.value"), hint: say("evals.case.value.hint"), value: draft.value, rows: 2, code: true })}
          </div>
          <div class="only-regex">
            ${TextField({ form, name: name("flags"), label: say("evals.case.flags"), hint: say("evals.case.flags.hint"), value: draft.flags, maxlength: 3, code: true })}
          </div>
          <div class="only-judge">
            ${TextField({ form, name: name("judge"), label: say("evals.judge"), hint: say("evals.case.judge.hint"), value: draft.judge, list: "models", code: true })}
          </div>
        </div>
        <div class="flex flex-wrap gap-1">
          ${Mover(visit, `up:${index}`, { label: say("evals.case.up", place), icon: "up", iconOnly: true, disabled: index === 0 })}
          ${Mover(visit, `down:${index}`, { label: say("evals.case.down", place), icon: "down", iconOnly: true, disabled: index === count - 1 })}
          ${Mover(visit, `remove:${index}`, { label: say("evals.case.remove", place), icon: "trash", iconOnly: true })}
        </div>
      </fieldset>
    </details>
  </li>`;
}

/** A button that changes the list of questions and keeps what was typed. */
function Mover(
  visit: Visit,
  value: string,
  look: Pick<Parameters<typeof Button>[0], "label" | "icon" | "iconOnly" | "disabled">,
): Markup {
  const to = `${actionUrl(visit, "arrange")}#edit`;
  return Button({ ...look, name: "move", value, to, unchecked: true, small: true });
}
