import type { ConnectionView } from "../../../src/manage/index.ts";
import { Button, Card, Form, html, type Markup, SelectField, TextField } from "../../ui/index.ts";
import type { FormFields } from "../../server/form-fields.ts";
import type { Visit } from "../../visit.ts";

const WINDOWS = ["5h", "daily", "weekly", "monthly"] as const;
const UNITS = ["requests", "tokens", "usd"] as const;

/** What a person wrote down for one window. */
type OwnLimit = { name: (typeof WINDOWS)[number]; limit: number; unit: (typeof UNITS)[number]; hour: number };

/** Limits that a person knows of and the provider does not tell: one for each window; empty takes it away. */
export function OwnLimits(visit: Visit, { id }: ConnectionView): Markup {
  const { say, engine } = visit;
  const limits = engine.manage.quotas.of(id).ownLimits as readonly OwnLimit[];
  return Card({
    id: "limits",
    title: say("own-limits.title"),
    lead: say("own-limits.lead"),
    children: Form({
      visit,
      action: "save-limits",
      className: "space-y-4",
      children: (form) => html`
        ${WINDOWS.map((window) => {
          const stored = limits.find(({ name }) => name === window);
          return html`<fieldset
            class="grid grid-cols-[minmax(0,1fr)_8rem] items-end gap-3 sm:grid-cols-[7rem_minmax(0,1fr)_9rem]"
          >
            <legend class="float-left pt-1.5 font-medium max-sm:col-span-2">
              ${say(`quota.window.${window}`)}
            </legend>
            ${TextField({
              form,
              name: `limit-${window}`,
              label: say("own-limits.limit", { window: say(`quota.window.${window}`) }),
              silent: true,
              value: stored === undefined ? "" : String(stored.limit),
              placeholder: say("own-limits.none"),
              pattern: "\\d*([.,]\\d+)?",
              patternHint: say("own-limits.number"),
            })}
            ${SelectField({
              form,
              name: `unit-${window}`,
              label: say("own-limits.unit", { window: say(`quota.window.${window}`) }),
              silent: true,
              value: stored?.unit ?? "requests",
              options: UNITS.map((unit) => [unit, say(`own-limits.unit.${unit}`)]),
            })}
          </fieldset>`;
        })}
        ${TextField({
          form,
          name: "hour",
          label: say("own-limits.hour"),
          hint: say("own-limits.hour.hint"),
          type: "number",
          min: 0,
          max: 23,
          value: String(limits.find(({ name }) => name !== "5h")?.hour ?? 0),
        })}
        ${Button({ label: say("common.save"), tone: "primary" })}
      `,
    }),
  });
}

/** The limits of the form, as the API takes them. */
export function limitsIn(form: FormFields): object[] {
  return WINDOWS.filter((window) => form.text(`limit-${window}`) !== "").map((window) => ({
    name: window,
    limit: form.text(`limit-${window}`).replace(",", "."),
    unit: form.text(`unit-${window}`),
    ...(window !== "5h" && { hour: form.text("hour") || 0 }),
  }));
}
