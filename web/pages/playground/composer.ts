import { actionUrl } from "../../page.ts";
import {
  Button,
  type FormState,
  html,
  Icon,
  type Markup,
  SelectField,
  TextArea,
  TextField,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { EFFORTS, MOST_MODELS } from "./chat.ts";

/** Where the next question is written, and how it is asked. */
export function Composer(visit: Visit, form: FormState, columns: number): Markup {
  const { say } = visit;
  return html`<div class="card playground-composer">
    <label class="sr-only" for="playground-prompt">${say("playground.prompt")}</label>
    <textarea
      class="input playground-prompt"
      id="playground-prompt"
      name="prompt"
      rows="3"
      placeholder=${say("playground.prompt.hint")}
      autocomplete="off"
      autofocus
      value=${form.value("prompt")}
    ></textarea>
    <div class="mt-3 flex flex-wrap items-center gap-2">
      ${Button({
        label: say("playground.more"),
        icon: "plus",
        small: true,
        to: actionUrl(visit, "more"),
        unchecked: true,
        disabled: columns >= MOST_MODELS,
        data: { more: "" },
      })}
      <span class="ml-auto flex items-center gap-2">
        <button type="button" class="btn btn-danger" hidden data-stop>
          ${Icon("stop", "size-[1.125rem]")} <span>${say("playground.stop")}</span>
        </button>
        ${Button({ label: say("playground.send"), icon: "send", tone: "primary", data: { send: "" } })}
      </span>
    </div>
    <details class="more mt-3" open=${form.value("system") !== ""}>
      <summary class="text-small text-muted">${say("playground.parameters")}</summary>
      <div class="mt-3 space-y-4">
        ${TextArea({ form, name: "system", label: say("playground.system"), rows: 2 })}
        <div class="grid grid-cols-2 gap-4 lg:grid-cols-4">
          ${TextField({ form, name: "temperature", label: say("playground.temperature"), placeholder: "0 – 2" })}
          ${TextField({ form, name: "topP", label: "Top P", placeholder: "0 – 1" })}
          ${TextField({ form, name: "maxTokens", label: say("playground.max-tokens"), type: "number", min: 1 })}
          ${SelectField({
            form,
            name: "effort",
            label: say("playground.effort"),
            options: [
              ["", say("playground.effort.any")],
              ...EFFORTS.map((each): [string, string] => [each, say(`playground.effort.${each}`)]),
            ],
          })}
        </div>
      </div>
    </details>
  </div>`;
}
