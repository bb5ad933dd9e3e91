import type { Tone } from "./badge.ts";
import { classes, html, type Markup } from "./html.ts";

const FILLS: Readonly<Record<Tone, string>> = {
  ok: "fill-ok",
  warn: "fill-series-2",
  bad: "fill-bad",
  info: "fill-accent",
  quiet: "fill-faint",
};

/** How much of something, 0 to 1, as a bar. With a `label` it is read out; without, the words for it stand beside it. */
export function Meter(
  share: number,
  { tone = "info", label, className = "w-16" }: { tone?: Tone; label?: string; className?: string } = {},
): Markup {
  const shown = Math.min(1, Math.max(0, share));
  return html`<svg
    class=${classes("h-1.5 rounded-full", className)}
    viewBox="0 0 100 6"
    preserveAspectRatio="none"
    role=${label === undefined ? undefined : "img"}
    aria-label=${label}
    aria-hidden=${label === undefined ? "true" : undefined}
  >
    <rect class="fill-sunken" width="100" height="6" />
    ${shown > 0 && html`<rect class=${FILLS[tone]} width=${Math.max(1, shown * 100)} height="6" />`}
  </svg>`;
}

/** The colour of what is used up: quiet while there is plenty, then a warning, then an alarm. */
export function usedTone(share: number): Tone {
  return share >= 1 ? "bad" : share >= 0.8 ? "warn" : "info";
}
