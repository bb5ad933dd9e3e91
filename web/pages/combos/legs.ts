import type { ComboEntry } from "../../../src/core/combo.ts";
import { type LegState, legState } from "../../parts/leg-state.ts";
import { Dot, html, Icon, type Markup, type Tone } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

/** The way of a request through a combo, leg by leg, each with its state. */
export function Legs(
  visit: Visit,
  models: readonly ComboEntry[],
  { weighted = false }: { weighted?: boolean } = {},
): Markup {
  const { say, engine } = visit;
  return html`<ol class="flex flex-wrap items-center gap-x-1.5 gap-y-2">
    ${models.map((entry, index) => {
      const { model, weight } = entry;
      const { kind, tone } = legState(engine, entry);
      return html`<li class="flex min-w-0 items-center gap-1.5">
        ${index > 0 && Icon("right", "size-3.5 text-faint")}
        <span class="leg" title=${say(`leg.${kind}`)}>
          ${Mark(kind, tone)} <span class="sr-only">${say(`leg.${kind}`)}</span>
          <code class="min-w-0 truncate">${model}</code>
          ${weighted && weight !== undefined && html`<span class="text-tiny text-muted">×${weight}</span>`}
        </span>
      </li>`;
    })}
  </ol>`;
}

/** States differ by shape as well as by colour: a dot, a ring, a triangle, a cross. */
function Mark(kind: LegState["kind"], tone: Tone): Markup {
  switch (kind) {
    case "failing":
      return Icon("warning", "size-3.5 text-bad");
    case "dead":
    case "unknown":
      return Icon("cross", "size-3.5 text-bad");
    case "unconnected":
    case "blocked":
    case "unusable":
    case "waiting":
      return html`<span class="ring-mark" aria-hidden="true"></span>`;
    case "ready":
    case "combo":
      return Dot(tone);
  }
}
