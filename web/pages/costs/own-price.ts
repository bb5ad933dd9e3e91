import { badRequest } from "../../../src/core/errors.ts";
import type { Price } from "../../../src/core/provider.ts";
import type { PricedModel } from "../../../src/manage/index.ts";
import { UNIT_NAMES, UNITS } from "../../parts/price.ts";
import type { FormFields } from "../../server/form-fields.ts";
import { Button, Card, Form, html, type Markup, TextField } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

/** What tokens cost, per million. */
export const FIELDS = ["input", "output", "cacheRead", "cacheWrite", "reasoning"] as const;
type Unit = keyof typeof UNITS;
type Field = (typeof FIELDS)[number] | Unit;

/** A price of the owner's own, for one model; of `edited`, what counts now. */
export function OwnPrice(
  visit: Visit,
  provider: string,
  models: readonly PricedModel[],
  edited: PricedModel | undefined,
): Markup {
  const { say } = visit;
  const stored = (field: Field) => {
    const amount = edited?.price?.[field];
    return amount === undefined ? "" : String(amount * (field in UNITS ? UNITS[field as Unit] : 1));
  };
  return Card({
    id: "own-price",
    title: say("pricing.own"),
    lead: say("pricing.own.lead"),
    children: Form({
      visit,
      action: "set",
      className: "space-y-4",
      children: (form) => html`
        <input type="hidden" name="provider" value=${provider} />
        ${TextField({ form, name: "model", label: say("request.model"), value: edited?.model.id ?? "", required: true, list: "priced-models", maxlength: 256, code: true })}
        <datalist id="priced-models">
          ${models.map(({ model }) => html`<option value=${model.id}></option>`)}
        </datalist>
        <div class="grid grid-cols-2 gap-4">
          ${[...FIELDS, ...UNIT_NAMES].map((field) =>
            TextField({
              form,
              name: field,
              label: say(`pricing.${field}`),
              value: stored(field),
              pattern: "\\d*([.,]\\d+)?",
              patternHint: say("key-rules.money"),
              placeholder: "–",
            }),
          )}
        </div>
        ${Button({ label: say("common.save"), tone: "primary" })}
      `,
    }),
  });
}

/** The amounts that were entered, per token field or unit. Throws `bad_request` where there are none. */
export function priceIn(form: FormFields): Partial<Price> {
  const price = Object.fromEntries(
    [...FIELDS, ...UNIT_NAMES]
      .filter((field) => form.optional(field) !== undefined)
      .map((field) => [field, amountOf(form, field) / (field in UNITS ? UNITS[field as Unit] : 1)]),
  );
  if (Object.keys(price).length === 0) throw badRequest("Enter at least one price.", "input");
  return price;
}

/** Dollars, with a point or a comma. Throws `bad_request` for what is no amount. */
function amountOf(form: FormFields, field: keyof Price): number {
  const amount = Number(form.text(field).replace(",", "."));
  if (!Number.isFinite(amount) || amount < 0) throw badRequest("This is no amount of dollars.", field);
  return amount;
}
