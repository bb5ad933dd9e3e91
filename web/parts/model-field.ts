import { Button, html, type Markup } from "../ui/index.ts";
import type { Visit } from "../visit.ts";
import { chatModels, suggestedModel } from "./model-choice.ts";

const LONGEST_NAME = 256;

/** The model an address names (`?model=`), or else the one that is suggested. */
export function chosenModel({ engine, url }: Visit): string {
  return url.searchParams.get("model")?.trim().slice(0, LONGEST_NAME) || suggestedModel(engine);
}

/** The address of a client's recipe, for the model that was chosen. */
export function recipeAddress({ url }: Visit, client: string): string {
  const model = url.searchParams.get("model");
  return `?${new URLSearchParams({ client, ...(model !== null && { model }) })}`;
}

/** Which model the recipe of `client` is filled in with; any name may be typed. */
export function ModelField({ engine, say }: Visit, client: string, model: string): Markup {
  return html`<form method="get" class="flex items-center gap-2" data-autosend>
    <input type="hidden" name="client" value=${client} />
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
    <datalist id="models">
      ${chatModels(engine).map((name) => html`<option value=${name}></option>`)}
    </datalist>
    <span class="needs-no-script">${Button({ label: say("clients.fill"), small: true })}</span>
  </form>`;
}
