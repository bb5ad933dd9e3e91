import { KEYLESS } from "../../../src/core/key.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import type { Plan } from "../../../src/core/target.ts";
import type { Engine } from "../../../src/engine.ts";
import { type TriedTarget, tryTargets } from "../../../src/relay/index.ts";
import { definePage } from "../../page.ts";
import { Confirm, CopyButton, Heading, html } from "../../ui/index.ts";
import { arranged, comboOf } from "./combo-form.ts";
import { DryRun } from "./dry-run.ts";
import { ComboEditor } from "./editor.ts";
import { RehearsalCard, type Rehearsed, rehearsalOf } from "./rehearsal-card.ts";
import { TestCard } from "./test-card.ts";

const TEST_MS = 60_000;

/** What a button of the page brought. */
type Carried = { tried?: TriedTarget[]; rehearsed?: Rehearsed };

/** One combo: what a request would do now, how its models answer, and everything that can be changed. */
export const combo = definePage({
  path: "/combos/:id",
  title: "combo.title",
  under: "/combos",
  load: ({ engine, params, carried }) => {
    const stored = engine.manage.combos.find(params["id"] ?? "");
    return {
      stored,
      plan: planOf(engine, stored.name),
      users: usersOf(engine, stored.name),
      connections: engine.manage.connections.list(),
      ...(carried as Carried | undefined),
    };
  },
  view: ({ stored, plan, users, connections, tried, rehearsed }, visit) => {
    const { say } = visit;
    return html`
      ${Heading({
        title: html`<span class="font-mono">${stored.name}</span>
          ${CopyButton(visit, stored.name, stored.name)}`,
        lead: say("combo.lead"),
        back: { href: "/dashboard/combos", label: say("combo.back") },
        aside: [
          Confirm({
            visit,
            id: "remove-combo",
            action: "remove",
            fields: {},
            label: say("common.remove"),
            question: say("combo.remove.question", { name: stored.name }),
            consequence: [
              say("combo.remove.consequence"),
              " ",
              users.length > 0 && say("combo.remove.used", { users: users.join(", ") }),
            ],
            go: say("common.remove"),
          }),
        ],
      })}
      <div class="space-y-6">
        <div class="grid grid-cols-1 items-start gap-6 xl:grid-cols-2">
          ${DryRun(visit, plan)} ${TestCard(visit, stored.models.length, tried)}
        </div>
        ${RehearsalCard(visit, stored.models, rehearsed)}
        ${ComboEditor(visit, stored, { connections, save: say("common.save") })}
      </div>
    `;
  },
  actions: {
    arrange: (_visit, form) => ({ again: arranged(form), of: "save" }),
    save: ({ engine, actor, params, say }, form) => {
      const id = params["id"] ?? "";
      const { config } = engine.manage.combos.find(id);
      const { name } = engine.manage.combos.update(id, comboOf(form, config), actor);
      return say("combo.saved", { name });
    },
    test: async ({ engine, params, signal }) => {
      const { models } = engine.manage.combos.find(params["id"] ?? "");
      const limit = AbortSignal.any([signal, AbortSignal.timeout(TEST_MS)]);
      const tried = await tryTargets(
        engine.relayDeps,
        models.map(({ model }) => model),
        limit,
      );
      return { carry: { tried } satisfies Carried };
    },
    rehearse: async ({ engine, params }, form) => {
      const { id, models } = engine.manage.combos.find(params["id"] ?? "");
      const wishes = rehearsalOf(form, models);
      const rehearsal = await engine.rehearse(id, wishes);
      return { carry: { rehearsed: { rehearsal, wishes } } satisfies Carried, to: "#rehearsal" };
    },
    remove: ({ engine, actor, params, say }) => {
      const { name } = engine.manage.combos.find(params["id"] ?? "");
      // The question before this named whoever uses it.
      engine.manage.combos.remove(params["id"] ?? "", true, actor);
      return { message: say("combo.removed", { name }), to: "/dashboard/combos" };
    },
  },
});

/** What leads to this combo: other combos, aliases, chains. */
function usersOf({ catalogue }: Engine, name: string): string[] {
  return [
    ...[...catalogue.combos.values()]
      .filter(({ models }) => models.some(({ model }) => model === name))
      .map((other) => other.name),
    ...catalogue.aliases.filter(({ target }) => target === name).map(({ pattern }) => pattern),
    ...catalogue.chains.filter(({ models }) => models.includes(name)).map((chain) => chain.name),
  ];
}

/** The plan a request would get now, or why it would get none. */
function planOf(engine: Engine, name: string): Plan | GatewayError {
  try {
    return engine.plan(name, KEYLESS);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
}
