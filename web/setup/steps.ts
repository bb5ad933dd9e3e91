import type { MessageKey } from "../i18n/index.ts";
import { html, Icon, type Markup } from "../ui/index.ts";
import type { Visit } from "../visit.ts";

const STEPS: readonly { path: string; title: MessageKey }[] = [
  { path: "", title: "setup.password.step" },
  { path: "/provider", title: "setup.provider.step" },
  { path: "/key", title: "setup.key.step" },
  { path: "/client", title: "setup.client.step" },
];

/** Where in the wizard one is. Steps after the password can be gone to at will. */
export function Steps({ say, engine }: Pick<Visit, "say" | "engine">, current: string): Markup {
  const at = STEPS.findIndex(({ path }) => path === current);
  const isOpen = !engine.access.needsSetup();
  return html`<nav aria-label=${say("setup.steps")} class="mb-8">
    <ol class="steps">
      ${STEPS.map(({ path, title }, index) => {
        const isDone = index < at;
        const mark = html`<span class="steps-mark">${isDone ? Icon("check", "size-4") : index + 1}</span>
          <span class="steps-name">${say(title)}</span>`;
        return html`<li data-state=${isDone ? "done" : index === at ? "current" : "ahead"}>
          ${
            isOpen && index > 0 && index !== at
              ? html`<a href=${`/setup${path}`}>${mark}</a>`
              : html`<span aria-current=${index === at ? "step" : undefined}>${mark}</span>`
          }
        </li>`;
      })}
    </ol>
  </nav>`;
}
