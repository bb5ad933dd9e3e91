import type { ApiKey } from "../../../src/core/key.ts";
import { definePage } from "../../page.ts";
import { protocolAddresses, publicBase } from "../../parts/addresses.ts";
import { GroupLink } from "../../parts/group-link.ts";
import { keyChanges } from "../../server/key-changes.ts";
import {
  Badge,
  Button,
  ButtonLink,
  Card,
  CheckField,
  CopyLine,
  EmptyState,
  Form,
  Heading,
  html,
  type Markup,
  Notice,
  Table,
  TextField,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { endpointTabs } from "./tabs.ts";
import { keyColumns } from "./key-columns.ts";
import { expiryOf, KeyFields, scopesOf } from "./key-form.ts";

/** A key at the only moment its text is known. */
export type FreshKey = { key: string; name: string; rotated?: boolean };

/** Where clients go, and the keys they show. */
export const addresses = definePage({
  path: "/endpoint",
  title: "endpoint.title",
  menu: { group: "start", icon: "plug", letter: "e" },
  load: ({ engine, carried }) => ({
    keys: engine.access.listKeys().toReversed(),
    keyRequired: engine.access.keyRequired(),
    fresh: carried as FreshKey | undefined,
  }),
  view: ({ keys, keyRequired, fresh }, visit) => {
    const { say } = visit;
    return html`
      ${Heading({ title: say("endpoint.title"), lead: say("endpoint.lead") })}
      ${endpointTabs(visit, "addresses")}
      <div class="space-y-6">
        ${fresh && NewKey(visit, fresh)} ${Addresses(visit)} ${Keys(visit, keys, keyRequired)}
      </div>
    `;
  },
  actions: {
    create: (visit, form) => {
      const { key, record } = keyChanges(visit).create({
        name: form.text("name"),
        scopes: scopesOf(form),
        noLog: form.ticked("noLog"),
        expiresAt: expiryOf(form),
        groupId: form.orNull("groupId"),
      });
      return { carry: { key, name: record.name } satisfies FreshKey };
    },
  },
});

/** The new key, to be copied now or never. */
export function NewKey(visit: Visit, { key, name, rotated }: FreshKey): Markup {
  const { say } = visit;
  return Notice({
    tone: "ok",
    alert: true,
    title: say(rotated ? "key.rotated" : "key.made", { name }),
    children: html`<p>${say("key.once")}</p>
      <div class="mt-2 max-w-2xl">${CopyLine(visit, key, say("key.word"))}</div>`,
  });
}

function Addresses(visit: Visit): Markup {
  const { say } = visit;
  return Card({
    title: say("endpoint.addresses"),
    lead: say("endpoint.addresses.lead"),
    children: html`<dl class="grid grid-cols-1 gap-x-8 gap-y-5 lg:grid-cols-2">
      ${protocolAddresses(publicBase(visit)).map(
        ({ name, url, note }) =>
          html`<div>
            <dt class="font-medium">${name}</dt>
            <dd class="mt-1">
              ${CopyLine(visit, url, name)}
              <p class="mt-1 text-small text-muted">${say(note)}</p>
            </dd>
          </div>`,
      )}
    </dl>`,
  });
}

function Keys(visit: Visit, keys: readonly ApiKey[], keyRequired: boolean): Markup {
  const { say } = visit;
  const shown = keyColumns(visit);
  const groups = new Map(visit.engine.access.groups.list().map((group) => [group.id, group]));
  return html`<div class="grid grid-cols-1 items-start gap-6 xl:grid-cols-[minmax(0,1fr)_22rem]">
    ${Card({
      id: "keys",
      title: say("endpoint.keys"),
      lead: keyRequired ? say("endpoint.keys.required") : say("endpoint.keys.optional"),
      aside: keyRequired
        ? Badge("ok", say("home.keys.required"), { dot: true })
        : Badge("warn", say("home.keys.optional"), { dot: true }),
      flush: keys.length > 0,
      children:
        keys.length === 0
          ? EmptyState({
              icon: "key",
              title: say("endpoint.keys.empty"),
              children: say("endpoint.keys.empty.note"),
            })
          : Table({
              rows: keys,
              label: say("endpoint.keys"),
              columns: [
                shown.name,
                shown.state,
                groups.size > 0 && {
                  title: say("key.group"),
                  cell: ({ groupId = "" }) => {
                    const group = groups.get(groupId);
                    return (
                      group &&
                      html`${GroupLink(group)} ${!group.isActive && Badge("bad", say("key-groups.paused"))}`
                    );
                  },
                },
                {
                  title: say("key.scopes"),
                  wide: true,
                  cell: (key) => key.scopes.map((scope) => say(`key.scope.${scope}`)).join(", "),
                },
                shown.used,
                {
                  title: say("common.actions"),
                  silent: true,
                  numeric: true,
                  cell: (key) =>
                    ButtonLink({
                      href: `/dashboard/endpoint/keys/${key.id}`,
                      label: say("key.open", { name: key.name }),
                      icon: "pencil",
                      iconOnly: true,
                      small: true,
                      tone: "quiet",
                    }),
                },
              ],
            }),
    })}
    ${Card({
      id: "new-key",
      title: say("key.new"),
      children: Form({
        visit,
        action: "create",
        className: "space-y-4",
        children: (form) => html`
          ${TextField({
            form,
            name: "name",
            label: say("key.name"),
            placeholder: say("key.name.example"),
            required: true,
            maxlength: 100,
          })}
          ${KeyFields(form)}
          ${CheckField({ form, name: "noLog", label: say("key.no-log"), hint: say("key.no-log.hint") })}
          ${Button({ label: say("key.create"), icon: "plus", tone: "primary" })}
        `,
      }),
    })}
  </div>`;
}
