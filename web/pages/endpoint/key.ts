import { GatewayError } from "../../../src/core/errors.ts";
import { totalUsage } from "../../../src/store/index.ts";
import { definePage } from "../../page.ts";
import { GroupLink } from "../../parts/group-link.ts";
import { keyChanges } from "../../server/key-changes.ts";
import {
  Button,
  Card,
  CheckField,
  Confirm,
  Facts,
  Form,
  Heading,
  html,
  Relative,
  SelectField,
  TextField,
} from "../../ui/index.ts";
import { type FreshKey, NewKey } from "./addresses.ts";
import { expiryOf, KeyFields, keyState, scopesOf } from "./key-form.ts";
import { KeyRules, rulesOf } from "./key-rules.ts";

const MONTH = 30 * 86_400_000;

/** How long the old text of a key goes on working beside the new one, in seconds. */
const GRACES = [0, 3600, 86_400, 604_800] as const;

/** One client key: what it may do, what it did, a new text for it, and its end. */
export const key = definePage({
  path: "/endpoint/keys/:id",
  title: "key.title",
  under: "/endpoint",
  load: ({ engine, params, carried, now }) => {
    const record = engine.access.listKeys().find(({ id }) => id === params["id"]);
    if (!record) throw new GatewayError("not_found", "There is no such API key.");
    return {
      record,
      fresh: carried as FreshKey | undefined,
      usage: totalUsage(engine.store, { from: now - MONTH, to: now + 1, per: "day", keyId: record.id }),
    };
  },
  view: ({ record, fresh, usage }, visit) => {
    const { say, show } = visit;
    const group = visit.engine.access.groups.list().find(({ id }) => id === record.groupId);
    const isOver = record.revokedAt !== undefined;
    return html`
      ${Heading({
        title: record.name,
        lead: html`<code>${record.masked}</code>`,
        back: { href: "/dashboard/endpoint", label: say("key.back") },
      })}
      <div class="space-y-6">
        ${fresh && NewKey(visit, fresh)}
        ${Card({
          title: say("key.facts"),
          children: Facts([
            [say("key.state"), keyState(visit, record)],
            group && [say("key.group"), GroupLink(group)],
            [say("key.created"), Relative(visit, record.createdAt)],
            [say("key.used"), Relative(visit, record.lastUsedAt, say("common.never"))],
            [say("key.month.requests"), show.number(usage.requests)],
            [
              say("key.month.tokens"),
              show.compact(usage.input + usage.cacheRead + usage.cacheWrite + usage.output),
            ],
            [say("key.month.cost"), show.money(usage.cost)],
            ...(record.former ?? [])
              .filter(({ until }) => until > visit.now)
              .map(({ until }) => [say("key.former"), Relative(visit, until)] as const),
          ]),
        })}
        ${
          !isOver &&
          html`<div class="grid grid-cols-1 items-start gap-6 lg:grid-cols-2">
            ${Card({
              title: say("key.edit"),
              children: Form({
                visit,
                action: "update",
                className: "space-y-4",
                children: (form) => html`
                  ${TextField({ form, name: "name", label: say("key.name"), value: record.name, required: true, maxlength: 100 })}
                  ${KeyFields(form, record)}
                  ${CheckField({
                    form,
                    name: "noLog",
                    label: say("key.no-log"),
                    hint: say("key.no-log.hint"),
                    checked: record.noLog,
                  })}
                  ${Button({ label: say("common.save"), tone: "primary" })}
                `,
              }),
            })}
            <div class="space-y-6">
              ${Card({
                title: say("key.rotate"),
                lead: say("key.rotate.lead"),
                children: Form({
                  visit,
                  action: "rotate",
                  className: "space-y-4",
                  children: (form) => html`
                    ${SelectField({
                      form,
                      name: "grace",
                      label: say("key.grace"),
                      options: GRACES.map((seconds) => [
                        String(seconds),
                        seconds === 0 ? say("key.grace.none") : show.duration(seconds * 1000),
                      ]),
                    })}
                    ${Button({ label: say("key.rotate.go"), icon: "refresh" })}
                  `,
                }),
              })}
              ${Card({
                title: say("key.revoke"),
                lead: say("key.revoke.lead"),
                children: Confirm({
                  visit,
                  id: "revoke-key",
                  action: "revoke",
                  fields: {},
                  label: say("key.revoke.go"),
                  tone: "plain",
                  question: say("key.revoke.question", { name: record.name }),
                  consequence: say("key.revoke.consequence"),
                  go: say("key.revoke.go"),
                }),
              })}
            </div>
          </div>`
        }
        ${!isOver && KeyRules(visit, record)}
      </div>
    `;
  },
  actions: {
    update: (visit, form) => {
      const record = keyChanges(visit).update(idOf(visit.params), {
        name: form.text("name"),
        scopes: scopesOf(form),
        noLog: form.ticked("noLog"),
        expiresAt: expiryOf(form),
        groupId: form.orNull("groupId"),
      });
      return visit.say("key.saved", { name: record.name });
    },
    rules: (visit, form) => {
      const record = keyChanges(visit).update(idOf(visit.params), rulesOf(form));
      return visit.say("key.saved", { name: record.name });
    },
    rotate: (visit, form) => {
      const grace = GRACES.find((seconds) => String(seconds) === form.text("grace")) ?? 0;
      const { key: text, record } = keyChanges(visit).rotate(idOf(visit.params), grace);
      return { carry: { key: text, name: record.name, rotated: true } satisfies FreshKey };
    },
    revoke: (visit) => {
      const record = keyChanges(visit).revoke(idOf(visit.params));
      return { message: visit.say("key.revoked", { name: record.name }), to: "/dashboard/endpoint" };
    },
  },
});

const idOf = (params: { readonly [name: string]: string }): string => params["id"] ?? "";
