import { badRequest } from "../../../src/core/errors.ts";
import type { PricedModel, PriceSource } from "../../../src/manage/index.ts";
import type { ProviderEntry } from "../../../src/routing/index.ts";
import { actionUrl, definePage } from "../../page.ts";
import { isForUnits, UnitPrices } from "../../parts/price.ts";
import {
  Badge,
  Button,
  ButtonLink,
  Card,
  Confirm,
  EmptyState,
  Heading,
  html,
  type Markup,
  Table,
  type Tone,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { FIELDS, OwnPrice, priceIn } from "./own-price.ts";
import { PriceFile, pricesIn } from "./price-file.ts";
import { costTabs } from "./tabs.ts";

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
    const models = entry ? engine.manage.prices.of(entry) : [];
    const edited = models.find(({ model }) => model.id === url.searchParams.get("model"));
    return { entries, entry, models, edited };
  },
  view: ({ entries, entry, models, edited }, visit) => {
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
          html`<div class="grid grid-cols-1 items-start gap-6 2xl:grid-cols-[minmax(0,1fr)_22rem]">
            ${Card({
              title: entry.provider.name,
              lead: say("pricing.unit"),
              aside: models.some(({ source }) => source === "user") && ResetAll(visit, entry),
              flush: true,
              children:
                models.length === 0
                  ? EmptyState({ icon: "coins", title: say("models.empty") })
                  : Prices(visit, entry.provider.id, models),
            })}
            <div class="grid grid-cols-1 items-start gap-6 xl:grid-cols-2 2xl:grid-cols-1">
              ${OwnPrice(visit, entry.provider.id, models, edited)} ${PriceFile(visit)}
            </div>
          </div>`
        }
      </div>
    `;
  },
  actions: {
    set: ({ engine, actor, say }, form) => {
      const provider = form.text("provider");
      const model = form.text("model");
      if (model === "") throw badRequest("Name the model.", "model");
      engine.manage.prices.change({ [provider]: { [model]: priceIn(form) } }, actor);
      return say("pricing.saved", { model });
    },
    reset: ({ engine, actor, say }, form) => {
      engine.manage.prices.drop(form.text("provider"), form.text("model"), actor);
      return say("pricing.reset.done", { model: form.text("model") });
    },
    "reset-all": ({ engine, actor, say }, form) => {
      const count = engine.manage.prices.drop(form.text("provider"), undefined, actor);
      return say("pricing.reset-all.done", { count });
    },
    import: ({ engine, actor, say }, form) => {
      const prices = pricesIn(form.text("prices"));
      engine.manage.prices.change(prices, actor);
      const count = Object.values(prices).flatMap((models) => Object.keys(models as object)).length;
      return say("pricing.import.done", { count });
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
        cell: ({ price }: PricedModel) => show.money(isForUnits(price) ? undefined : price?.[field]),
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
          html`<span class="inline-flex">
            ${
              source === "user" &&
              html`<form method="post" action=${actionUrl(visit, "reset")}>
                <input type="hidden" name="provider" value=${provider} />
                <input type="hidden" name="model" value=${model.id} />
                ${Button({ label: say("pricing.reset", { model: model.id }), icon: "refresh", iconOnly: true, small: true, tone: "quiet" })}
              </form>`
            }
            ${ButtonLink({
              href: `?${new URLSearchParams({ provider, model: model.id })}#own-price`,
              label: say("pricing.edit", { model: model.id }),
              icon: "pencil",
              iconOnly: true,
              small: true,
              tone: "quiet",
            })}
          </span>`,
      },
    ],
  });
}

/** Back to what is built in, for all models of a provider. */
function ResetAll(visit: Visit, { provider }: ProviderEntry): Markup {
  const { say } = visit;
  return Confirm({
    visit,
    id: "reset-prices",
    action: "reset-all",
    fields: { provider: provider.id },
    label: say("pricing.reset-all"),
    icon: "refresh",
    tone: "plain",
    question: say("pricing.reset-all.question", { name: provider.name }),
    consequence: say("pricing.reset-all.consequence"),
    go: say("pricing.reset-all.go"),
  });
}
