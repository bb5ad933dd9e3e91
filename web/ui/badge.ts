import { classes, html, type Markup } from "./html.ts";

export type Tone = "ok" | "warn" | "bad" | "info" | "quiet";

const COLOURS: Readonly<Record<Tone, string>> = {
  ok: "bg-ok-soft text-ok",
  warn: "bg-warn-soft text-warn",
  bad: "bg-bad-soft text-bad",
  info: "bg-accent-soft text-accent",
  quiet: "bg-sunken text-muted",
};

const DOTS: Readonly<Record<Tone, string>> = {
  ok: "bg-ok",
  warn: "bg-warn",
  bad: "bg-bad",
  info: "bg-accent",
  quiet: "bg-faint",
};

/** A word about a state. */
export function Badge(tone: Tone, text: Markup, { dot = false }: { dot?: boolean } = {}): Markup {
  return html`<span class=${classes("badge", COLOURS[tone])}>${dot && Dot(tone)}${text}</span>`;
}

/** A state as a dot; the words for it stand beside it. */
export function Dot(tone: Tone, { live = false }: { live?: boolean } = {}): Markup {
  return html`<span class=${classes("dot", DOTS[tone], live && "dot-live")} aria-hidden="true"></span>`;
}
