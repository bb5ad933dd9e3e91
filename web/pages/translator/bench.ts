import { GatewayError } from "../../../src/core/errors.ts";
import type { Reply } from "../../../src/core/reply.ts";
import type { Translator } from "../../../src/translator/index.ts";
import { definePage } from "../../page.ts";
import { chatModels, suggestedModel } from "../../parts/model-choice.ts";
import {
  Badge,
  Button,
  Card,
  Form,
  html,
  Icon,
  type Markup,
  Table,
  TextArea,
  TextField,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { objectIn } from "./json-text.ts";
import { startingBody } from "./starting-points.ts";
import { TranslatorHead } from "./tabs.ts";

const MOST_MODELS = 6;
const MOST_CASES = 20;

/** One template in one format, written in another. */
type Cell = { done: number; failed: string[]; losses: string[] };

/** One case asked of one model. */
type Answer = {
  status: number;
  text: string;
  passed: boolean | undefined;
  format: string | undefined;
  durationMs: number;
};
type Bench = { models: string[]; cases: { name: string; expected: string; answers: Answer[] }[] };

/** Every pair of formats at once, and own cases over several models. */
export const testBench = definePage({
  path: "/translator/bench",
  title: "translator.mode.bench",
  under: "/translator",
  load: ({ engine, url, carried }) => ({
    pairs: pairsOf(engine.translator),
    bench: carried as Bench | undefined,
    samples: engine.translator.samples.list(),
    body: startingBody(engine.translator, url.searchParams),
    model: suggestedModel(engine),
    models: chatModels(engine),
  }),
  view: ({ pairs, bench, samples, body, model, models }, visit) => {
    const { say } = visit;
    return html`
      ${TranslatorHead(visit, "bench")}
      <div class="space-y-6">
        ${Card({ title: say("translator.pairs"), lead: say("translator.pairs.lead"), flush: true, children: Pairs(visit, pairs) })}
        ${Card({
          title: say("translator.bench"),
          lead: say("translator.bench.lead"),
          children: Form({
            visit,
            action: "run",
            className: "space-y-4",
            children: (form) => html`
              ${TextArea({ form, name: "models", label: say("translator.bench.models"), hint: say("translator.bench.models.hint", { most: MOST_MODELS, example: models[0] ?? model }), value: bench?.models.join("\n") ?? model, rows: 3, code: true })}
              ${TextArea({ form, name: "body", label: say("translator.body"), value: body, rows: 8, code: true })}
              ${TextField({ form, name: "expected", label: say("translator.bench.expected"), hint: say("translator.bench.expected.hint") })}
              ${
                samples.length > 0 &&
                html`<fieldset class="space-y-2">
                  <legend class="field-label">${say("translator.bench.samples")}</legend>
                  ${samples.slice(0, MOST_CASES).map(
                    (name) =>
                      html`<div class="flex flex-wrap items-center gap-3">
                        <label class="check">
                          <input
                            type="checkbox"
                            name="sample"
                            value=${name}
                            checked=${form.returned?.typed.all("sample").includes(name)}
                          />
                          <span class="font-mono">${name}</span>
                        </label>
                        <input
                          class="input input-small w-64"
                          name=${`expected-${name}`}
                          value=${form.value(`expected-${name}`)}
                          placeholder=${say("translator.bench.expected")}
                          aria-label=${say("translator.bench.expected.of", { name })}
                        />
                      </div>`,
                  )}
                </fieldset>`
              }
              ${Button({ label: say("translator.bench.run"), icon: "play", tone: "primary", data: { busy: say("test.running") } })}
            `,
          }),
        })}
        ${bench && Results(visit, bench)}
      </div>
    `;
  },
  actions: {
    run: async (visit, form) => {
      const { translator } = visit.engine;
      const models = form.lines("models").slice(0, MOST_MODELS);
      const typed = form.secret("body").trim();
      const cases = [
        ...(typed === ""
          ? []
          : [{ name: visit.say("translator.bench.typed"), text: typed, expected: form.text("expected") }]),
        ...form
          .all("sample")
          .slice(0, MOST_CASES)
          .map((name) => ({
            name,
            text: translator.samples.load(name),
            expected: form.text(`expected-${name}`),
          })),
      ].map(({ text, ...rest }) => ({ ...rest, body: objectIn(text) }));
      const run: Bench = { models, cases: [] };
      for (const { name, expected, body } of cases) {
        const answers = await Promise.all(models.map((model) => askOne(visit, body, model, expected)));
        run.cases.push({ name, expected, answers });
      }
      return { carry: run, to: "#bench-results" };
    },
  },
});

async function askOne(
  { engine, signal }: Visit,
  body: { [field: string]: unknown },
  model: string,
  expected: string,
): Promise<Answer> {
  const started = engine.clock.monotonic();
  try {
    const { output, canonicalReply, exchanges } = await engine.translator.chat({ body, model }, signal);
    const text = canonicalReply ? textOf(canonicalReply) : JSON.stringify(output.body).slice(0, 500);
    return {
      status: output.status,
      text,
      format: exchanges.at(-1)?.format,
      durationMs: engine.clock.monotonic() - started,
      passed:
        expected === ""
          ? undefined
          : output.status < 400 && text.toLowerCase().includes(expected.toLowerCase()),
    };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return {
      status: error.status,
      text: error.message,
      format: undefined,
      passed: expected === "" ? undefined : false,
      durationMs: engine.clock.monotonic() - started,
    };
  }
}

const textOf = ({ parts }: Reply): string =>
  parts
    .map((part) =>
      part.type === "text" ? part.text : part.type === "tool-call" ? `${part.name}(${part.input})` : "",
    )
    .join("");

function Results(visit: Visit, { models, cases }: Bench): Markup {
  const { say, show } = visit;
  return Card({
    id: "bench-results",
    title: say("translator.bench.results"),
    flush: true,
    children: Table({
      label: say("translator.bench.results"),
      rows: cases,
      columns: [
        {
          title: say("translator.bench.case"),
          cell: ({ name, expected }) =>
            html`<span class="font-medium">${name}</span>
              ${expected !== "" && html`<span class="block text-small text-muted">${say("translator.bench.wants", { expected })}</span>`}`,
        },
        ...models.map((model, index) => ({
          title: html`<code>${model}</code>`,
          cell: ({ answers }: Bench["cases"][number]) => {
            const answer = answers[index];
            if (!answer) return undefined;
            const { passed, status, text, format, durationMs } = answer;
            return html`<div class="max-w-md min-w-40 space-y-1">
              <p class="flex flex-wrap gap-2">
                ${Badge(status < 400 ? "ok" : "bad", String(status))}
                ${passed !== undefined && Badge(passed ? "ok" : "bad", say(passed ? "translator.bench.passed" : "translator.bench.failed"))}
                ${format !== undefined && Badge("quiet", format)}
                <span class="text-small text-muted">${show.duration(durationMs)}</span>
              </p>
              <p class="line-clamp-4 text-small break-words whitespace-pre-wrap">${text}</p>
            </div>`;
          },
        })),
      ],
    }),
  });
}

/** All templates from each format that has them into each that providers speak. */
function pairsOf(translator: Translator): {
  sources: string[];
  targets: string[];
  cell(source: string, target: string): Cell;
} {
  const templates = translator.templates();
  const sources = Object.keys(templates[0]?.bodies ?? {});
  const targets = translator
    .formats()
    .filter(({ provider }) => provider)
    .map(({ id }) => id);
  const cell = (sourceFormat: string, targetFormat: string): Cell => {
    const found: Cell = { done: 0, failed: [], losses: [] };
    for (const { name, bodies } of templates) {
      try {
        const { losses } = translator.translate({
          sourceFormat,
          targetFormat,
          kind: "request",
          body: bodies[sourceFormat],
        });
        found.done++;
        found.losses.push(...losses.map(({ what, why }) => `${name}: ${what}: ${why}`));
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        found.failed.push(`${name}: ${error.message}`);
      }
    }
    return found;
  };
  return { sources, targets, cell };
}

function Pairs(visit: Visit, { sources, targets, cell }: ReturnType<typeof pairsOf>): Markup {
  const { say, show } = visit;
  return Table({
    label: say("translator.pairs"),
    rows: sources,
    columns: [
      { title: say("translator.from"), cell: (source) => html`<code>${source}</code>` },
      ...targets.map((target) => ({
        title: html`<code>${target}</code>`,
        cell: (source: string) => {
          const { done, failed, losses } = cell(source, target);
          const told = [...failed, ...losses];
          const words = say("translator.pairs.cell", { done, failed: failed.length, losses: losses.length });
          return html`<a
            class="inline-flex items-center gap-1.5"
            href=${`/dashboard/translator?${new URLSearchParams({ format: source, to: target })}`}
            title=${[words, ...told].join("\n")}
            aria-label=${words}
          >
            ${
              failed.length > 0
                ? html`<span class="text-bad">${Icon("cross", "size-4")}</span> ${show.number(failed.length)}`
                : losses.length > 0
                  ? html`<span class="text-warn">${Icon("warning", "size-4")}</span>
                      ${show.number(losses.length)}`
                  : html`<span class="text-ok">${Icon("check", "size-4")}</span>`
            }
          </a>`;
        },
      })),
    ],
  });
}
