import { html, type Markup } from "../../ui/index.ts";

/** A sentence whose `words` in backticks are shown as code. */
export function marked(sentence: string): Markup {
  return sentence.split("`").map((piece, index) => (index % 2 === 1 ? html`<code>${piece}</code>` : piece));
}
