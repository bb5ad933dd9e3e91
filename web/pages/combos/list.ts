import type { Combo } from "../../../src/core/combo.ts";
import { strategyOf } from "../../../src/routing/index.ts";
import { definePage } from "../../page.ts";
import { strategyLabel } from "../../parts/strategy-words.ts";
import { DeclaredBadge } from "../../parts/declared-badge.ts";
import {
  Badge,
  ButtonLink,
  Card,
  CopyButton,
  EmptyState,
  Heading,
  html,
  type Markup,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { Legs } from "./legs.ts";
import { TEMPLATES } from "./templates.ts";

/** Named lists of models, each used like a model. */
export const combos = definePage({
  path: "/combos",
  title: "combos.title",
  menu: { group: "route", icon: "route", letter: "c" },
  load: ({ engine }) => {
    const all = engine.manage.combos.list();
    return { all, templates: TEMPLATES.filter(({ name }) => !all.some((combo) => combo.name === name)) };
  },
  view: ({ all, templates }, visit) => {
    const { say } = visit;
    return html`
      ${Heading({
        title: say("combos.title"),
        lead: say("combos.lead"),
        aside: ButtonLink({
          href: "/dashboard/combos/new",
          label: say("combos.new"),
          icon: "plus",
          tone: "primary",
        }),
      })}
      <div class="space-y-8">
        ${
          all.length === 0
            ? Card({
                children: EmptyState({
                  icon: "route",
                  title: say("combos.empty"),
                  children: say("combos.empty.note"),
                  action: ButtonLink({
                    href: "/dashboard/combos/new?template=try-it",
                    label: say("combos.empty.try"),
                  }),
                }),
              })
            : html`<ul class="space-y-3">
                ${all.map((combo) => ComboRow(visit, combo))}
              </ul>`
        }
        ${
          templates.length > 0 &&
          html`<section>
            <h2 class="text-lg font-semibold tracking-tight">${say("combos.templates")}</h2>
            <p class="text-muted">${say("combos.templates.lead")}</p>
            <ul class="mt-3 grid grid-cols-1 gap-3 lg:grid-cols-2">
              ${templates.map(
                ({ name, purpose, models }) =>
                  html`<li class="card flex flex-col gap-3 p-4">
                    <div class="flex items-start justify-between gap-3">
                      <div class="min-w-0">
                        <p class="font-mono font-medium break-all">${name}</p>
                        <p class="text-muted">${say(purpose)}</p>
                      </div>
                      ${ButtonLink({ href: `/dashboard/combos/new?template=${name}`, label: say("combos.templates.use"), small: true })}
                    </div>
                    ${Legs(visit, models)}
                  </li>`,
              )}
            </ul>
          </section>`
        }
      </div>
    `;
  },
});

function ComboRow(visit: Visit, combo: Combo): Markup {
  const { say } = visit;
  const href = `/dashboard/combos/${combo.id}`;
  return html`<li class="card p-5">
    <div class="flex flex-wrap items-center gap-x-3 gap-y-2">
      <a class="row-link font-mono text-base font-medium break-all" href=${href}>${combo.name}</a>
      ${CopyButton(visit, combo.name, combo.name)}
      ${Badge("quiet", strategyLabel(visit, strategyOf(combo.strategy)))}
      ${!combo.isActive && Badge("warn", say("combo.off"))} ${DeclaredBadge(visit, "combos", combo.id)}
      <span class="ml-auto">${ButtonLink({ href, label: say("combos.open"), small: true })}</span>
    </div>
    <div class="mt-3">
      ${
        combo.models.length === 0
          ? html`<p class="text-muted">${say("combo.no-models")}</p>`
          : Legs(visit, combo.models, { weighted: combo.strategy === "weighted" })
      }
    </div>
  </li>`;
}
