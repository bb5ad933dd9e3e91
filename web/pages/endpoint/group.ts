import { type ApiKey, BUDGET_PERIODS } from "../../../src/core/key.ts";
import type { KeyGroup } from "../../../src/core/key-group.ts";
import { definePage } from "../../page.ts";
import { DeclaredBadge } from "../../parts/declared-badge.ts";
import { BudgetState, Spent } from "../../parts/spending.ts";
import { keyChanges } from "../../server/key-changes.ts";
import {
  Button,
  Card,
  Confirm,
  EmptyState,
  Facts,
  Form,
  Heading,
  html,
  type Markup,
  Relative,
  SelectField,
  Table,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { GroupFields, groupState } from "./groups.ts";
import { keyColumns } from "./key-columns.ts";
import { KeyRules, rulesOf } from "./key-rules.ts";

/** One group of client keys: its keys, what they spent, its rules, a pause and its end. */
export const keyGroup = definePage({
  path: "/endpoint/groups/:id",
  title: "key-groups.one",
  under: "/endpoint",
  load: ({ engine: { access }, params }) => {
    const group = access.groups.get(params["id"] ?? "");
    const others = access
      .listKeys()
      .filter(({ groupId, revokedAt }) => groupId !== group.id && revokedAt === undefined);
    return { group, keys: access.groups.keysIn(group.id), others, spending: access.spendingOf(group) };
  },
  view: ({ group, keys, others, spending }, visit) => {
    const { say, show, engine } = visit;
    const now = engine.access.activityOf(group);
    const { limits } = group;
    const of = (used: number, limit: number | undefined) =>
      limit === undefined ? undefined : `${show.number(used)} / ${show.number(limit)}`;
    return html`
      ${Heading({
        title: group.name,
        lead: group.note,
        back: { href: "/dashboard/endpoint/groups", label: say("key-groups.back") },
      })}
      <div class="space-y-6">
        ${Card({
          id: "group-facts",
          title: say("key.facts"),
          live: "request changed",
          aside: DeclaredBadge(visit, "keyGroups", group.id),
          children: Facts([
            [say("key.state"), groupState(visit, group)],
            [say("budget.title"), BudgetState(visit, spending)],
            ...BUDGET_PERIODS.map(
              (period) =>
                [
                  say(`budget.${period}`),
                  Spent(visit, { holder: group, spending }, period, "start"),
                ] as const,
            ),
            [say("key-rules.requestsPerMinute"), of(now.requests, limits?.requestsPerMinute)],
            [say("key-rules.requestsPerDay"), of(spending.daily.requests, limits?.requestsPerDay)],
            [say("key-rules.tokensPerMinute"), of(now.tokens, limits?.tokensPerMinute)],
            [say("key-rules.maxConcurrent"), of(now.running, limits?.maxConcurrent)],
            [say("key.created"), Relative(visit, group.createdAt)],
          ]),
        })}
        ${Keys(visit, keys, others)}
        <div class="grid grid-cols-1 items-start gap-6 lg:grid-cols-2">
          ${Card({
            title: say("key.edit"),
            children: Form({
              visit,
              action: "update",
              className: "space-y-4",
              children: (form) => html`
                ${GroupFields(form, group)} ${Button({ label: say("common.save"), tone: "primary" })}
              `,
            }),
          })}
          ${End(visit, group, keys.length)}
        </div>
        ${KeyRules(visit, group)}
      </div>
    `;
  },
  actions: {
    update: (visit, form) => saved(visit, { name: form.text("name"), note: form.orNull("note") }),
    rules: (visit, form) => saved(visit, rulesOf(form)),
    add: (visit, form) => {
      const { name } = keyChanges(visit).update(form.text("keyId"), { groupId: visit.params["id"] ?? "" });
      return visit.say("key-groups.key.added", { name });
    },
    "take-out": (visit, form) => {
      const { name } = keyChanges(visit).update(form.text("keyId"), { groupId: null });
      return visit.say("key-groups.key.taken", { name });
    },
    pause: (visit) => saved(visit, { isActive: false }),
    resume: (visit) => saved(visit, { isActive: true }),
    remove: ({ engine, actor, say, params }) => {
      const { name } = engine.access.groups.remove(params["id"] ?? "", { detach: true }, actor);
      return { message: say("key-groups.removed", { name }), to: "/dashboard/endpoint/groups" };
    },
  },
});

function saved(
  { engine, actor, say, params }: Visit,
  patch: Parameters<typeof engine.access.groups.update>[1],
): string {
  const { name } = engine.access.groups.update(params["id"] ?? "", patch, actor);
  return say("key.saved", { name });
}

function Keys(visit: Visit, keys: readonly ApiKey[], others: readonly ApiKey[]): Markup {
  const { say, show, engine } = visit;
  const shown = keyColumns(visit);
  return Card({
    id: "keys",
    title: say("endpoint.keys"),
    aside: others.length > 0 && Add(visit, others),
    flush: keys.length > 0,
    children:
      keys.length === 0
        ? EmptyState({
            icon: "key",
            title: say("endpoint.keys.empty"),
            children: say("key-groups.keys.empty"),
          })
        : Table({
            rows: keys,
            label: say("endpoint.keys"),
            columns: [
              shown.name,
              shown.state,
              {
                title: say("budget.monthly"),
                numeric: true,
                cell: (key) => show.money(engine.access.spendingOf(key).monthly.billed),
              },
              shown.used,
              {
                title: say("common.actions"),
                silent: true,
                numeric: true,
                cell: ({ id, name }) =>
                  Confirm({
                    visit,
                    id: `take-out-${id}`,
                    action: "take-out",
                    fields: { keyId: id },
                    label: say("key-groups.take-out", { name }),
                    icon: "cross",
                    iconOnly: true,
                    question: say("key-groups.take-out.question", { name }),
                    consequence: say("key-groups.remove.consequence", { count: 1 }),
                    go: say("key-groups.take-out.go"),
                  }),
              },
            ],
          }),
  });
}

/** A key that is not in the group yet, to be put into it. */
function Add(visit: Visit, others: readonly ApiKey[]): Markup {
  const { say } = visit;
  return Form({
    visit,
    action: "add",
    className: "flex flex-wrap items-end gap-2",
    children: (form) => html`
      ${SelectField({
        form,
        name: "keyId",
        label: say("key-groups.add"),
        silent: true,
        options: others.map(({ id, name }) => [id, name] as const),
      })}
      ${Button({ label: say("key-groups.add"), icon: "plus" })}
    `,
  });
}

/** A pause for all its keys, and the end of the group. */
function End(visit: Visit, { isActive, name }: KeyGroup, keys: number): Markup {
  const { say } = visit;
  return Card({
    title: say("key-groups.end"),
    lead: say("key-groups.end.lead"),
    children: html`<div class="flex flex-wrap gap-2">
      ${
        isActive
          ? Confirm({
              visit,
              id: "pause-group",
              action: "pause",
              fields: {},
              label: say("key-groups.pause"),
              icon: "stop",
              tone: "plain",
              question: say("key-groups.pause.question", { name }),
              consequence: say("key-groups.pause.consequence", { count: keys }),
              go: say("key-groups.pause"),
            })
          : Form({
              visit,
              action: "resume",
              children: () => Button({ label: say("key-groups.resume"), icon: "play", small: true }),
            })
      }
      ${Confirm({
        visit,
        id: "remove-group",
        action: "remove",
        fields: {},
        label: say("key-groups.remove"),
        tone: "plain",
        question: say("key-groups.remove.question", { name }),
        consequence: say("key-groups.remove.consequence", { count: keys }),
        go: say("key-groups.remove"),
      })}
    </div>`,
  });
}
