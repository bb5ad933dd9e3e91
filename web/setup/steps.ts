import type { Engine } from "../../src/engine.ts";
import type { MessageKey } from "../i18n/index.ts";
import { html, Icon, type Markup } from "../ui/index.ts";
import type { Visit } from "../visit.ts";

const STEPS: readonly { path: string; title: MessageKey; isDone(engine: Engine): boolean }[] = [
  { path: "", title: "setup.password.step", isDone: (engine) => !engine.access.needsSetup() },
  {
    path: "/provider",
    title: "setup.provider.step",
    isDone: (engine) => engine.router.connections.length > 0,
  },
  {
    path: "/key",
    title: "setup.key.step",
    isDone: (engine) => engine.access.listKeys().some(({ revokedAt }) => revokedAt === undefined),
  },
  { path: "/client", title: "setup.client.step", isDone: () => false },
];

/** Where in the wizard one is. Steps after the password can be gone to at will. */
export function Steps({ say, engine }: Pick<Visit, "say" | "engine">, current: string): Markup {
  const at = STEPS.findIndex(({ path }) => path === current);
  const isOpen = !engine.access.needsSetup();
  return html`<nav aria-label=${say("setup.steps")} class="mb-8">
    <ol class="steps">
      ${STEPS.map(({ path, title, ...step }, index) => {
        const isDone = index !== at && step.isDone(engine);
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
