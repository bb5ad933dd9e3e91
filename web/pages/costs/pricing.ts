import { badRequest } from "../../../src/core/errors.ts";
import type { Price } from "../../../src/core/provider.ts";
import type { PricedModel, PriceSource } from "../../../src/manage/index.ts";
import { actionUrl, definePage } from "../../page.ts";
import type { FormFields } from "../../server/form-fields.ts";
import { UNIT_NAMES, UnitPrices, UNITS } from "../../parts/price.ts";
import {
  Badge,
  Button,
  Card,
  EmptyState,
  Form,
  Heading,
  html,
  type Markup,
  Table,
  TextField,
  type Tone,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { costTabs } from "./tabs.ts";

const FIELDS = ["input", "output", "cacheRead", "cacheWrite", "reasoning"] as const;

type Unit = keyof typeof UNITS;

const TONES: Readonly<Record<PriceSource, Tone>> = {
  user: "info",
  catalogue: "quiet",
  list: "quiet",
  unknown: "warn",
};

/** What models cost: built in, or as the owner says. */
export const pricing = definePage({
  path: "/costs/pricing",
  title: "costs.tab.pricing",
  under: "/costs",
  load: ({ engine, url }) => {
    const entries = engine.catalogue.entries.filter(
      ({ provider, models }) => models.size > 0 && !provider.builtIn,
    );
    const wanted = url.searchParams.get("provider");
    const entry =
      entries.find(({ provider }) => provider.id === wanted) ??
      entries.find(
        ({ connections, provider }) => connections.length > 0 && provider.auth.type !== "optional-key",
      ) ??
      entries[0];
    return { entries, entry, models: entry ? engine.manage.prices.of(entry) : [] };
  },
  view: ({ entries, entry, models }, visit) => {
    const { say } = visit;
    return html`
      ${Heading({ title: say("costs.title"), lead: say("pricing.lead") })} ${costTabs(visit, "pricing")}
      <div class="space-y-4">
        <form method="get" class="filters" data-autosend>
          <label class="min-w-0">
            <span class="sr-only">${say("request.provider")}</span>
            <select class="input input-small" name="provider">
              ${entries.map(
                ({ provider }) =>
                  html`<option value=${provider.id} selected=${provider.id === entry?.provider.id}>
                    ${provider.name}
                  </option>`,
              )}
            </select>
          </label>
          <span class="needs-no-script">${Button({ label: say("logs.apply"), small: true })}</span>
        </form>
        ${
          entry &&
          html`<div class="grid grid-cols-1 items-start gap-6 xl:grid-cols-[minmax(0,1fr)_22rem]">
            ${Card({
              title: entry.provider.name,
              lead: say("pricing.unit"),
              flush: true,
              children:
                models.length === 0
                  ? EmptyState({ icon: "coins", title: say("models.empty") })
                  : Prices(visit, entry.provider.id, models),
            })}
            ${OwnPrice(visit, entry.provider.id, models)}
          </div>`
        }
      </div>
    `;
  },
  actions: {
    set: ({ engine, actor, say }, form) => {
      const provider = form.text("provider");
      const model = form.text("model");
      const price = Object.fromEntries(
        [...FIELDS, ...UNIT_NAMES]
          .filter((field) => form.optional(field) !== undefined)
          .map((field) => [field, amountOf(form, field) / (field in UNITS ? UNITS[field as Unit] : 1)]),
      );
      if (model === "") throw badRequest("Name the model.", "model");
      if (Object.keys(price).length === 0) throw badRequest("Enter at least one price.", "input");
      engine.manage.prices.change({ [provider]: { [model]: price } }, actor);
      return say("pricing.saved", { model });
    },
    reset: ({ engine, actor, say }, form) => {
      engine.manage.prices.drop(form.text("provider"), form.text("model"), actor);
      return say("pricing.reset.done", { model: form.text("model") });
    },
  },
});

function Prices(visit: Visit, provider: string, models: readonly PricedModel[]): Markup {
  const { say, show } = visit;
  return Table({
    rows: models,
    label: say("costs.tab.pricing"),
    tall: true,
    columns: [
      {
        title: say("request.model"),
        cell: ({ model, source }) =>
          html`<code class="break-all">${model.id}</code>
            ${source !== "catalogue" && Badge(TONES[source], say(`pricing.source.${source}`))}`,
      },
      ...FIELDS.map((field) => ({
        title: say(`pricing.${field}`),
        numeric: true,
        wide: field !== "input" && field !== "output",
        cell: ({ price }: PricedModel) => show.money(price?.[field]),
      })),
      {
        title: say("pricing.units"),
        numeric: true,
        wide: true,
        cell: ({ price }) => UnitPrices(visit, price),
      },
      {
        title: say("common.actions"),
        silent: true,
        numeric: true,
        cell: ({ model, source }) =>
          source === "user" &&
          html`<form method="post" action=${actionUrl(visit, "reset")}>
            <input type="hidden" name="provider" value=${provider} /><input
              type="hidden"
              name="model"
              value=${model.id}
            />
            ${Button({ label: say("pricing.reset", { model: model.id }), icon: "refresh", iconOnly: true, small: true, tone: "quiet" })}
          </form>`,
      },
    ],
  });
}

function OwnPrice(visit: Visit, provider: string, models: readonly PricedModel[]): Markup {
  const { say } = visit;
  return Card({
    title: say("pricing.own"),
    lead: say("pricing.own.lead"),
    children: Form({
      visit,
      action: "set",
      className: "space-y-4",
      children: (form) => html`
        <input type="hidden" name="provider" value=${provider} />
        ${TextField({ form, name: "model", label: say("request.model"), required: true, list: "priced-models", maxlength: 256, code: true })}
        <datalist id="priced-models">
          ${models.map(({ model }) => html`<option value=${model.id}></option>`)}
        </datalist>
        <div class="grid grid-cols-2 gap-4">
          ${[...FIELDS, ...UNIT_NAMES].map((field) =>
            TextField({
              form,
              name: field,
              label: say(`pricing.${field}`),
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

/** Dollars, with a point or a comma. Throws `bad_request` for what is no amount. */
function amountOf(form: FormFields, field: keyof Price): number {
  const amount = Number(form.text(field).replace(",", "."));
  if (!Number.isFinite(amount) || amount < 0) throw badRequest("This is no amount of dollars.", field);
  return amount;
}
