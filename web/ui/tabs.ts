import { html, type Markup } from "./html.ts";

export type Tab = { href: string; label: Markup; current: boolean };

/** Pages that belong together, as links. */
export function Tabs(label: string, tabs: readonly Tab[]): Markup {
  return html`<nav class="tabs" aria-label=${label}>
    ${tabs.map(
      (tab) => html`<a href=${tab.href} aria-current=${tab.current ? "page" : undefined}>${tab.label}</a>`,
    )}
  </nav>`;
}
