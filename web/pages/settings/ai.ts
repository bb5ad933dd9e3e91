import { definePage } from "../../page.ts";
import { DeclaredSettings } from "../../parts/declared-badge.ts";
import { keepWords } from "../../parts/prompt-break.ts";
import {
  Button,
  Card,
  CheckField,
  Form,
  Heading,
  html,
  SelectField,
  TextArea,
  TextField,
} from "../../ui/index.ts";
import { AnswerCacheCard, clearCache, forgetAnswer, saveCache, SimilarAnswers } from "./answer-cache.ts";
import { PromptBreaks } from "./prompt-breaks.ts";
import { PromptCaches } from "./prompt-caches.ts";
import { settingTabs } from "./tabs.ts";

const MODES = ["passthrough", "auto", "custom", "adaptive"] as const;
const EFFORTS = ["none", "low", "medium", "high"] as const;

/** What is done to requests on their way: how much models think, and what they are told first. */
export const ai = definePage({
  path: "/settings/ai",
  title: "settings.tab.ai",
  under: "/settings",
  load: ({ engine }) => engine.settings(),
  view: (settings, visit) => {
    const { say } = visit;
    const { thinkingBudget, systemPrompt } = settings;
    return html`
      ${Heading({ title: say("settings.title"), lead: say("settings.lead") })} ${settingTabs(visit, "ai")}
      <div class="max-w-3xl space-y-6">
        ${Card({
          title: say("thinking.title"),
          lead: say("thinking.lead"),
          aside: DeclaredSettings(visit, "thinkingBudget"),
          children: Form({
            visit,
            action: "thinking",
            className: "space-y-5",
            children: (form) => html`
              <fieldset>
                <legend class="field-label">${say("thinking.mode")}</legend>
                <div class="mt-1 grid grid-cols-1 gap-2 sm:grid-cols-2">
                  ${MODES.map(
                    (mode) =>
                      html`<label class="choice">
                        <input
                          type="radio"
                          name="mode"
                          value=${mode}
                          checked=${form.value("mode", thinkingBudget.mode) === mode}
                        />
                        <span class="font-medium">${say(`thinking.${mode}`)}</span>
                        <span class="text-small text-muted">${say(`thinking.${mode}.hint`)}</span>
                      </label>`,
                  )}
                </div>
              </fieldset>
              <div class="grid grid-cols-1 gap-4 sm:grid-cols-2">
                ${TextField({
                  form,
                  name: "customBudget",
                  label: say("thinking.budget"),
                  hint: say("thinking.budget.hint"),
                  type: "number",
                  min: 0,
                  max: 131_072,
                  required: true,
                  value: String(thinkingBudget.customBudget),
                })}
                ${SelectField({
                  form,
                  name: "effortLevel",
                  label: say("thinking.effort"),
                  hint: say("thinking.effort.hint"),
                  value: thinkingBudget.effortLevel,
                  options: EFFORTS.map((effort) => [effort, say(`effort.${effort}`)]),
                })}
              </div>
              ${Button({ label: say("common.save"), tone: "primary" })}
            `,
          }),
        })}
        ${Card({
          title: say("prompt.title"),
          lead: say("prompt.lead"),
          aside: DeclaredSettings(visit, "systemPrompt"),
          children: Form({
            visit,
            action: "prompt",
            className: "space-y-4",
            children: (form) => html`
              ${CheckField({ form, name: "enabled", label: say("prompt.enabled"), checked: systemPrompt.enabled })}
              ${TextArea({
                form,
                name: "prompt",
                label: say("prompt.text"),
                hint: say("prompt.text.hint"),
                value: systemPrompt.prompt,
                rows: 7,
                maxlength: 100_000,
              })}
              ${Button({ label: say("common.save"), tone: "primary" })}
            `,
          }),
        })}
      </div>
      <div class="mt-6 max-w-3xl space-y-6">
        ${AnswerCacheCard(visit, settings)} ${SimilarAnswers(visit)} ${PromptCaches(visit)}
        ${PromptBreaks(visit)}
      </div>
    `;
  },
  actions: {
    cache: saveCache,
    clearCache,
    forgetAnswer,
    keepWords,
    thinking: ({ engine, actor, say }, form) => {
      const thinkingBudget = {
        mode: form.text("mode"),
        customBudget: form.text("customBudget"),
        effortLevel: form.text("effortLevel"),
      };
      engine.manage.settings.change({ thinkingBudget }, actor);
      return say("settings.saved");
    },
    prompt: ({ engine, actor, say }, form) => {
      const systemPrompt = { enabled: form.ticked("enabled"), prompt: form.secret("prompt") };
      engine.manage.settings.change({ systemPrompt }, actor);
      return say("settings.saved");
    },
  },
});
