import { z } from "zod";
import { chatFromDashboard } from "../../../src/http/dashboard-chat.ts";
import { newRequestId } from "../../../src/lib/ids.ts";
import { asGatewayError } from "../../../src/relay/index.ts";
import { type Action, definePage } from "../../page.ts";
import { chatModels, suggestedModel } from "../../parts/model-choice.ts";
import type { FormFields } from "../../server/form-fields.ts";
import { ButtonLink, Form, Heading, html } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import {
  type Answer,
  bodyOf,
  factsOf,
  MOST_MODELS,
  type Parameters,
  parametersIn,
  type Turn,
} from "./chat.ts";
import { Answered, Asked, Columns } from "./columns.ts";
import { Composer } from "./composer.ts";

const KEPT_BYTES = 500_000;

/** Chat with models and combos, several side by side. */
export const playground = definePage({
  path: "/playground",
  title: "playground.title",
  menu: { group: "start", icon: "chat", letter: "y" },
  load: ({ engine, url }) => ({
    named: url.searchParams.getAll("model").slice(0, MOST_MODELS),
    suggested: suggestedModel(engine),
    models: chatModels(engine),
  }),
  view: ({ named, suggested, models }, visit) => {
    const { say, returned } = visit;
    const typed = returned?.action === "ask" ? returned.typed : undefined;
    const columns = typed?.all("model") ?? (named.length > 0 ? named : [suggested]);
    const turns = turnsIn(typed);
    return html`
      ${Heading({
        title: say("playground.title"),
        lead: say("playground.lead"),
        aside: ButtonLink({
          href: `?${new URLSearchParams(columns.map((model) => ["model", model]))}`,
          label: say("playground.new"),
          icon: "plus",
          small: true,
        }),
      })}
      <datalist id="models">${models.map((name) => html`<option value=${name}></option>`)}</datalist>
      <div
        data-island="playground"
        data-words=${JSON.stringify({
          tokens: say("playground.tokens"),
          receipt: say("playground.receipt"),
          stopped: say("playground.stopped"),
          lost: say("playground.lost"),
          column: say("playground.column", { position: "{position}" }),
        })}
      >
        ${Form({
          visit,
          action: "ask",
          className: "playground",
          children: (form) => html`
            <input type="hidden" name="turns" value=${JSON.stringify(turns)} data-turns />
            ${Columns(visit, columns, turns)} ${Composer(visit, form, columns.length)}
          `,
        })}
        <template data-template="question">${Asked("")}</template>
        <template data-template="answer">${Answered(visit, EMPTY)}</template>
      </div>
    `;
  },
  actions: {
    ask: async (visit, form) => {
      const question = form.text("prompt");
      const turns = turnsIn(form);
      if (question === "") return { again: form, of: "ask" };
      const parameters = parametersIn((name) => form.secret(name));
      const answers = await Promise.all(
        form
          .all("model")
          .map((model, column) =>
            model === "" ? null : ask(visit, model, { column, turns, question }, parameters),
          ),
      );
      return {
        again: form.with({ turns: [fitting([...turns, { question, answers }])], prompt: [""] }),
        of: "ask",
      };
    },
    more: (_visit, form) => {
      const models = form.all("model");
      const next = models.length < MOST_MODELS ? [...models, ""] : models;
      return { again: form.with({ model: next }), of: "ask" };
    },
    less: withoutColumn,
  },
});

function withoutColumn(visit: Visit, form: FormFields): ReturnType<Action> {
  const column = Number(visit.url.searchParams.get("column"));
  const models = form.all("model");
  if (models.length < 2) return { again: form, of: "ask" };
  const turns = turnsIn(form).map(({ question, answers }) => ({
    question,
    answers: answers.filter((_answer, index) => index !== column),
  }));
  return {
    again: form.with({
      model: models.filter((_model, index) => index !== column),
      turns: [JSON.stringify(turns)],
    }),
    of: "ask",
  };
}

const EMPTY: Answer = { model: "", text: "", reasoning: "", facts: {} };

/** One whole answer, for browsers without scripts; with them answers stream over the management API. */
async function ask(
  { engine, signal, url }: Visit,
  model: string,
  talk: { column: number; turns: readonly Turn[]; question: string },
  parameters: Parameters,
): Promise<Answer> {
  const requestId = newRequestId();
  try {
    const body = new TextEncoder().encode(
      JSON.stringify(bodyOf(model, { ...talk, stream: false }, parameters)),
    );
    const response = await chatFromDashboard(engine, { requestId, path: url.pathname, body, signal });
    const { choices } = wholeAnswer.parse(await response.json());
    const message = choices[0]?.message;
    return {
      model,
      text: message?.content ?? "",
      reasoning: message?.reasoning_content ?? "",
      facts: factsOf((name) => response.headers.get(name)),
    };
  } catch (error) {
    const { message } = asGatewayError(error, engine.clock.now());
    return { ...EMPTY, model, error: message, facts: { requestId } };
  }
}

const wholeAnswer = z.object({
  choices: z.array(
    z.object({
      message: z.object({ content: z.string().nullish(), reasoning_content: z.string().nullish() }),
    }),
  ),
});

const turnList = z
  .array(
    z.object({
      question: z.string(),
      answers: z
        .array(
          z
            .object({
              model: z.string(),
              text: z.string(),
              reasoning: z.string(),
              error: z.string().optional(),
              facts: z
                .object({
                  requestId: z.string(),
                  by: z.string(),
                  tokensIn: z.number(),
                  tokensOut: z.number(),
                  cost: z.number(),
                  latencyMs: z.number(),
                })
                .partial(),
            })
            .nullable(),
        )
        .max(MOST_MODELS),
    }),
  )
  .max(200);

/** The talk so far, as the form carries it along; nothing of it is kept on the server. */
function turnsIn(form: FormFields | undefined): Turn[] {
  const text = form?.secret("turns") ?? "";
  if (text === "") return [];
  try {
    return turnList.parse(JSON.parse(text)) as Turn[];
  } catch {
    return [];
  }
}

/** The oldest turns go when the form would grow too large to be sent. */
function fitting(turns: Turn[]): string {
  let kept = turns;
  while (kept.length > 1 && JSON.stringify(kept).length > KEPT_BYTES) kept = kept.slice(1);
  return JSON.stringify(kept);
}
