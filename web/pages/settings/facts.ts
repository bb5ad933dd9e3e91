import type { Action } from "../../page.ts";
import { actionUrl } from "../../page.ts";
import { Badge, Button, Card, Form, html, type Markup, Notice, TextField } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

/** Where the facts on providers, models and prices come from, and newer ones from an address. */
export function FactsCard(visit: Visit): Markup {
  const { say, engine } = visit;
  const { source, version, providers, models, warnings } = engine.manage.catalogue.view();
  return Card({
    id: "facts",
    title: say("facts.title"),
    lead: say("facts.lead"),
    children: html`<div class="space-y-4">
      <p class="flex flex-wrap items-center gap-2">
        ${Badge(source === "file" ? "info" : "quiet", version ?? say("facts.built-in"))}
        <span class="text-muted">${say("facts.holds", { providers, models })}</span>
      </p>
      ${warnings.map((warning) => Notice({ tone: "warn", children: html`<span lang="en">${warning}</span>` }))}
      ${Form({
        visit,
        action: "load-facts",
        className: "space-y-3",
        children: (form) => html`
          ${TextField({
            form,
            name: "url",
            label: say("facts.url"),
            hint: say.rich("facts.url.hint", { file: html`<code>catalogue.json</code>` }),
            type: "url",
            required: true,
            placeholder: "https://example.org/catalogue.json",
            code: true,
          })}
          ${Button({ label: say("facts.load"), data: { busy: say("test.running") } })}
        `,
      })}
      <div class="flex flex-wrap gap-2">
        <form method="post" action=${actionUrl(visit, "reload-facts")}>
          ${Button({ label: say("facts.reload"), icon: "refresh", small: true })}
        </form>
        ${
          source === "file" &&
          html`<form method="post" action=${actionUrl(visit, "reset-facts")}>
            ${Button({ label: say("facts.reset"), small: true })}
          </form>`
        }
      </div>
    </div>`,
  });
}

export const loadFacts: Action = async ({ engine, actor, say, signal }, form) => {
  const { models } = await engine.manage.catalogue.load({ url: form.text("url") }, actor, signal);
  return { message: say("facts.loaded", { models }), to: "#facts" };
};

export const reloadFacts: Action = ({ engine, actor, say }) => {
  const { models } = engine.manage.catalogue.reload(actor);
  return { message: say("facts.loaded", { models }), to: "#facts" };
};

export const resetFacts: Action = ({ engine, actor, say }) => {
  engine.manage.catalogue.reset(actor);
  return { message: say("facts.reset.done"), to: "#facts" };
};
