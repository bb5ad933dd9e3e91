import { GatewayError } from "../../../src/core/errors.ts";
import type { Translation } from "../../../src/translator/index.ts";
import { wordsOf } from "../../errors.ts";
import { type Action, definePage } from "../../page.ts";
import {
  Badge,
  Button,
  Card,
  CodeBlock,
  Confirm,
  Form,
  html,
  type Markup,
  Notice,
  SelectField,
  TextArea,
  TextField,
} from "../../ui/index.ts";
import type { FormFields } from "../../server/form-fields.ts";
import type { Visit } from "../../visit.ts";
import { bodyIn, shownJson } from "./json-text.ts";
import { startingBody, StartingPoints } from "./starting-points.ts";
import { TranslatorHead } from "./tabs.ts";

const STEPS = ["direct", "2", "4"] as const;

type Wish = { body: string; sourceFormat: string; targetFormat: string; provider: string; step: string };

/** A body in one format as it would be in another; nothing is sent. */
export const translator = definePage({
  path: "/translator",
  title: "translator.title",
  menu: { group: "system", icon: "translate", letter: "r" },
  load: (visit) => {
    const { engine, url, returned } = visit;
    const typed = returned?.action === "translate" ? returned.typed : undefined;
    const wish = typed ? wishIn(typed) : startingWish(visit);
    return {
      wish,
      formats: engine.translator.formats(),
      providers: engine.catalogue.entries
        .filter(({ connections }) => connections.length > 0)
        .map(({ provider }) => provider.prefixes?.[0] ?? provider.id),
      outcome: outcomeOf(visit, wish),
      sample: url.searchParams.get("sample") ?? "",
    };
  },
  view: ({ wish, formats, providers, outcome, sample }, visit) => {
    const { say } = visit;
    const own = formats.map(({ id }): [string, string] => [id, id]);
    const targets = formats.filter(({ provider }) => provider).map(({ id }): [string, string] => [id, id]);
    return html`
      ${TranslatorHead(visit, "translate")}
      <div class="space-y-4" data-island="translator">
        ${StartingPoints(visit)}
        <datalist id="providers">${providers.map((name) => html`<option value=${name}></option>`)}</datalist>
        ${Form({
          visit,
          action: "translate",
          className: "grid grid-cols-1 items-start gap-4 lg:grid-cols-2",
          children: (form) => html`
            <div class="card space-y-4 p-4">
              ${SelectField({ form, name: "sourceFormat", label: say("translator.from"), value: wish.sourceFormat, options: [["", say("translator.auto")], ...own] })}
              ${TextArea({ form, name: "body", label: say("translator.body"), value: wish.body, rows: 22, code: true })}
            </div>
            <div class="card space-y-4 p-4">
              <div class="grid grid-cols-1 gap-4 sm:grid-cols-3 lg:grid-cols-2 2xl:grid-cols-3">
                ${SelectField({ form, name: "targetFormat", label: say("translator.to"), value: wish.targetFormat, options: targets })}
                ${TextField({ form, name: "provider", label: say("translator.provider"), value: wish.provider, list: "providers", code: true, placeholder: say("translator.provider.any") })}
                ${SelectField({ form, name: "step", label: say("translator.step"), value: wish.step, options: STEPS.map((step): [string, string] => [step, say(`translator.step.${step}`)]) })}
              </div>
              <div class="needs-no-script">${Button({ label: say("translator.go"), tone: "primary" })}</div>
              <div class="min-w-0 space-y-3" id="translation" aria-live="polite">
                ${Outcome(visit, outcome)}
              </div>
            </div>
          `,
        })}
        ${Card({ title: say("translator.samples"), lead: say("translator.samples.lead"), children: Samples(visit, wish.body, sample) })}
      </div>
    `;
  },
  actions: {
    translate: (_visit, form) => ({ again: form, of: "translate" }),
    save: (visit, form) => {
      const name = form.text("file");
      visit.engine.translator.samples.save(name, form.secret("content"));
      return {
        message: visit.say("translator.sample.saved", { name }),
        to: `/dashboard/translator?sample=${encodeURIComponent(name)}`,
      };
    },
    remove: removeSample,
  },
});

function removeSample(visit: Visit, form: FormFields): ReturnType<Action> {
  const name = form.text("file");
  visit.engine.translator.samples.remove(name);
  return { message: visit.say("translator.sample.removed", { name }), to: "/dashboard/translator" };
}

type Outcome = { translation: Translation } | { error: GatewayError };

function outcomeOf({ engine }: Visit, { body, ...wish }: Wish): Outcome | undefined {
  if (body.trim() === "") return undefined;
  try {
    return { translation: engine.translator.translate({ ...wish, body: bodyIn(body) }) };
  } catch (error) {
    if (error instanceof GatewayError) return { error };
    throw error;
  }
}

/** What came out, and what could not be said. */
function Outcome(visit: Visit, outcome: Outcome | undefined): Markup {
  const { say } = visit;
  if (!outcome) return undefined;
  if ("error" in outcome)
    return Notice({ tone: "bad", children: html`<span lang="en">${wordsOf(outcome.error, visit)}</span>` });
  const { sourceFormat, targetFormat, kind, result, losses } = outcome.translation;
  return html`
    <p class="flex flex-wrap items-center gap-2 text-small text-muted">
      <code>${sourceFormat}</code> ${targetFormat !== undefined && html`→ <code>${targetFormat}</code>`}
      ${Badge("quiet", say(`translator.kind.${kind}`))}
    </p>
    ${
      losses.length > 0 &&
      Notice({
        tone: "warn",
        title: say("translator.losses", { count: losses.length }),
        children: html`<ul lang="en">
          ${losses.map(({ what, why }) => html`<li><code>${what}</code>: ${why}</li>`)}
        </ul>`,
      })
    }
    ${CodeBlock(visit, shownJson(result), targetFormat ?? say("translator.result"))}
  `;
}

function Samples(visit: Visit, body: string, current: string): Markup {
  const { say } = visit;
  return html`<div class="flex flex-wrap items-end gap-3">
    ${Form({
      visit,
      action: "save",
      className: "flex flex-wrap items-end gap-3",
      children: (form) => html`
        <input type="hidden" name="content" value=${form.value("content", body)} data-sample-content />
        ${TextField({ form, name: "file", label: say("translator.sample.name"), value: current, required: true, pattern: "[\\w\\-]{1,64}(\\.json)?", patternHint: say("translator.sample.hint"), code: true })}
        ${Button({ label: say("translator.sample.save") })}
      `,
    })}
    ${
      current !== "" &&
      Confirm({
        visit,
        id: "remove-sample",
        action: "remove",
        fields: { file: current },
        label: say("translator.sample.remove"),
        question: say("translator.sample.remove.ask", { name: current }),
        consequence: say("translator.sample.remove.then"),
        go: say("translator.sample.remove"),
      })
    }
  </div>`;
}

const wishIn = (form: FormFields): Wish => ({
  body: form.secret("body"),
  sourceFormat: form.text("sourceFormat"),
  targetFormat: form.text("targetFormat"),
  provider: form.text("provider"),
  step: form.text("step") || "direct",
});

function startingWish({ engine, url }: Visit): Wish {
  const format = url.searchParams.get("format") ?? "openai";
  return {
    body: startingBody(engine.translator, url.searchParams),
    sourceFormat: "",
    targetFormat: url.searchParams.get("to") ?? (format === "claude" ? "openai" : "claude"),
    provider: "",
    step: "direct",
  };
}
