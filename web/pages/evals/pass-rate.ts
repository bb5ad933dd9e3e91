import type { EvalSummary } from "../../../src/core/eval-run.ts";
import { html, type Markup } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

/** How many of how many passed, as a bar with words. */
export function PassRate(
  { show }: Pick<Visit, "show">,
  { passed, total }: Pick<EvalSummary, "passed" | "total">,
): Markup {
  const share = total === 0 ? 0 : passed / total;
  return html`<span class="inline-flex items-center gap-2 whitespace-nowrap">
    <svg
      class="h-2 w-20 shrink-0 max-sm:hidden"
      viewBox="0 0 100 10"
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <rect class="fill-sunken" width="100" height="10" rx="3" />
      <rect class=${share === 1 ? "fill-ok" : "fill-accent"} width=${share * 100} height="10" rx="3" />
    </svg>
    <span>${show.number(passed)}/${show.number(total)} · ${show.percent(share)}</span>
  </span>`;
}
