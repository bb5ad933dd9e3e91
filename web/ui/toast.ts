import type { Visit } from "../visit.ts";
import { html, type Markup } from "./html.ts";
import { Icon } from "./icon.ts";

export type ToastMessage = { text: string; tone: "ok" | "warn" | "bad" };

const COLOURS = { ok: "text-ok", warn: "text-warn", bad: "text-bad" };

/** What came of the last form, said once. The place is always there, so that scripts can speak in it too. */
export function Toast({ say }: Pick<Visit, "say">, message: ToastMessage | undefined): Markup {
  return html`<div class="toasts" role="status" aria-live="polite" data-toasts>
    ${
      message &&
      html`<div class="toast" data-toast>
        ${Icon(message.tone === "ok" ? "check" : "warning", `size-5 ${COLOURS[message.tone]}`)}
        <p class="min-w-0 flex-1">${message.text}</p>
        <button
          type="button"
          class="btn btn-quiet btn-small btn-icon needs-script"
          data-dismiss
          aria-label=${say("common.close")}
        >
          ${Icon("cross", "size-4")}
        </button>
      </div>`
    }
  </div>`;
}
