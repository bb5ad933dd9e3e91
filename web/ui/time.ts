import { html, type Markup } from "./html.ts";
import type { Visit } from "../visit.ts";

type Clocked = Pick<Visit, "show" | "now">;

/** How long ago, or how soon; the exact time shows on pointing at it. */
export function Relative({ show, now }: Clocked, when: number | undefined, never: Markup = "–"): Markup {
  if (when === undefined) return never;
  return html`<time datetime=${new Date(when).toISOString()} title=${show.dateTime(when)}>
    ${show.relative(when, now)}
  </time>`;
}

/** The time of day, with the date where it is not today's. */
export function Moment({ show, now }: Clocked, when: number): Markup {
  const isToday = show.date(when) === show.date(now);
  return html`<time datetime=${new Date(when).toISOString()} title=${show.dateTime(when)}>
    ${isToday ? show.time(when) : show.dateTime(when)}
  </time>`;
}

/** Time left until a moment; a script counts it down. */
export function Countdown({ show, now }: Clocked, until: number): Markup {
  return html`<time
    datetime=${new Date(until).toISOString()}
    data-until=${until}
    title=${show.dateTime(until)}
  >
    ${show.remaining(until - now)}
  </time>`;
}
