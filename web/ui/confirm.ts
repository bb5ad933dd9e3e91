import { Button } from "./button.ts";
import { html, type Markup } from "./html.ts";
import type { IconName } from "./icon.ts";
import { actionUrl } from "../page.ts";
import type { Visit } from "../visit.ts";

/**
 * A button that asks before it acts, saying what will happen. The question is a popover of the browser, so it needs no
 * script. `fields` are sent along.
 */
export function Confirm({
  visit,
  id,
  action,
  fields,
  label,
  icon = "trash",
  iconOnly = false,
  tone = "quiet",
  question,
  consequence,
  go,
}: {
  visit: Visit;
  /** Unlike any other on the page. */
  id: string;
  action: string;
  fields: { readonly [name: string]: string };
  label: string;
  icon?: IconName;
  iconOnly?: boolean;
  /** Of the button that asks. */
  tone?: "quiet" | "plain";
  question: Markup;
  consequence: Markup;
  /** The word on the button that acts. */
  go: string;
}): Markup {
  return html`<span class="inline-flex">
    ${Button({ label, icon, iconOnly, small: true, tone, opens: id })}
    <form
      method="post"
      action=${actionUrl(visit, action)}
      id=${id}
      popover
      class="dialog"
      aria-labelledby=${`${id}-q`}
    >
      <p class="font-medium" id=${`${id}-q`}>${question}</p>
      <p class="mt-1 text-muted">${consequence}</p>
      ${Object.entries(fields).map(
        ([name, value]) => html`<input type="hidden" name=${name} value=${value} />`,
      )}
      <div class="mt-4 flex justify-end gap-2">
        <button type="button" class="btn btn-plain" popovertarget=${id} popovertargetaction="hide">
          ${visit.say("common.cancel")}
        </button>
        ${Button({ label: go, tone: "danger" })}
      </div>
    </form>
  </span>`;
}
