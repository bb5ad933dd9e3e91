import type { MessageKey } from "../i18n/index.ts";
import type { Page } from "../page.ts";
import type { Visit } from "../visit.ts";
import { html, type Markup } from "./html.ts";

/** What works everywhere; the letters are read by `client/shortcuts.ts`. */
const EVERYWHERE: readonly (readonly [keys: readonly string[], words: MessageKey])[] = [
  [["Ctrl", "K"], "keys.palette"],
  [["/"], "keys.search"],
  [["?"], "keys.sheet"],
  [["Esc"], "keys.close"],
];

/** Every shortcut on one sheet. */
export function Shortcuts({ say }: Pick<Visit, "say">, pages: readonly Page[]): Markup {
  const lettered = pages.filter((page) => page.menu?.letter !== undefined);
  return html`<div class="dialog shortcuts" id="shortcuts" popover aria-labelledby="shortcuts-title">
    <p class="text-base font-semibold" id="shortcuts-title">${say("keys.title")}</p>
    <div class="mt-4 grid gap-x-8 gap-y-1 sm:grid-cols-2">
      ${EVERYWHERE.map(([keys, words]) => Row(keys, say(words)))}
    </div>
    <p class="mt-5 mb-2 font-medium">${say("keys.go")}</p>
    <div class="grid gap-x-8 gap-y-1 sm:grid-cols-2">
      ${lettered.map(({ menu, title }) => Row(["G", (menu?.letter ?? "").toUpperCase()], say(title)))}
    </div>
  </div>`;
}

function Row(keys: readonly string[], words: string): Markup {
  return html`<p class="flex items-center justify-between gap-3 py-1">
    <span class="text-muted">${words}</span>
    <span class="flex gap-1">${keys.map((key) => html`<kbd>${key}</kbd>`)}</span>
  </p>`;
}
