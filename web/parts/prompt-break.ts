import type { PromptBreak, PromptBytes, PromptDiff, PromptHunk } from "../../src/core/prompt-break.ts";
import type { Action } from "../page.ts";
import { Button, CheckField, Form, html, type Markup, Notice } from "../ui/index.ts";
import type { Visit } from "../visit.ts";

/** Where a prompt stopped fitting the provider's cache, in one sentence. */
export function breakSentence({ say, show }: Visit, broke: PromptBreak): string {
  const { element, changedBy } = broke;
  if (changedBy === "routing")
    return say(element === "model" ? "prompt-break.model" : "prompt-break.connection");
  const who = say(`prompt-break.by.${changedBy}`);
  if (element === "cache_control") return say("prompt-break.marks", { who });
  const place = { element: elementName({ say }, element), offset: show.number(broke.offset), who };
  return `${say("prompt-break.at", place)} ${say("prompt-break.kept", { count: broke.keptBytes })}`;
}

/** The difference between two turns, byte for byte; or why there is none, and how to see the next. */
export function BreakDiff(visit: Visit, broke: PromptBreak): Markup {
  const { say, show, engine } = visit;
  const diff = engine.caches.promptCache.diffOf(broke.requestId);
  if (!diff)
    return html`<p class="text-muted">
      ${say(engine.settings().promptDiffs ? "prompt-diff.missing" : "prompt-diff.off")}
    </p>`;
  return html`<div class="space-y-3">
    <p>
      <span class="mr-2 font-medium">${say(`prompt-diff.change.${diff.change}`)}</span>
      <span class="text-muted">
        ${say("prompt-diff.sizes", {
          before: show.number(diff.bytesBefore),
          after: show.number(diff.bytesAfter),
          offset: show.number(diff.offset),
        })}
      </span>
    </p>
    ${diff.hunks.length === 0 && html`<p class="text-muted">${say("prompt-diff.same")}</p>`}
    ${diff.hunks.map((hunk) => Hunk(visit, hunk))} ${leftOut(visit, diff)}
  </div>`;
}

/** Keeps prompts in memory from now on, or no longer; stands where a break is shown. */
export function KeepWords(visit: Visit): Markup {
  const { say, engine } = visit;
  return Form({
    visit,
    action: "keepWords",
    className: "space-y-3",
    children: (form) => html`
      ${CheckField({
        form,
        name: "promptDiffs",
        label: say("prompt-diff.keep"),
        hint: say("prompt-diff.keep.hint"),
        checked: engine.settings().promptDiffs,
      })}
      ${Button({ label: say("common.save"), small: true })}
    `,
  });
}

export const keepWords: Action = ({ engine, actor, say }, form) => {
  engine.manage.settings.change({ promptDiffs: form.ticked("promptDiffs") }, actor);
  return say("settings.saved");
};

function leftOut({ say }: Visit, { hunksLeftOut }: PromptDiff): Markup {
  if (hunksLeftOut === 0) return undefined;
  return Notice({ tone: "quiet", children: say("prompt-diff.more", { count: hunksLeftOut }) });
}

function Hunk(visit: Visit, { element, offset, removed, added, lead, tail }: PromptHunk): Markup {
  const { say, show } = visit;
  const label = say("prompt-diff.place", {
    element: elementName(visit, element),
    offset: show.number(offset),
    removed: show.number(removed.bytes),
    added: show.number(added.bytes),
  });
  return html`<figure class="code-block">
    <figcaption><span class="min-w-0 truncate">${label}</span></figcaption>
    <pre
      class="diff"
      tabindex="0"
      aria-label=${label}
    ><code><span class="text-muted">${lead}</span>${Side(visit, "del", removed)}${Side(visit, "ins", added)}<span class="text-muted">${tail}</span></code></pre>
  </figure>`;
}

/** Removed and added bytes carry a sign and a line through or below them: colour alone says nothing. */
function Side(
  { say, show }: Visit,
  kind: "del" | "ins",
  { text, bytes, leftOut: rest }: PromptBytes,
): Markup {
  if (bytes === 0) return undefined;
  const more = rest > 0 && html`<i>${say("prompt-diff.rest", { bytes: show.number(rest) })}</i>`;
  const spoken = html`<span class="sr-only"
    >${say(kind === "del" ? "prompt-diff.removed" : "prompt-diff.added")}</span
  >`;
  return kind === "del"
    ? html`<del>${spoken}<b aria-hidden="true">− </b>${text}${more}</del>`
    : html`<ins>${spoken}<b aria-hidden="true">+ </b>${text}${more}</ins>`;
}

function elementName({ say }: Pick<Visit, "say">, element: string): string {
  if (element === "tools" || element === "system") return say(`prompt-break.element.${element}`);
  const message = /^message (\d+)$/.exec(element);
  return message ? say("prompt-break.element.message", { number: message[1] ?? "" }) : element;
}
