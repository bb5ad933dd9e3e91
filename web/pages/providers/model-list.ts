import type { DiscoveredModel } from "../../../src/accounts/index.ts";
import type { CustomModel } from "../../../src/core/custom-model.ts";
import { MODEL_TYPES, type ModelDefinition } from "../../../src/core/provider.ts";
import type { ConnectionView } from "../../../src/manage/index.ts";
import type { ProviderEntry } from "../../../src/routing/index.ts";
import { actionUrl } from "../../page.ts";
import { PriceOf } from "../../parts/price.ts";
import { isOffered } from "../../parts/provider-state.ts";
import {
  Badge,
  Button,
  Card,
  CopyButton,
  EmptyState,
  Form,
  html,
  type Markup,
  SelectField,
  Table,
  TextArea,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

type More = {
  added: readonly CustomModel[];
  connections: readonly ConnectionView[];
  found?: readonly DiscoveredModel[];
};

/** What a provider serves: what we know of, what the owner added, and what the provider itself names when asked. */
export function ModelList(visit: Visit, entry: ProviderEntry, { added, connections, found }: More): Markup {
  const { say } = visit;
  const models = [...entry.models.values()];
  const own = new Set(added.map(({ id }) => id));
  const [asked] = connections.filter(({ isActive }) => isActive);
  return Card({
    id: "models",
    title: say("models.title"),
    lead: isOffered(entry.provider) ? say("models.lead", { count: models.length }) : undefined,
    aside:
      asked &&
      html`<form method="post" action=${actionUrl(visit, "discover")}>
        <input type="hidden" name="id" value=${asked.id} />
        ${Button({ label: say("models.ask"), icon: "refresh", small: true, data: { busy: say("models.asking") } })}
      </form>`,
    flush: true,
    children: html`
      ${found && asked && Found(visit, entry, found, asked.id)}
      ${
        models.length === 0
          ? EmptyState({
              icon: "list",
              title: say("models.empty"),
              children: say(
                asked || !entry.provider.modelsByAsking ? "models.empty.note" : "models.empty.local",
              ),
            })
          : Models(visit, entry, models, own)
      }
      ${!entry.provider.builtIn && isOffered(entry.provider) && AddByName(visit)}
    `,
  });
}

function Models(
  visit: Visit,
  entry: ProviderEntry,
  models: readonly ModelDefinition[],
  own: ReadonlySet<string>,
): Markup {
  const { say, show } = visit;
  const prices = new Map(visit.engine.manage.prices.of(entry).map(({ model, price }) => [model.id, price]));
  return Table({
    rows: models,
    label: say("models.title"),
    tall: true,
    columns: [
      {
        title: say("model.name"),
        cell: (model) => {
          const label = `${entry.prefix}/${model.id}`;
          return html`<span class="flex items-center gap-1">
              <code class="min-w-0 break-all">${label}</code> ${CopyButton(visit, label, label)}
              ${own.has(model.id) && Badge("info", say("model.own"))}
              ${model.status && model.status.state !== "works" && Badge("warn", say(`model.state.${model.status.state}`))} </span
            >${StatusOf(visit, model)}`;
        },
      },
      { title: say("model.can"), wide: true, cell: (model) => Abilities(visit, model) },
      {
        title: say("model.context"),
        numeric: true,
        wide: true,
        cell: (model) => (model.context === undefined ? "–" : show.compact(model.context)),
      },
      {
        title: say("model.price"),
        numeric: true,
        cell: (model) => PriceOf(visit, prices.get(model.id)),
      },
      {
        title: say("common.actions"),
        silent: true,
        numeric: true,
        cell: (model) =>
          own.has(model.id) &&
          html`<form method="post" action=${actionUrl(visit, "remove-model")}>
            <input type="hidden" name="model" value=${model.id} />
            ${Button({ label: say("models.remove", { model: model.id }), icon: "cross", iconOnly: true, small: true, tone: "quiet" })}
          </form>`,
      },
    ],
  });
}

/** What became of a model, what to take instead, and who says so. */
function StatusOf({ say, show }: Visit, { status }: ModelDefinition): Markup {
  if (!status) return undefined;
  const since = Date.parse(status.since ?? "");
  return html`<span class="flex flex-wrap gap-x-2 text-small text-muted">
    ${status.state === "works" && html`<span lang="en">${status.note}</span>`}
    ${Number.isFinite(since) && html`<span>${say("provider.since", { date: show.date(since) })}</span>`}
    ${
      status.replacement !== undefined &&
      html`<span>${say.rich("provider.instead", { model: html`<code>${status.replacement}</code>` })}</span>`
    }
    ${
      status.source !== undefined &&
      html`<a class="link" href=${status.source} target="_blank" rel="noreferrer noopener"
        >${say("provider.source")}</a
      >`
    }
  </span>`;
}

function Abilities({ say }: Visit, model: ModelDefinition): Markup {
  const words = [
    model.type !== undefined && model.type !== "chat" && say(`model.type.${model.type}`),
    model.tools && say("model.tools"),
    model.vision && say("model.vision"),
    model.reasoning && say("model.reasoning"),
  ].filter((word) => typeof word === "string");
  return html`<span class="text-muted">${words.join(" · ")}</span>`;
}

/** Models the provider has just named that stand in no list yet. */
function Found(
  visit: Visit,
  entry: ProviderEntry,
  found: readonly DiscoveredModel[],
  connectionId: string,
): Markup {
  const { say } = visit;
  const fresh = found.filter(({ id }) => !entry.models.has(id));
  if (fresh.length === 0)
    return html`<p class="border-b border-line px-5 py-3 text-muted">${say("models.nothing-new")}</p>`;
  return html`<form
    method="post"
    action=${actionUrl(visit, "add-models")}
    class="border-b border-line bg-sunken px-5 py-4"
  >
    <input type="hidden" name="connection" value=${connectionId} />
    <p class="font-medium">${say("models.new", { count: fresh.length })}</p>
    <div class="mt-2 grid grid-cols-1 max-h-72 gap-x-6 gap-y-1 overflow-y-auto sm:grid-cols-2 lg:grid-cols-3">
      ${fresh.map(
        ({ id }) =>
          html`<label class="check">
            <input type="checkbox" name="models" value=${id} checked=${fresh.length <= 20} />
            <code class="min-w-0 break-all">${id}</code>
          </label>`,
      )}
    </div>
    <div class="mt-3">
      ${Button({ label: say("models.add-chosen"), icon: "plus", small: true, tone: "primary" })}
    </div>
  </form>`;
}

function AddByName(visit: Visit): Markup {
  const { say } = visit;
  return html`<details
    class="more border-t border-line px-5 py-4"
    open=${visit.returned?.action === "add-models"}
  >
    <summary>${say("models.by-name")}</summary>
    ${Form({
      visit,
      action: "add-models",
      className: "mt-3 max-w-xl space-y-3",
      children: (form) => html`
        ${TextArea({ form, name: "names", label: say("models.names"), hint: say("models.names.hint"), rows: 3, code: true })}
        ${SelectField({
          form,
          name: "type",
          label: say("models.type"),
          options: MODEL_TYPES.map((type) => [
            type,
            say(type === "chat" ? "models.type.chat" : `model.type.${type}`),
          ]),
        })}
        ${Button({ label: say("models.add"), small: true })}
      `,
    })}
  </details>`;
}
