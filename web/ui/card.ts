import { classes, html, type Markup } from "./html.ts";
import { Icon } from "./icon.ts";

/** A surface that holds one thing, with its name on top. */
export function Card({
  title,
  lead,
  aside,
  children,
  id,
  flush = false,
  live,
  className,
}: {
  title?: Markup;
  /** A sentence below the title. */
  lead?: Markup;
  /** What stands at the right of the title. */
  aside?: Markup;
  children: Markup;
  id?: string;
  /** The content reaches the edges, as tables do. */
  flush?: boolean;
  /** Kinds of events after which the card is fetched anew; needs an id. */
  live?: string;
  className?: string;
}): Markup {
  const heading = id === undefined ? undefined : `${id}-title`;
  return html`<section
    class=${classes("card", className)}
    id=${id}
    data-live=${live}
    aria-labelledby=${title === undefined ? undefined : heading}
  >
    ${
      title !== undefined &&
      html`<header class="card-head">
        <div class="min-w-0">
          <h2 class="card-title" id=${heading}>${title}</h2>
          ${lead && html`<p class="mt-0.5 text-muted">${lead}</p>`}
        </div>
        ${aside && html`<div class="flex flex-wrap items-center gap-2">${aside}</div>`}
      </header>`
    }
    <div class=${flush ? "card-flush" : "card-body"}>${children}</div>
  </section>`;
}

/** The name of a page, what it is for, and what can be done there. */
export function Heading({
  title,
  lead,
  aside,
  badge,
  back,
}: {
  title: Markup;
  lead?: Markup;
  aside?: Markup;
  /** A state, beside the title. */
  badge?: Markup;
  /** The page above this one. */
  back?: { href: string; label: string };
}): Markup {
  return html`<div class="mb-6 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
    <div class="min-w-0 max-w-2xl">
      ${back && html`<a class="back" href=${back.href}>${Icon("left", "size-4")} ${back.label}</a>`}
      <div class="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h1 class="min-w-0 text-2xl font-semibold tracking-tight break-words">${title}</h1>
        ${badge}
      </div>
      ${lead && html`<p class="mt-1 text-muted">${lead}</p>`}
    </div>
    ${aside && html`<div class="flex flex-wrap items-center gap-2">${aside}</div>`}
  </div>`;
}

/** Facts as pairs: a word and what it stands at. Facts without a value are left out. */
export function Facts(facts: readonly (readonly [Markup, Markup] | false | undefined)[]): Markup {
  return html`<dl class="facts">
    ${facts.map(
      (fact) =>
        fact &&
        fact[1] !== undefined &&
        html`<div>
          <dt>${fact[0]}</dt>
          <dd>${fact[1]}</dd>
        </div>`,
    )}
  </dl>`;
}
