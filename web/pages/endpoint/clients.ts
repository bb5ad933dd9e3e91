import type { ClientTool } from "../../../src/clients/index.ts";
import { definePage } from "../../page.ts";
import { publicBase } from "../../parts/addresses.ts";
import { chosenModel, ModelField, recipeAddress } from "../../parts/model-field.ts";
import { RecipeView } from "../../parts/recipe-view.ts";
import { findRecipe, RECIPES } from "../../recipes/index.ts";
import { Card, Heading, html, type Markup } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { endpointTabs } from "./tabs.ts";

/** How each client is pointed here, with everything filled in. */
export const clients = definePage({
  path: "/endpoint/clients",
  title: "clients.title",
  under: "/endpoint",
  load: (visit) => ({
    recipe: findRecipe(visit.url.searchParams.get("client") ?? undefined) ?? RECIPES[0]!,
    model: chosenModel(visit),
    keyRequired: visit.engine.access.keyRequired(),
  }),
  view: ({ recipe, model, keyRequired }, visit) => {
    const { say } = visit;
    return html`
      ${Heading({ title: say("endpoint.title"), lead: say("clients.lead") })}
      ${endpointTabs(visit, "clients")}
      <div class="grid grid-cols-1 items-start gap-6 lg:grid-cols-[15rem_minmax(0,1fr)]">
        <nav class="side-list" aria-label=${say("clients.title")}>
          ${RECIPES.map(
            ({ id, name }) =>
              html`<a href=${recipeAddress(visit, id)} aria-current=${id === recipe.id ? "page" : undefined}
                >${name}</a
              >`,
          )}
        </nav>
        ${Card({
          title: recipe.name,
          lead: keyRequired ? say("clients.key.required") : say("clients.key.optional"),
          aside: ModelField(visit, recipe.id, model),
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
    ${say("tools.one-click")}${" "}
    <a class="link" href=${`/dashboard/cli-tools/${id}`}>${say("tools.title")} › ${name}</a>
  </p>`;
}
