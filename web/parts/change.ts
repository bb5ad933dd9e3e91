import { classes, html, type Markup } from "../ui/index.ts";
import type { Visit } from "../visit.ts";

/** Below this nobody would speak of a change. */
const LEAST = 0.005;
/** Above this a figure in hundredths says nothing any more. */
const MOST = 9.99;

/**
 * How an amount stands beside the one of the time before: "+12 %". Nothing where there is nothing to compare. `better`
 * gives it a colour: for some amounts less is better, for most neither is.
 */
export function Change(
  { say, show }: Pick<Visit, "say" | "show">,
  amount: number | undefined,
  before: number | undefined,
  { better = "neither" }: { better?: "less" | "neither" } = {},
): Markup {
  if (amount === undefined || before === undefined || before === 0) return undefined;
  const change = amount / before - 1;
  if (Math.abs(change) < LEAST || change > MOST) return undefined;
  const tone = better === "neither" ? "text-muted" : change > 0 ? "text-bad" : "text-ok";
  const text = show.change(change);
  return html`<span
    class=${classes("text-small font-medium tracking-normal", tone)}
    title=${say("change.hint")}
    ><span class="sr-only">${say("change.hint")}: </span>${text}</span
  >`;
}
