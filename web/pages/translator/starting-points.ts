import type { Translator } from "../../../src/translator/index.ts";
import { html, type Markup } from "../../ui/index.ts";
import { isMessageKey } from "../../i18n/index.ts";
import type { Visit } from "../../visit.ts";

/** The body that an address asks for: a kept sample, or a template in one format. */
export function startingBody(translator: Translator, query: URLSearchParams): string {
  const sample = query.get("sample");
  if (sample !== null && translator.samples.list().includes(sample)) return translator.samples.load(sample);
  const templates = translator.templates();
  const template = templates.find(({ id }) => id === query.get("template")) ?? templates[0];
  const bodies = template?.bodies ?? {};
  const body = bodies[query.get("format") ?? ""] ?? bodies["openai"] ?? Object.values(bodies)[0];
  return JSON.stringify(body ?? {}, null, 2);
}

/** Requests to begin with, as links that fill the form. */
export function StartingPoints({ say, engine, url }: Visit): Markup {
  const { translator } = engine;
  const format = url.searchParams.get("format") ?? "openai";
  const chosen =
    url.searchParams.get("template") ?? (url.searchParams.has("sample") ? "" : translator.templates()[0]?.id);
  const entry = (query: { [name: string]: string }, label: Markup, isCurrent: boolean) =>
    html`<a href=${`?${new URLSearchParams(query)}`} aria-current=${isCurrent ? "page" : undefined}
      >${label}</a
    >`;
  return html`<div class="space-y-2">
    <nav class="pills" aria-label=${say("translator.templates")}>
      ${translator.templates().map(({ id, name }) => {
        const key = `translator.template.${id}`;
        return entry({ template: id, format }, isMessageKey(key) ? say(key) : name, id === chosen);
      })}
    </nav>
    <nav class="pills" aria-label=${say("translator.format.of")}>
      ${Object.keys(translator.templates()[0]?.bodies ?? {}).map((name) =>
        entry(
          { template: chosen || "simple", format: name },
          html`<code>${name}</code>`,
          chosen !== "" && name === format,
        ),
      )}
      ${translator.samples
        .list()
        .map((name) => entry({ sample: name }, name, url.searchParams.get("sample") === name))}
    </nav>
  </div>`;
}
