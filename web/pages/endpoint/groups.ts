import { BUDGET_PERIODS } from "../../../src/core/key.ts";
import type { KeyGroup } from "../../../src/core/key-group.ts";
import { definePage } from "../../page.ts";
import { DeclaredBadge } from "../../parts/declared-badge.ts";
import { groupHref } from "../../parts/group-link.ts";
import { BudgetState, Spent } from "../../parts/spending.ts";
import {
  Badge,
  Button,
  Card,
  EmptyState,
  Form,
  type FormState,
  Heading,
  html,
  type Markup,
  Table,
  TextField,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { endpointTabs } from "./tabs.ts";

/** Groups of client keys: who is in them, what they spent together, and a new one. */
export const keyGroups = definePage({
  path: "/endpoint/groups",
  title: "key-groups.title",
  under: "/endpoint",
  load: ({ engine }) =>
    engine.access.groups.list().map((group) => ({
      holder: group,
      keys: engine.access.groups.keysIn(group.id),
      spending: engine.access.spendingOf(group),
    })),
  view: (groups, visit) => {
    const { say, show } = visit;
    return html`
      ${Heading({ title: say("endpoint.title"), lead: say("key-groups.lead") })}
      ${endpointTabs(visit, "groups")}
      <div class="grid grid-cols-1 items-start gap-6 xl:grid-cols-[minmax(0,1fr)_22rem]">
        ${Card({
          id: "groups",
          title: say("key-groups.title"),
          flush: groups.length > 0,
          children:
            groups.length === 0
              ? EmptyState({
                  icon: "stack",
                  title: say("key-groups.empty"),
                  children: say("key-groups.empty.note"),
                })
              : Table({
                  rows: groups,
                  label: say("key-groups.title"),
                  columns: [
                    {
                      title: say("key.name"),
                      cell: ({ holder }) =>
                        html`<a class="row-link font-medium break-words" href=${groupHref(holder.id)}
                            >${holder.name}</a
                          >
                          ${DeclaredBadge(visit, "keyGroups", holder.id)}
                          ${holder.note !== undefined && html`<p class="text-small text-muted max-sm:hidden">${holder.note}</p>`}`,
                    },
                    {
                      title: say("key.state"),
                      cell: ({ holder, spending }) =>
                        holder.isActive ? BudgetState(visit, spending) : groupState(visit, holder),
                    },
                    {
                      title: say("endpoint.keys"),
                      numeric: true,
                      wide: true,
                      cell: ({ keys }) => show.number(keys.length),
                    },
                    ...BUDGET_PERIODS.map((period) => ({
                      title: say(`budget.${period}`),
                      numeric: true,
                      wide: period !== "monthly",
                      cell: (spender: (typeof groups)[number]) => Spent(visit, spender, period),
                    })),
                  ],
                }),
        })}
        ${Card({
          id: "new-group",
          title: say("key-groups.new"),
          lead: say("key-groups.new.lead"),
          children: Form({
            visit,
            action: "create",
            className: "space-y-4",
            children: (form) => html`
              ${GroupFields(form)}
              ${Button({ label: say("key-groups.create"), icon: "plus", tone: "primary" })}
            `,
          }),
        })}
      </div>
    `;
  },
  actions: {
    create: ({ engine, actor, say }, form) => {
      const fields = { name: form.text("name"), note: form.orNull("note") };
      const { id, name } = engine.access.groups.create(fields, actor);
      return { message: say("key-groups.made", { name }), to: groupHref(id) };
    },
  },
});

/** What a group is called and what it is for. */
export function GroupFields(form: FormState, group?: KeyGroup): Markup {
  const { say } = form.visit;
  return html`
    ${TextField({
      form,
      name: "name",
      label: say("key.name"),
      placeholder: say("key-groups.name.example"),
      value: group?.name ?? "",
      required: true,
      maxlength: 100,
    })}
    ${TextField({ form, name: "note", label: say("key-groups.note"), value: group?.note ?? "", maxlength: 500 })}
  `;
}

/** Whether the keys of a group work, in a word. */
export const groupState = ({ say }: Pick<Visit, "say">, { isActive }: KeyGroup): Markup =>
  isActive ? Badge("ok", say("key.state.active")) : Badge("bad", say("key-groups.paused"));
