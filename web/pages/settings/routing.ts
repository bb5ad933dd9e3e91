import type { Alias } from "../../../src/core/alias.ts";
import type { FallbackChain } from "../../../src/core/chain.ts";
import { COMBO_DEFAULTS } from "../../../src/core/combo.ts";
import { ACCOUNT_STRATEGIES } from "../../../src/routing/index.ts";
import { actionUrl, definePage } from "../../page.ts";
import { DeclaredAlias, DeclaredSettings } from "../../parts/declared-badge.ts";
import { chatModels } from "../../parts/model-choice.ts";
import { accountOrderLabel } from "../../parts/strategy-words.ts";
import {
  Badge,
  Button,
  Card,
  CheckField,
  EmptyState,
  Form,
  Heading,
  html,
  Icon,
  type Markup,
  SelectField,
  Table,
  TextArea,
  TextField,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { ConfigFields, configFrom } from "../combos/config-fields.ts";
import { settingTabs } from "./tabs.ts";

/** How requests find their way where nothing nearer says so. */
export const routing = definePage({
  path: "/settings/routing",
  title: "settings.tab.routing",
  under: "/settings",
  load: ({ engine }) => {
    const { exact, patterns } = engine.manage.aliases.list();
    return {
      settings: engine.settings(),
      aliases: [...exact, ...patterns],
      chains: engine.manage.chains.list().chains,
      models: chatModels(engine),
    };
  },
  view: ({ settings, aliases, chains, models }, visit) => {
    const { say } = visit;
    return html`
      ${Heading({ title: say("settings.title"), lead: say("settings.lead") })}
      ${settingTabs(visit, "routing")}
      <datalist id="models">${models.map((name) => html`<option value=${name}></option>`)}</datalist>
      <div class="grid grid-cols-1 items-start gap-6 xl:grid-cols-2">
        <div class="space-y-6">
          ${Accounts(visit, settings)} ${ComboDefaults(visit, settings.comboDefaults)}
        </div>
        <div class="space-y-6">${Aliases(visit, aliases)} ${Chains(visit, chains)}</div>
      </div>
    `;
  },
  actions: {
    accounts: ({ engine, actor, say }, form) => {
      engine.manage.settings.change(
        {
          fallbackStrategy: form.text("fallbackStrategy"),
          stickyRoundRobinLimit: form.text("stickyRoundRobinLimit"),
          affinityEnabled: form.ticked("affinityEnabled"),
        },
        actor,
      );
      return say("settings.saved");
    },
    "combo-defaults": ({ engine, actor, say }, form) => {
      const comboDefaults = configFrom(form, engine.settings().comboDefaults);
      engine.manage.settings.change({ comboDefaults }, actor);
      return say("settings.saved");
    },
    alias: ({ engine, actor, say }, form) => {
      const { pattern } = engine.manage.aliases.save(
        { pattern: form.text("pattern"), target: form.text("target") },
        actor,
      );
      return say("alias.saved", { pattern });
    },
    "remove-alias": ({ engine, actor, say }, form) => {
      engine.manage.aliases.remove(form.text("pattern"), actor);
      return say("alias.removed", { pattern: form.text("pattern") });
    },
    chain: ({ engine, actor, say }, form) => {
      engine.manage.chains.save(
        {
          name: form.text("name"),
          models: form.lines("models"),
          match: form.optional("match") ?? "*",
          priority: form.optional("priority") ?? "1",
          enabled: form.ticked("enabled"),
        },
        actor,
      );
      return say("chain.saved", { name: form.text("name") });
    },
    "remove-chain": ({ engine, actor, say }, form) => {
      engine.manage.chains.remove({ name: form.text("name") }, actor);
      return say("chain.removed", { name: form.text("name") });
    },
  },
});

type Settings = ReturnType<Visit["engine"]["settings"]>;

function Accounts(visit: Visit, settings: Settings): Markup {
  const { say } = visit;
  return Card({
    title: say("accounts.title"),
    lead: say("accounts.lead"),
    aside: DeclaredSettings(visit, "fallbackStrategy", "stickyRoundRobinLimit", "affinityEnabled"),
    children: Form({
      visit,
      action: "accounts",
      className: "space-y-4",
      children: (form) => html`
        ${SelectField({
          form,
          name: "fallbackStrategy",
          label: say("accounts.order"),
          value: settings.fallbackStrategy,
          options: ACCOUNT_STRATEGIES.map((order) => [order.id, accountOrderLabel(visit, order)]),
        })}
        ${TextField({
          form,
          name: "stickyRoundRobinLimit",
          label: say("accounts.sticky"),
          hint: say("accounts.sticky.hint"),
          type: "number",
          min: 1,
          max: 1000,
          required: true,
          value: String(settings.stickyRoundRobinLimit),
        })}
        ${CheckField({
          form,
          name: "affinityEnabled",
          label: say("combo.affinity"),
          hint: say("combo.affinity.hint"),
          checked: settings.affinityEnabled,
        })}
        ${Button({ label: say("common.save"), tone: "primary" })}
      `,
    }),
  });
}

function ComboDefaults(visit: Visit, stored: Settings["comboDefaults"]): Markup {
  const { say } = visit;
  return Card({
    title: say("combo-defaults.title"),
    lead: say("combo-defaults.lead"),
    aside: DeclaredSettings(visit, "comboDefaults"),
    children: Form({
      visit,
      action: "combo-defaults",
      className: "space-y-5",
      children: (form) => html`
        <div class="grid grid-cols-1 gap-4 sm:grid-cols-2">
          ${ConfigFields(form, stored, { general: true, otherwise: COMBO_DEFAULTS })}
        </div>
        ${Button({ label: say("common.save"), tone: "primary" })}
      `,
    }),
  });
}

function Aliases(visit: Visit, aliases: readonly Alias[]): Markup {
  const { say } = visit;
  return Card({
    title: say("alias.title"),
    lead: say("alias.lead"),
    flush: true,
    children: html`
      ${
        aliases.length === 0
          ? EmptyState({ icon: "right", title: say("alias.empty"), children: say("alias.empty.note") })
          : Table({
              rows: aliases,
              label: say("alias.title"),
              columns: [
                {
                  title: say("alias.pattern"),
                  cell: ({ pattern }) =>
                    html`<code class="break-all">${pattern}</code> ${DeclaredAlias(visit, pattern)}`,
                },
                {
                  title: say("alias.target"),
                  cell: ({ target }) => html`<code class="break-all">${target}</code>`,
                },
                {
                  title: say("common.actions"),
                  silent: true,
                  numeric: true,
                  cell: ({ pattern }) =>
                    html`<form method="post" action=${actionUrl(visit, "remove-alias")}>
                      <input type="hidden" name="pattern" value=${pattern} />
                      ${Button({ label: say("alias.remove", { pattern }), icon: "trash", iconOnly: true, small: true, tone: "quiet" })}
                    </form>`,
                },
              ],
            })
      }
      ${Form({
        visit,
        action: "alias",
        className:
          "grid grid-cols-1 items-start gap-3 border-t border-line px-5 py-4 sm:grid-cols-[1fr_1fr_auto]",
        children: (form) => html`
          ${TextField({
            form,
            name: "pattern",
            label: say("alias.pattern"),
            required: true,
            maxlength: 256,
            placeholder: "claude-sonnet-*",
            code: true,
          })}
          ${TextField({
            form,
            name: "target",
            label: say("alias.target"),
            required: true,
            maxlength: 256,
            placeholder: "cc/claude-sonnet-4-5-20250929",
            list: "models",
            code: true,
          })}
          <div class="sm:pt-[1.625rem]">${Button({ label: say("alias.add"), icon: "plus" })}</div>
        `,
      })}
    `,
  });
}

function Chains(visit: Visit, chains: readonly FallbackChain[]): Markup {
  const { say } = visit;
  return Card({
    title: say("chain.title"),
    lead: say("chain.lead"),
    flush: true,
    children: html`
      ${
        chains.length === 0
          ? EmptyState({ icon: "route", title: say("chain.empty"), children: say("chain.empty.note") })
          : html`<ul class="divide-y divide-line">
              ${chains.map((chain) => ChainRow(visit, chain))}
            </ul>`
      }
      ${Form({
        visit,
        action: "chain",
        className: "space-y-4 border-t border-line px-5 py-4",
        children: (form) => html`
          <div class="grid grid-cols-1 gap-4 sm:grid-cols-[2fr_2fr_1fr]">
            ${TextField({ form, name: "name", label: say("chain.name"), required: true, maxlength: 100, placeholder: "production-fallback", code: true })}
            ${TextField({ form, name: "match", label: say("chain.match"), hint: say("chain.match.hint"), value: "*", code: true })}
            ${TextField({ form, name: "priority", label: say("connection.priority"), type: "number", min: 0, max: 1000, value: "1" })}
          </div>
          ${TextArea({ form, name: "models", label: say("combo.models"), hint: say("chain.models.hint"), rows: 3, code: true })}
          ${CheckField({ form, name: "enabled", label: say("combo.active"), checked: true })}
          ${Button({ label: say("chain.add"), icon: "plus" })}
        `,
      })}
    `,
  });
}

function ChainRow(visit: Visit, { name, models, match, priority, enabled }: FallbackChain): Markup {
  const { say } = visit;
  return html`<li class="flex items-start gap-3 px-5 py-3">
    <div class="min-w-0 flex-1">
      <p class="flex flex-wrap items-center gap-2">
        <code class="font-medium break-all">${name}</code> <code class="text-tiny text-muted">${match}</code>
        ${enabled ? Badge("ok", say("common.on")) : Badge("quiet", say("common.off"))}
        <span class="text-tiny text-muted">${say("connection.priority.short", { priority })}</span>
      </p>
      <p class="mt-1 flex flex-wrap items-center gap-1 text-small text-muted">
        ${models.map((model, index) => html`${index > 0 && Icon("right", "size-3")}<code class="break-all">${model}</code>`)}
      </p>
    </div>
    <form method="post" action=${actionUrl(visit, "remove-chain")}>
      <input type="hidden" name="name" value=${name} />
      ${Button({ label: say("chain.remove", { name }), icon: "trash", iconOnly: true, small: true, tone: "quiet" })}
    </form>
  </li>`;
}
