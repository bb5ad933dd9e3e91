import type { ComboEntry } from "../../../src/core/domain.ts";
import { legState } from "../../parts/leg-state.ts";
import { Dot, html, Icon, type Markup } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

/** The way of a request through a combo, leg by leg, each with its state. */
export function Legs(
  visit: Visit,
  models: readonly ComboEntry[],
  { weighted = false }: { weighted?: boolean } = {},
): Markup {
  const { say, engine } = visit;
  return html`<ol class="flex flex-wrap items-center gap-x-1.5 gap-y-2">
    ${models.map(({ model, weight }, index) => {
      const { kind, tone } = legState(engine, model);
      return html`<li class="flex min-w-0 items-center gap-1.5">
        ${index > 0 && Icon("right", "size-3.5 text-faint")}
        <span class="leg" title=${say(`leg.${kind}`)}>
          ${Dot(tone)} <span class="sr-only">${say(`leg.${kind}`)}</span>
          <code class="min-w-0 truncate">${model}</code>
          ${weighted && weight !== undefined && html`<span class="text-tiny text-muted">×${weight}</span>`}
        </span>
      </li>`;
    })}
  </ol>`;
}
