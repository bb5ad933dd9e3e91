import { html, type Markup } from "./html.ts";
import { Icon } from "./icon.ts";
import type { Visit } from "../visit.ts";

/** A button that puts a text on the clipboard. Without scripts it does not show, and the text can be marked by hand. */
export function CopyButton({ say }: Pick<Visit, "say">, text: string, what?: string): Markup {
  const label = what === undefined ? say("copy.button") : say("copy.what", { what });
  return html`<button
    type="button"
    class="btn btn-quiet btn-small btn-icon needs-script"
    data-copy=${text}
    data-copied=${say("copy.done")}
    aria-label=${label}
    title=${label}
  >
    ${Icon("copy", "size-4")}
  </button>`;
}

/** One line to be taken elsewhere: an address, a key, a name. */
export function CopyLine(visit: Pick<Visit, "say">, text: string, what?: string): Markup {
  return html`<span class="copy-line">
    <code class="min-w-0 flex-1 truncate" title=${text}>${text}</code>
    ${CopyButton(visit, text, what)}
  </span>`;
}

/** Several lines to be taken elsewhere, under the name of the file they belong in. */
export function CodeBlock(visit: Pick<Visit, "say">, code: string, name?: Markup): Markup {
  return html`<figure class="code-block">
    <figcaption>
      <span class="min-w-0 truncate">${name}</span>
      ${CopyButton(visit, code)}
    </figcaption>
    <pre tabindex="0"><code>${code}</code></pre>
  </figure>`;
}
