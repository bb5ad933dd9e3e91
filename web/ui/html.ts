import { type ComponentChildren, h, type VNode } from "preact";
import htm from "htm";
import { renderToString } from "preact-render-to-string";

/** Anything that can stand inside a page. Texts are escaped when the page is written. */
export type Markup = ComponentChildren;

/** A template of HTML; what stands in `${…}` is escaped unless it came from a template itself. */
export const html = htm.bind(h) as (strings: TemplateStringsArray, ...values: unknown[]) => VNode;

/** Writes markup as text. */
export function render(markup: VNode): string {
  return renderToString(markup);
}

/** Class names in one string; what is false or undefined is left out. */
export function classes(...names: (string | false | undefined)[]): string {
  return names.filter(Boolean).join(" ");
}
