import { isLoopbackHost } from "../../../src/core/config.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import { actionUrl, definePage } from "../../page.ts";
import { DeclaredSettings } from "../../parts/declared-badge.ts";
import { isOffered } from "../../parts/provider-state.ts";
import {
  Badge,
  Button,
  Card,
  CheckField,
  Form,
  Heading,
  html,
  type Markup,
  Notice,
  Relative,
  Table,
  TextField,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { AddressFilter, saveAddressFilter } from "./address-filter.ts";
import { settingTabs } from "./tabs.ts";

/** Who may come in, and what may be reached. */
export const security = definePage({
  path: "/settings",
  title: "settings.title",
  menu: { group: "system", icon: "sliders", letter: "s" },
  load: ({ engine }) => ({
    settings: engine.settings(),
    sessions: engine.access.listSessions().toReversed(),
    filter: engine.access.addresses.state(),
    mayDropLogin: isLoopbackHost(engine.config.host),
  }),
  view: ({ settings, sessions, filter, mayDropLogin }, visit) => {
    const { say } = visit;
    return html`
      ${Heading({ title: say("settings.title"), lead: say("settings.lead") })}
      ${settingTabs(visit, "security")}
      <div class="grid grid-cols-1 items-start gap-6 xl:grid-cols-2">
        <div class="space-y-6">
          ${PasswordCard(visit)}
          ${Card({
            title: say("login-switch.title"),
            aside: DeclaredSettings(visit, "requireAuthForModels"),
            children: Form({
              visit,
              action: "login",
              className: "space-y-4",
              children: (form) => html`
                ${!mayDropLogin && Notice({ tone: "quiet", children: say("login-switch.only-local") })}
                ${CheckField({
                  form,
                  name: "requireLogin",
                  label: say("login-switch.label"),
                  hint: say("login-switch.hint"),
                  checked: settings.requireLogin || !mayDropLogin,
                  disabled: !mayDropLogin,
                })}
                ${CheckField({
                  form,
                  name: "requireAuthForModels",
                  label: say("models-switch.label"),
                  hint: say("models-switch.hint"),
                  checked: settings.requireAuthForModels,
                })}
                ${Button({ label: say("common.save"), tone: "primary" })}
              `,
            }),
          })}
        </div>
        <div class="space-y-6">
          ${Sessions(visit, sessions)} ${AddressFilter(visit, filter)}
          ${Blocking(visit, settings.blockedProviders)}
        </div>
      </div>
    `;
  },
  actions: {
    filter: saveAddressFilter,
    password: async ({ engine, session, say }, form) => {
      if (form.secret("newPassword") !== form.secret("repeated"))
        throw new GatewayError("bad_request", "The two new passwords differ.", { param: "repeated" });
      await engine.access.changePassword(
        form.secret("currentPassword"),
        form.secret("newPassword"),
        session?.token,
      );
      return say("password.changed");
    },
    login: ({ engine, actor, say }, form) => {
      const mayDrop = isLoopbackHost(engine.config.host);
      engine.manage.settings.change(
        {
          ...(mayDrop && { requireLogin: form.ticked("requireLogin") }),
          requireAuthForModels: form.ticked("requireAuthForModels"),
        },
        actor,
      );
      return say("settings.saved");
    },
    "end-session": ({ engine, say }, form) => {
      if (!engine.access.endSession(form.text("id")))
        throw new GatewayError("not_found", "There is no such session.");
      return say("session.ended");
    },
    block: ({ engine, actor, say }, form) => {
      engine.manage.settings.change({ blockedProviders: form.all("blocked") }, actor);
      return say("settings.saved");
    },
  },
});

function PasswordCard(visit: Visit): Markup {
  const { say } = visit;
  return Card({
    title: say("password.title"),
    lead: say("password.lead"),
    children: Form({
      visit,
      action: "password",
      className: "space-y-4",
      children: (form) => html`
        ${TextField({
          form,
          name: "currentPassword",
          label: say("password.current"),
          type: "password",
          autocomplete: "current-password",
          required: true,
        })}
        <div class="grid grid-cols-1 gap-4 sm:grid-cols-2">
          ${TextField({
            form,
            name: "newPassword",
            label: say("password.new"),
            hint: say("password.hint"),
            type: "password",
            autocomplete: "new-password",
            required: true,
            minlength: 8,
          })}
          ${TextField({
            form,
            name: "repeated",
            label: say("password.repeat"),
            type: "password",
            autocomplete: "new-password",
            required: true,
          })}
        </div>
        ${Button({ label: say("password.change"), tone: "primary" })}
      `,
    }),
  });
}

function Sessions(visit: Visit, sessions: ReturnType<Visit["engine"]["access"]["listSessions"]>): Markup {
  const { say, session } = visit;
  return Card({
    title: say("session.title"),
    lead: say("session.lead"),
    flush: true,
    children: Table({
      rows: sessions,
      label: say("session.title"),
      columns: [
        {
          title: say("session.from"),
          cell: ({ id, peer }) =>
            html`<code>${peer}</code> ${id === session?.id && Badge("info", say("session.this"))}`,
        },
        { title: say("session.since"), wide: true, cell: ({ createdAt }) => Relative(visit, createdAt) },
        { title: say("session.seen"), cell: ({ lastSeenAt }) => Relative(visit, lastSeenAt) },
        {
          title: say("common.actions"),
          silent: true,
          numeric: true,
          cell: ({ id }) =>
            id !== session?.id &&
            html`<form method="post" action=${actionUrl(visit, "end-session")}>
              <input type="hidden" name="id" value=${id} />
              ${Button({ label: say("session.end"), small: true })}
            </form>`,
        },
      ],
    }),
  });
}

function Blocking(visit: Visit, blocked: readonly string[]): Markup {
  const { say, engine } = visit;
  const entries = engine.catalogue.entries.filter(({ provider }) => isOffered(provider));
  return Card({
    title: say("blocking.title"),
    lead: say("blocking.lead"),
    aside: DeclaredSettings(visit, "blockedProviders"),
    children: html`<form method="post" action=${actionUrl(visit, "block")}>
      <fieldset>
        <legend class="sr-only">${say("blocking.title")}</legend>
        <div class="grid grid-cols-1 max-h-80 gap-x-6 gap-y-1.5 overflow-y-auto sm:grid-cols-2" tabindex="0">
          ${entries.map(
            ({ provider, blocked: isBlocked }) =>
              html`<label class="check">
                <input type="checkbox" name="blocked" value=${provider.id} checked=${isBlocked} />
                <span class="min-w-0 break-words">${provider.name}</span>
              </label>`,
          )}
          ${blocked
            .filter(
              (id) => !entries.some(({ provider, blocked: isBlocked }) => isBlocked && provider.id === id),
            )
            .map(
              (id) =>
                html`<label class="check">
                  <input type="checkbox" name="blocked" value=${id} checked />
                  <code class="min-w-0 break-all">${id}</code>
                </label>`,
            )}
        </div>
      </fieldset>
      <div class="mt-4">${Button({ label: say("common.save"), tone: "primary" })}</div>
    </form>`,
  });
}
