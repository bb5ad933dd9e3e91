import { definePage } from "../../page.ts";
import { Heading, html } from "../../ui/index.ts";
import { arranged, comboOf } from "./combo-form.ts";
import { ComboEditor, type Draft } from "./editor.ts";
import { TEMPLATES } from "./templates.ts";

/** A new combo, empty or from a template. */
export const newCombo = definePage({
  path: "/combos/new",
  title: "combos.new",
  under: "/combos",
  load: ({ engine, url }) => ({
    template: TEMPLATES.find(({ name }) => name === url.searchParams.get("template")),
    connections: engine.manage.connections.list(),
  }),
  view: ({ template, connections }, visit) => {
    const { say } = visit;
    const draft: Draft = {
      name: template?.name ?? "",
      strategy: template?.strategy ?? "priority",
      models: template?.models ?? [],
      config: {},
      isActive: true,
    };
    return html`
      ${Heading({
        title: say("combos.new"),
        lead: template ? say(template.purpose) : say("combos.lead"),
        back: { href: "/dashboard/combos", label: say("combo.back") },
      })}
      ${ComboEditor(visit, draft, { connections, save: say("combo.create") })}
    `;
  },
  actions: {
    arrange: (_visit, form) => ({ again: arranged(form), of: "save" }),
    save: ({ engine, actor, say }, form) => {
      const combo = engine.manage.combos.create(comboOf(form), actor);
      return { message: say("combo.created", { name: combo.name }), to: `/dashboard/combos/${combo.id}` };
    },
  },
});
