import type { Visit } from "../visit.ts";
import { html, type Markup } from "./html.ts";
import { Icon } from "./icon.ts";

export type ToastMessage = {
  text: string;
  tone: "ok" | "warn" | "bad";
  /** The audit entry behind it, where that can be taken back. */
  undo?: number;
};

/** Where a message's button sends the entry that it takes back. */
export const UNDO_PATH = "/dashboard/undo";

const COLOURS = { ok: "text-ok", warn: "text-warn", bad: "text-bad" };

/** What came of the last form, said once. The place is always there, so that scripts can speak in it too. */
export function Toast({ say, url }: Pick<Visit, "say" | "url">, message: ToastMessage | undefined): Markup {
  return html`<div class="toasts" role="status" aria-live="polite" data-toasts>
    ${
      message &&
      html`<div class="toast" data-toast>
        ${Icon(message.tone === "ok" ? "check" : "warning", `size-5 ${COLOURS[message.tone]}`)}
        <p class="min-w-0 flex-1">${message.text}</p>
        ${
          message.undo !== undefined &&
          html`<form method="post" action=${UNDO_PATH}>
            <input type="hidden" name="id" value=${message.undo} />
            <input type="hidden" name="back" value=${url.pathname + url.search} />
            <button class="btn btn-plain btn-small">${say("audit.undo")}</button>
          </form>`
        }
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
