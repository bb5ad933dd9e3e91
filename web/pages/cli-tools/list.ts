import type { ClientState } from "../../../src/clients/index.ts";
import { isFromThisMachine } from "../../../src/http/sign-in.ts";
import { actionUrl, definePage } from "../../page.ts";
import { publicBase } from "../../parts/addresses.ts";
import { chatModels, suggestedModel } from "../../parts/model-choice.ts";
import { Button, ButtonLink, Card, classes, EmptyState, Heading, html, type Markup } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { pointHere, takeBack } from "./actions.ts";
import { shortPath, StatusBadge, WritingClosed } from "./status.ts";

/** The coding clients of this machine: what is there, whom it asks, and one button to point it here. */
export const cliTools = definePage({
  path: "/cli-tools",
  title: "tools.title",
  menu: { group: "start", icon: "terminal", letter: "i" },
  load: (visit) => {
    const { engine } = visit;
    const states = engine.clients.list(publicBase(visit));
    return {
      found: states.filter(({ installed }) => installed),
      missing: states.filter(({ installed }) => !installed),
      model: suggestedModel(engine),
      models: chatModels(engine),
      mayWrite: engine.clients.mayWrite(isFromThisMachine(visit)),
      isContained: engine.config.clientTools.mode === "container",
    };
  },
  view: ({ found, missing, model, models, mayWrite, isContained }, visit) => {
    const { say } = visit;
    return html`
      ${Heading({ title: say("tools.title"), lead: say("tools.lead") })}
      <datalist id="models">${models.map((name) => html`<option value=${name}></option>`)}</datalist>
      <div class="space-y-8">
        ${!mayWrite && WritingClosed(visit)}
        ${
          found.length === 0
            ? Card({
                children: EmptyState({
                  icon: "terminal",
                  title: say("tools.none"),
                  children: say(isContained ? "tools.none.container" : "tools.none.note"),
                }),
              })
            : html`<ul class="grid grid-cols-1 gap-4 xl:grid-cols-2">
                ${found.map((state) => ToolCard(visit, state, { model, mayWrite }))}
              </ul>`
        }
        ${
          missing.length > 0 &&
          html`<section aria-labelledby="missing-title">
            <h2 class="text-lg font-semibold tracking-tight" id="missing-title">${say("tools.missing")}</h2>
            <p class="text-muted">${say("tools.missing.lead")}</p>
            <ul class="mt-3 grid grid-cols-1 gap-3 sm:grid-cols-2 xl:grid-cols-3">
              ${missing.map((state) => MissingTool(visit, state))}
            </ul>
          </section>`
        }
      </div>
    `;
  },
  actions: { apply: pointHere, remove: takeBack },
});

function ToolCard(
  visit: Visit,
  state: ClientState,
  { model, mayWrite }: { model: string; mayWrite: boolean },
): Markup {
  const { say } = visit;
  const { tool, configStatus, commandPath, settingsPaths, address, problem } = state;
  const href = `/dashboard/cli-tools/${tool.id}`;
  const isOurs = configStatus === "configured";
  const where = commandPath === undefined ? settingsPaths[0] : shortPath(visit, commandPath);
  return html`<li class="card flex flex-col gap-4 p-5" id=${`tool-${tool.id}`}>
    <div class="flex items-start gap-3">
      <div class="min-w-0 flex-1">
        <h2 class="text-base font-semibold tracking-tight">
          <a class="row-link" href=${href}>${tool.name}</a>
        </h2>
        <p class="truncate text-small text-muted" title=${where}>
          ${where === undefined ? say("tools.editor") : html`<code>${where}</code>`}
        </p>
      </div>
      ${StatusBadge(visit, configStatus)}
    </div>
    ${problem !== undefined && html`<p class="text-small text-bad" lang="en">${problem}</p>`}
    ${
      configStatus === "other" &&
      html`<p class="text-small text-muted">
        ${say.rich("tools.asks.other", { address: html`<code class="break-all">${address}</code>` })}
      </p>`
    }
    <div class="relative mt-auto flex flex-wrap items-end gap-2">
      ${
        mayWrite && tool.files.length > 0 && configStatus !== "unreadable"
          ? html`<form
                method="post"
                action=${actionUrl(visit, "apply")}
                class="flex min-w-0 flex-1 flex-wrap items-center gap-2"
              >
                <input type="hidden" name="id" value=${tool.id} />
                <input
                  class="input input-small min-w-40 flex-1 font-mono"
                  name="model"
                  list="models"
                  value=${state.model ?? model}
                  required
                  autocomplete="off"
                  spellcheck="false"
                  aria-label=${say("tools.model.of", { name: tool.name })}
                />
                ${Button({
                  label: say(isOurs ? "tools.apply.again" : "tools.apply"),
                  small: true,
                  tone: isOurs ? "plain" : "primary",
                })}
              </form>
              ${
                isOurs &&
                html`<form method="post" action=${actionUrl(visit, "remove")}>
                  <input type="hidden" name="id" value=${tool.id} />
                  ${Button({ label: say("tools.undo"), icon: "refresh", small: true, tone: "quiet" })}
                </form>`
              }`
          : ButtonLink({ href, label: say("tools.steps.show"), small: true })
      }
    </div>
  </li>`;
}

function MissingTool(visit: Visit, { tool, configStatus }: ClientState): Markup {
  const isSetUp = configStatus !== "not_configured" && configStatus !== "manual";
  return html`<li>
    <a class=${classes("tile", "tile-faded")} href=${`/dashboard/cli-tools/${tool.id}`}>
      <span class="min-w-0 flex-1 font-medium">${tool.name}</span>
      ${isSetUp && StatusBadge(visit, configStatus)}
    </a>
  </li>`;
}
