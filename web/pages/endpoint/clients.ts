import type { ClientTool } from "../../../src/clients/index.ts";
import { definePage } from "../../page.ts";
import { publicBase } from "../../parts/addresses.ts";
import { chatModels, suggestedModel } from "../../parts/model-choice.ts";
import { RecipeView } from "../../parts/recipe-view.ts";
import { findRecipe, RECIPES } from "../../recipes/index.ts";
import { Button, Card, Heading, html, type Markup } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { endpointTabs } from "./tabs.ts";

/** How each client is pointed here, with everything filled in. */
export const clients = definePage({
  path: "/endpoint/clients",
  title: "clients.title",
  under: "/endpoint",
  load: ({ engine, url }) => ({
    recipe: findRecipe(url.searchParams.get("client") ?? undefined) ?? RECIPES[0]!,
    model: url.searchParams.get("model")?.trim().slice(0, 256) || suggestedModel(engine),
    models: chatModels(engine),
    keyRequired: engine.access.keyRequired(),
  }),
  view: ({ recipe, model, models, keyRequired }, visit) => {
    const { say, url } = visit;
    const href = (client: string) =>
      `?${new URLSearchParams({ client, ...(url.searchParams.has("model") && { model }) })}`;
    return html`
      ${Heading({ title: say("endpoint.title"), lead: say("clients.lead") })}
      ${endpointTabs(visit, "clients")}
      <div class="grid grid-cols-1 items-start gap-6 lg:grid-cols-[15rem_minmax(0,1fr)]">
        <nav class="side-list" aria-label=${say("clients.title")}>
          ${RECIPES.map(
            ({ id, name }) =>
              html`<a href=${href(id)} aria-current=${id === recipe.id ? "page" : undefined}>${name}</a>`,
          )}
        </nav>
        ${Card({
          title: recipe.name,
          lead: keyRequired ? say("clients.key.required") : say("clients.key.optional"),
          aside: html`<form method="get" class="flex items-center gap-2" data-autosend>
            <input type="hidden" name="client" value=${recipe.id} />
            <label class="text-small text-muted" for="recipe-model">${say("clients.model")}</label>
            <input
              class="input input-small font-mono sm:w-56"
              id="recipe-model"
              name="model"
              list="models"
              value=${model}
              autocomplete="off"
              spellcheck="false"
            />
            <datalist id="models">${models.map((name) => html`<option value=${name}></option>`)}</datalist>
            <span class="needs-no-script">${Button({ label: say("clients.fill"), small: true })}</span>
          </form>`,
          children: html`
            ${recipe.tool && recipe.tool.files.length > 0 && OneClick(visit, recipe.tool)}
            ${RecipeView(visit, recipe, { base: publicBase(visit), key: say("clients.key.place"), model })}
          `,
        })}
      </div>
    `;
  },
});

function OneClick({ say }: Visit, { id, name }: ClientTool): Markup {
  return html`<p class="mb-3 text-muted">
    ${say("tools.one-click")}
    <a class="link" href=${`/dashboard/cli-tools/${id}`}>${say("tools.title")} › ${name}</a>
  </p>`;
}
