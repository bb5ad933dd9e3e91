import type { Visit } from "../visit.ts";
import { html, type Markup } from "./html.ts";
import { Icon } from "./icon.ts";

/** The button on top that opens the palette. */
export function PaletteButton({ say }: Pick<Visit, "say">): Markup {
  return html`<button type="button" class="palette-button" popovertarget="palette" title=${say("find.open")}>
    ${Icon("search", "size-4")} <span class="max-sm:sr-only">${say("find.short")}</span>
    <kbd class="needs-script max-sm:hidden" data-command-key>Ctrl K</kbd>
  </button>`;
}

/** One field that leads everywhere. Without scripts it is a form that leads to the page of findings. */
export function Palette({ say }: Pick<Visit, "say">, address: string): Markup {
  return html`<form
    class="palette"
    id="palette"
    popover
    method="get"
    action=${address}
    role="search"
    data-palette
    aria-label=${say("find.open")}
  >
    <label class="palette-field">
      ${Icon("search", "size-5 text-muted")}
      <input
        type="search"
        name="q"
        autofocus
        autocomplete="off"
        spellcheck="false"
        placeholder=${say("find.placeholder")}
        aria-label=${say("find.placeholder")}
      />
      <kbd>Esc</kbd>
    </label>
    <div class="found palette-found" data-palette-found aria-live="off"></div>
  </form>`;
}
