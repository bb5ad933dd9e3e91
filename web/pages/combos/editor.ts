import { type Combo, COMBO_DEFAULTS, type ComboConfig, type ComboEntry } from "../../../src/core/combo.ts";
import type { ComboStrategy } from "../../../src/core/strategy-names.ts";
import type { ConnectionView } from "../../../src/manage/index.ts";
import { STRATEGIES } from "../../../src/routing/index.ts";
import { actionUrl } from "../../page.ts";
import { chatModels } from "../../parts/model-choice.ts";
import { strategyHint, strategyLabel } from "../../parts/strategy-words.ts";
import {
  Button,
  Card,
  CheckField,
  Form,
  type FormState,
  html,
  type Markup,
  TextField,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { entriesOf } from "./combo-form.ts";
import { ConfigFields, isTouched } from "./config-fields.ts";
import { EntryRow } from "./entry-row.ts";

/** What the editor begins with. */
export type Draft = Pick<Combo, "name" | "strategy" | "models" | "config" | "isActive">;

/** A combo as a form. Rows move by their buttons, with scripts also by dragging; without scripts the server moves them. */
export function ComboEditor(
  visit: Visit,
  draft: Draft,
  { connections, save }: { connections: readonly ConnectionView[]; save: string },
): Markup {
  const { say } = visit;
  return Form({
    visit,
    action: "save",
    className: "space-y-6",
    children: (form) => {
      // The first button of a form is what the Enter key presses.
      const entries = form.returned ? entriesOf(form.returned.typed, { withEmpty: true }) : draft.models;
      return html`
        <button class="sr-only" tabindex="-1" aria-hidden="true">${save}</button>
        ${Card({
          title: say("combo.basics"),
          children: html`<div class="grid grid-cols-1 items-start gap-5 md:grid-cols-2">
            ${TextField({
              form,
              name: "name",
              label: say("combo.name"),
              hint: say("combo.name.hint"),
              value: draft.name,
              required: true,
              maxlength: 100,
              pattern: "[A-Za-z0-9_\\/.\\-]+",
              patternHint: say("combo.name.pattern"),
              placeholder: "my-coding-stack",
              code: true,
            })}
            ${CheckField({ form, name: "isActive", label: say("combo.active"), hint: say("combo.active.hint"), checked: draft.isActive })}
          </div>`,
        })}
        ${Strategies(form, draft.strategy)} ${Entries(form, visit, entries, connections)}
        ${Config(form, draft.config)}
        <div>${Button({ label: save, tone: "primary" })}</div>
      `;
    },
  });
}

function Strategies(form: FormState, stored: ComboStrategy): Markup {
  const { visit } = form;
  const { say } = visit;
  const chosen = form.value("strategy", stored);
  return Card({
    title: say("combo.strategy"),
    lead: say("combo.strategy.lead"),
    children: html`<fieldset class="grid grid-cols-1 gap-2 sm:grid-cols-2 lg:grid-cols-3 xl:grid-cols-5">
      <legend class="sr-only">${say("combo.strategy")}</legend>
      ${STRATEGIES.map(
        (strategy) =>
          html`<label class="choice">
            <input type="radio" name="strategy" value=${strategy.id} checked=${strategy.id === chosen} />
            <span class="font-medium">${strategyLabel(visit, strategy)}</span>
            <span class="text-small text-muted">${strategyHint(visit, strategy)}</span>
          </label>`,
      )}
    </fieldset>`,
  });
}

function Entries(
  form: FormState,
  visit: Visit,
  entries: readonly ComboEntry[],
  connections: readonly ConnectionView[],
): Markup {
  const { say } = visit;
  const fault = form.fault("models");
  const arrange = actionUrl(visit, "arrange");
  const rows = entries.length > 0 ? entries : [{ model: "" }];
  return Card({
    title: say("combo.models"),
    lead: say("combo.models.lead"),
    flush: true,
    children: html`
      ${fault && html`<p class="field-fault px-5 pt-3" role="alert">${fault}</p>`}
      <ol
        class="divide-y divide-line"
        data-reorder
        aria-label=${say("combo.models")}
        data-moved=${say("combo.moved")}
      >
        ${rows.map((entry, index) => EntryRow(visit, { entry, index, count: rows.length, connections, arrange }))}
      </ol>
      <div class="border-t border-line px-5 py-4">
        ${Button({
          label: say("combo.add-model"),
          icon: "plus",
          small: true,
          name: "move",
          value: "add",
          to: arrange,
          unchecked: true,
          data: { "row-add": "" },
        })}
      </div>
      <datalist id="chat-models">
        ${chatModels(visit.engine).map((name) => html`<option value=${name}></option>`)}
      </datalist>
    `,
  });
}

function Config(form: FormState, config: ComboConfig): Markup {
  const { say, engine } = form.visit;
  const otherwise: ComboConfig = { ...COMBO_DEFAULTS, ...engine.settings().comboDefaults };
  return html`<details class="card more-card" open=${isTouched(config) || form.returned !== undefined}>
    <summary class="card-title">${say("combo.config")}</summary>
    <div class="grid grid-cols-1 gap-5 px-5 pb-5 sm:grid-cols-2 xl:grid-cols-3">
      ${ConfigFields(form, config, { otherwise })}
    </div>
  </details>`;
}
