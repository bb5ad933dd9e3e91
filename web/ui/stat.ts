import { html, type Markup } from "./html.ts";

/** One figure and what it counts. */
export function Stat({
  label,
  value,
  note,
  chart,
}: {
  label: Markup;
  value: Markup;
  note?: Markup;
  chart?: Markup;
}): Markup {
  return html`<div class="stat">
    <p class="text-muted">${label}</p>
    <p class="stat-value">${value}</p>
    ${note && html`<p class="text-small text-muted">${note}</p>`}
    ${chart && html`<div class="mt-auto">${chart}</div>`}
  </div>`;
}
