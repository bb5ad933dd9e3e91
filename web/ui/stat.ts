import { classes, html, type Markup } from "./html.ts";

/** Figures side by side; `label` names them together for those who hear the page. */
export function Stats({
  label,
  columns = 4,
  children,
}: {
  label: string;
  /** In a wide window. */
  columns?: 3 | 4;
  children: Markup;
}): Markup {
  return html`<section
    class=${classes("stats", columns === 3 ? "md:grid-cols-3" : "lg:grid-cols-4")}
    aria-label=${label}
  >
    ${children}
  </section>`;
}

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
