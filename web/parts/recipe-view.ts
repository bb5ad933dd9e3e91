import { CodeBlock, CopyLine, html, type Markup } from "../ui/index.ts";
import type { Place } from "../../src/clients/index.ts";
import type { Recipe, RecipeStep } from "../recipes/index.ts";
import type { Visit } from "../visit.ts";

/** A recipe with everything filled in, ready to be copied. */
export function RecipeView(visit: Visit, recipe: Recipe, place: Place): Markup {
  return html`<div class="space-y-3">${recipe.steps(place).map((step) => Step(visit, step))}</div>`;
}

function Step(visit: Visit, step: RecipeStep): Markup {
  if ("file" in step) return CodeBlock(visit, step.code, step.file);
  if ("shell" in step) return CodeBlock(visit, step.shell, visit.say("recipe.shell"));
  const { value, ...gaps } = step.gaps ?? {};
  const words = visit.say.rich(
    step.text,
    Object.fromEntries(Object.entries(gaps).map(([name, text]) => [name, html`<code>${text}</code>`])),
  );
  if (value === undefined) return html`<p>${words}</p>`;
  return html`<div class="grid grid-cols-1 items-center gap-x-4 gap-y-1 sm:grid-cols-[11rem_minmax(0,1fr)]">
    <span class="text-muted">${words}</span> ${CopyLine(visit, value)}
  </div>`;
}
