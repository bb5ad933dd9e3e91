import type { ChatTest } from "../../../src/translator/index.ts";
import { definePage } from "../../page.ts";
import { chatModels, suggestedModel } from "../../parts/model-choice.ts";
import {
  Badge,
  Button,
  CodeBlock,
  Form,
  html,
  type Markup,
  Notice,
  SelectField,
  TextArea,
  TextField,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { objectIn, shownJson } from "./json-text.ts";
import { startingBody, StartingPoints } from "./starting-points.ts";
import { TranslatorHead } from "./tabs.ts";

type Tried = { body: string; sourceFormat: string; model: string; test: ChatTest };

/** One real call, stage by stage: what came in, what went out, what came back, what was made of it. */
export const chatTester = definePage({
  path: "/translator/chat",
  title: "translator.mode.chat",
  under: "/translator",
  load: ({ engine, url, carried }) => ({
    tried: carried as Tried | undefined,
    body: startingBody(engine.translator, url.searchParams),
    model: suggestedModel(engine),
    models: chatModels(engine),
    formats: engine.translator.formats().filter(({ client }) => client),
  }),
  view: ({ tried, body, model, models, formats }, visit) => {
    const { say } = visit;
    return html`
      ${TranslatorHead(visit, "chat")}
      <datalist id="models">${models.map((name) => html`<option value=${name}></option>`)}</datalist>
      <div class="space-y-4">
        ${StartingPoints(visit)}
        ${Form({
          visit,
          action: "send",
          className: "card space-y-4 p-4",
          children: (form) => html`
            <div class="grid grid-cols-1 gap-4 sm:grid-cols-2">
              ${TextField({ form, name: "model", label: say("translator.chat.model"), value: tried?.model ?? model, list: "models", code: true, required: true })}
              ${SelectField({
                form,
                name: "sourceFormat",
                label: say("translator.from"),
                value: tried?.sourceFormat ?? "",
                options: [
                  ["", say("translator.auto")],
                  ...formats.map(({ id }): [string, string] => [id, id]),
                ],
              })}
            </div>
            ${TextArea({ form, name: "body", label: say("translator.body"), value: tried?.body ?? body, rows: 10, code: true })}
            <div class="flex flex-wrap items-center gap-3">
              ${Button({ label: say("translator.chat.send"), icon: "send", tone: "primary", data: { busy: say("test.running") } })}
              <span class="text-small text-muted">${say("translator.chat.cost")}</span>
            </div>
          `,
        })}
        ${tried && Stages(visit, tried.test)}
      </div>
    `;
  },
  actions: {
    send: async ({ engine, signal }, form) => {
      const [body, sourceFormat, model] = [
        form.secret("body"),
        form.text("sourceFormat"),
        form.text("model"),
      ];
      const test = await engine.translator.chat({ body: objectIn(body), sourceFormat, model }, signal);
      return { carry: { body, sourceFormat, model, test } satisfies Tried, to: "#stages" };
    },
  },
});

function Stages(visit: Visit, { requestId, input, exchanges, output }: ChatTest): Markup {
  const { say } = visit;
  const last = exchanges.at(-1);
  const warnings = output.headers["x-omniroute-warnings"];
  return html`<section class="space-y-4" id="stages" aria-labelledby="stages-title">
    <h2 class="flex flex-wrap items-center gap-3 text-lg font-semibold tracking-tight" id="stages-title">
      ${say("translator.chat.stages")} ${Badge(output.status < 400 ? "ok" : "bad", String(output.status))}
      <a class="link text-small font-normal" href=${`/dashboard/logs/${requestId}`}
        >${say("playground.receipt")}</a
      >
    </h2>
    ${warnings !== undefined && Notice({ tone: "warn", title: say("translator.losses", { count: warnings.split("; ").length }), children: html`<span lang="en">${warnings}</span>` })}
    ${exchanges.length > 1 && Notice({ tone: "info", children: say("translator.chat.tries", { count: exchanges.length }) })}
    <ol class="grid grid-cols-1 gap-4 lg:grid-cols-2">
      ${Stage(visit, 1, input.format, shownJson(input.body))}
      ${Stage(visit, 2, last?.format, last ? `${last.request.method} ${last.request.url}\n\n${shownJson(last.request.body)}` : say("translator.chat.none"))}
      ${Stage(visit, 3, last?.format, last?.response ? `${last.response.status} ${last.response.contentType}\n\n${pretty(last.response.body)}` : say("translator.chat.none"))}
      ${Stage(visit, 4, input.format, shownJson(output.body))}
    </ol>
  </section>`;
}

function Stage(visit: Visit, position: 1 | 2 | 3 | 4, format: string | undefined, text: string): Markup {
  return html`<li class="min-w-0">
    <p class="mb-1 flex items-center gap-2 font-medium">
      <span class="text-muted">${position}</span> ${visit.say(`translator.stage.${position}`)}
      ${format !== undefined && Badge("quiet", html`<code>${format}</code>`)}
    </p>
    <div class="stage">${CodeBlock(visit, text)}</div>
  </li>`;
}

/** JSON in steps; a stream as it is. */
function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
