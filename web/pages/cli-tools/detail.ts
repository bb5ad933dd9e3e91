import type { ClientBackup, ClientState } from "../../../src/clients/index.ts";
import { isFromThisMachine } from "../../../src/http/sign-in.ts";
import { actionUrl, definePage } from "../../page.ts";
import { publicBase } from "../../parts/addresses.ts";
import { chatModels, suggestedModel } from "../../parts/model-choice.ts";
import { RecipeView } from "../../parts/recipe-view.ts";
import { recipeOf } from "../../recipes/index.ts";
import {
  Button,
  Card,
  Confirm,
  Facts,
  Form,
  type FormState,
  Heading,
  html,
  type Markup,
  Moment,
  Notice,
  Table,
  TextField,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { bringBack, dropCopy, pointHere, takeBack } from "./actions.ts";
import { shortPath, StatusBadge, WritingClosed } from "./status.ts";

/** One client: pointing it here with every choice, by hand, and the copies of its settings. */
export const cliTool = definePage({
  path: "/cli-tools/:tool",
  title: "tools.title",
  under: "/cli-tools",
  load: (visit) => {
    const { engine, params } = visit;
    const tool = engine.clients.tool(params["tool"] ?? "");
    const state = engine.clients.desk.state(tool, publicBase(visit));
    return {
      state,
      copies: engine.clients.desk.backups(tool.id),
      model: state.model ?? suggestedModel(engine),
      models: chatModels(engine),
      mayWrite: engine.clients.mayWrite(isFromThisMachine(visit)),
    };
  },
  view: ({ state, copies, model, models, mayWrite }, visit) => {
    const { say } = visit;
    const { tool, configStatus } = state;
    const recipe = recipeOf(tool.id);
    return html`
      ${Heading({
        title: tool.name,
        badge: StatusBadge(visit, configStatus),
        back: { href: "/dashboard/cli-tools", label: say("tools.title") },
      })}
      <datalist id="models">${models.map((name) => html`<option value=${name}></option>`)}</datalist>
      <div class="grid grid-cols-1 items-start gap-6 lg:grid-cols-2">
        <div class="space-y-6">
          ${Card({ title: say("tools.found.title"), children: Found(visit, state) })}
          ${tool.files.length > 0 && (mayWrite ? SetUp(visit, state, model) : WritingClosed(visit))}
          ${copies.length > 0 && Copies(visit, copies, mayWrite)}
        </div>
        ${
          recipe &&
          Card({
            title: say("tools.steps"),
            lead: tool.files.length > 0 ? say("tools.steps.lead") : undefined,
            children: RecipeView(visit, recipe, {
              base: publicBase(visit),
              key: say("clients.key.place"),
              model,
            }),
          })
        }
      </div>
    `;
  },
  actions: { apply: pointHere, remove: takeBack, restore: bringBack, drop: dropCopy },
});

function Found(visit: Visit, state: ClientState): Markup {
  const { say } = visit;
  const { installed, reason, commandPath, settingsPaths, address, model, problem } = state;
  const code = (text: Markup) => html`<code class="break-all">${text}</code>`;
  return html`
    ${Facts([
      [
        say("tools.program"),
        commandPath === undefined
          ? say(installed ? "tools.program.traces" : "tools.program.none")
          : code(shortPath(visit, commandPath)),
      ],
      settingsPaths.length > 0 && [
        say("tools.settings"),
        settingsPaths.map((path) => html`<span class="block">${code(path)}</span>`),
      ],
      address !== undefined && [say("tools.asks"), code(address)],
      model !== undefined && [say("tools.model"), code(model)],
    ])}
    ${reason === "not_executable" && html`<div class="mt-3">${Notice({ tone: "warn", children: say("tools.not-executable") })}</div>`}
    ${problem !== undefined && html`<div class="mt-3">${Notice({ tone: "bad", children: html`<span lang="en">${problem}</span>` })}</div>`}
  `;
}

function SetUp(visit: Visit, { configStatus }: ClientState, model: string): Markup {
  const { say } = visit;
  const isOurs = configStatus === "configured";
  return Card({
    title: say("tools.setup"),
    lead: say("tools.setup.lead"),
    children: html`${Form({
      visit,
      action: "apply",
      className: "space-y-4",
      children: (form) => html`
        ${TextField({ form, name: "model", label: say("tools.model"), value: model, list: "models", required: true, code: true })}
        ${KeyChoice(visit, form, isOurs)}
        <div class="flex flex-wrap gap-2">
          ${Button({ label: say(isOurs ? "tools.apply.again" : "tools.apply"), tone: "primary" })}
          ${isOurs && Button({ label: say("tools.undo"), icon: "refresh", to: actionUrl(visit, "remove"), unchecked: true })}
        </div>
      `,
    })}`,
  });
}

type KeyOption = "new" | "none" | "own";

function KeyChoice(visit: Visit, form: FormState, isOurs: boolean): Markup {
  const { say, engine } = visit;
  const options: KeyOption[] = engine.access.keyRequired() ? ["new", "own"] : ["new", "none", "own"];
  const chosen = form.value("keyChoice", "new");
  const words = (option: KeyOption) =>
    say(option === "new" && isOurs ? "tools.key.kept" : `tools.key.${option}`);
  return html`<fieldset class="space-y-2">
    <legend class="field-label">${say("tools.key")}</legend>
    ${options.map(
      (option) =>
        html`<label class="check">
          <input type="radio" name="keyChoice" value=${option} checked=${option === chosen} />
          <span>${words(option)}</span>
        </label>`,
    )}
    ${TextField({ form, name: "apiKey", label: say("tools.key.text"), silent: true, type: "password", autocomplete: "off", placeholder: "sk-omni-…" })}
  </fieldset>`;
}

function Copies(visit: Visit, copies: readonly ClientBackup[], mayWrite: boolean): Markup {
  const { say } = visit;
  return Card({
    title: say("tools.copies"),
    lead: say("tools.copies.lead"),
    flush: true,
    children: Table({
      label: say("tools.copies"),
      rows: copies,
      rowId: ({ id }) => `copy-${id}`,
      tall: true,
      columns: [
        { title: say("tools.copies.at"), cell: ({ at }) => Moment(visit, at) },
        { title: say("tools.copies.before"), cell: ({ reason }) => say(`tools.copies.reason.${reason}`) },
        mayWrite && {
          title: say("tools.copies.do"),
          silent: true,
          numeric: true,
          cell: ({ id }) =>
            html`<span class="inline-flex items-center gap-1">
              <form method="post" action=${actionUrl(visit, "restore")}>
                <input type="hidden" name="backup" value=${id} />
                ${Button({ label: say("tools.restore"), small: true })}
              </form>
              ${Confirm({
                visit,
                id: `drop-${id}`,
                action: "drop",
                fields: { backup: id },
                label: say("tools.copy.drop"),
                iconOnly: true,
                question: say("tools.copy.drop.ask"),
                consequence: say("tools.copy.drop.then"),
                go: say("tools.copy.drop"),
              })}
            </span>`,
        },
      ],
    }),
  });
}
