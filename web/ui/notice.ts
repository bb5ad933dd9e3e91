import { classes, html, type Markup } from "./html.ts";
import { Icon, type IconName } from "./icon.ts";
import type { Tone } from "./badge.ts";

const ICONS: Readonly<Record<Tone, IconName>> = {
  ok: "check",
  warn: "warning",
  bad: "warning",
  info: "info",
  quiet: "info",
};

const COLOURS: Readonly<Record<Tone, string>> = {
  ok: "border-ok-line bg-ok-soft [&>svg]:text-ok",
  warn: "border-warn-line bg-warn-soft [&>svg]:text-warn",
  bad: "border-bad-line bg-bad-soft [&>svg]:text-bad",
  info: "border-accent-line bg-accent-soft [&>svg]:text-accent",
  quiet: "border-line bg-sunken [&>svg]:text-muted",
};

/** Something to know before going on. `alert` is read out at once. */
export function Notice({
  tone,
  title,
  children,
  aside,
  alert = false,
}: {
  tone: Tone;
  title?: Markup;
  children?: Markup;
  aside?: Markup;
  alert?: boolean;
}): Markup {
  return html`<div
    class=${classes("flex items-start gap-3 rounded-lg border px-4 py-3", COLOURS[tone])}
    role=${alert ? "alert" : undefined}
  >
    ${Icon(ICONS[tone], "size-5 mt-px")}
    <div class="min-w-0 flex-1">
      ${title && html`<p class="font-medium">${title}</p>`}
      ${children && html`<div class=${title ? "mt-0.5 text-muted" : ""}>${children}</div>`}
    </div>
    ${aside && html`<div class="shrink-0">${aside}</div>`}
  </div>`;
}

/** Nothing is here yet, and what to do about it. */
export function EmptyState({
  icon,
  title,
  children,
  action,
}: {
  icon: IconName;
  title: Markup;
  children?: Markup;
  action?: Markup;
}): Markup {
  return html`<div class="flex flex-col items-center px-6 py-12 text-center">
    <span class="grid size-11 place-items-center rounded-full bg-sunken text-muted"
      >${Icon(icon, "size-6")}</span
    >
    <p class="mt-3 font-medium">${title}</p>
    ${children && html`<p class="mt-1 max-w-md text-muted">${children}</p>`}
    ${action && html`<div class="mt-4 flex flex-wrap justify-center gap-2">${action}</div>`}
  </div>`;
}
