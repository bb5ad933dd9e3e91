import { GatewayError } from "../../../src/core/errors.ts";
import { type Alert, NOTICE_KINDS } from "../../../src/core/notice.ts";
import { definePage } from "../../page.ts";
import { DeclaredSettings } from "../../parts/declared-badge.ts";
import { noticeWords } from "../../parts/notice-words.ts";
import {
  Button,
  Card,
  CheckField,
  Dot,
  EmptyState,
  Form,
  Heading,
  html,
  type Markup,
  Relative,
  TextField,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { settingTabs } from "./tabs.ts";

const TONES = { good: "ok", warning: "warn", problem: "bad" } as const;

/** What people are told of by themselves, where, and what they were told lately. */
export const notices = definePage({
  path: "/settings/notices",
  title: "settings.tab.notices",
  under: "/settings",
  load: ({ engine }) => ({
    settings: engine.manage.notices.settings(),
    told: engine.notices.list(),
    alerts: engine.notices.alerts.list("open"),
  }),
  view: ({ settings, told, alerts }, visit) => {
    const { say } = visit;
    return html`
      ${Heading({ title: say("settings.title"), lead: say("notices.lead") })} ${settingTabs(visit, "notices")}
      <div class="grid grid-cols-1 items-start gap-6 xl:grid-cols-[minmax(0,1fr)_26rem]">
        <div class="space-y-6">
          ${Alerts(visit, alerts)}
          ${Card({
            id: "notices",
            live: "notice",
            title: say("notices.told"),
            flush: told.length > 0,
            children:
              told.length === 0
                ? EmptyState({
                    icon: "bell",
                    title: say("notices.empty"),
                    children: say("notices.empty.note"),
                  })
                : html`<ul class="divide-y divide-line">
                    ${told.map((notice) => {
                      const text = noticeWords(visit, notice);
                      return html`<li
                        class="flex items-baseline gap-3 px-5 py-3"
                        id=${`notice-${notice.id}`}
                        data-text=${text}
                      >
                        ${Dot(TONES[notice.level])} <span class="min-w-0 flex-1 break-words">${text}</span>
                        <span class="text-small whitespace-nowrap text-muted"
                          >${Relative(visit, notice.at)}</span
                        >
                      </li>`;
                    })}
                  </ul>`,
          })}
        </div>
        <div class="space-y-6">${ThisBrowser(visit)} ${Wishes(visit, settings)}</div>
      </div>
    `;
  },
  actions: {
    resolve: ({ engine, actor, say }, form) => {
      if (!engine.notices.resolve(form.text("id"), actor))
        throw new GatewayError("not_found", "There is no open alert of this id.");
      return say("alerts.resolved");
    },
    save: ({ engine, actor, say }, form) => {
      engine.manage.notices.change(
        {
          kinds: form.all("kinds"),
          ...(form.ticked("forget") && { webhook: null }),
          ...(form.optional("webhook") !== undefined && { webhook: form.text("webhook") }),
        },
        actor,
      );
      return say("notices.saved");
    },
    test: async ({ engine, say }) => {
      const delivery = await engine.notices.tryWebhook();
      if (delivery?.ok) return say("notices.test.taken");
      const why = delivery?.error ?? String(delivery?.status ?? "");
      throw new GatewayError("bad_request", say("notices.test.failed", { why }));
    },
  },
});

/** Trouble that lasts, and has not been seen to. */
function Alerts(visit: Visit, alerts: readonly Alert[]): Markup {
  const { say } = visit;
  return Card({
    id: "alerts",
    live: "alerts",
    title: say("alerts.title"),
    flush: alerts.length > 0,
    children:
      alerts.length === 0
        ? html`<p class="text-muted">${say("alerts.none")}</p>`
        : html`<ul class="divide-y divide-line">
            ${alerts.map(
              (alert) =>
                html`<li class="flex flex-wrap items-center gap-3 px-5 py-3" id=${`alert-${alert.id}`}>
                  ${Dot(TONES[alert.level])}
                  <span class="min-w-0 flex-1 break-words"
                    >${noticeWords(visit, { ...alert, at: alert.updatedAt })}</span
                  >
                  <span class="text-small whitespace-nowrap text-muted"
                    >${Relative(visit, alert.openedAt)}</span
                  >
                  ${Form({
                    visit,
                    action: "resolve",
                    id: alert.id,
                    children: () => Button({ label: say("alerts.resolve"), small: true }),
                  })}
                </li>`,
            )}
          </ul>`,
  });
}

/** Notices of the browser itself: somebody has to want them, here. */
function ThisBrowser({ say }: Visit): Markup {
  return Card({
    title: say("notices.here"),
    lead: say("notices.here.lead"),
    children: html`<div class="needs-script">
        ${Button({
          label: say("notices.here.on"),
          icon: "bell",
          type: "button",
          data: {
            notify: JSON.stringify({
              on: say("notices.here.on"),
              off: say("notices.here.off"),
              denied: say("notices.here.denied"),
            }),
          },
        })}
      </div>
      <p class="needs-no-script text-muted">${say("notices.here.scripts")}</p>`,
  });
}

function Wishes(visit: Visit, settings: { kinds: readonly string[]; webhook: string | null }): Markup {
  const { say } = visit;
  return Card({
    title: say("notices.wishes"),
    aside: html`${DeclaredSettings(visit, "noticeKinds")}
    ${
      settings.webhook !== null &&
      Form({ visit, action: "test", children: () => Button({ label: say("notices.test") }) })
    }`,
    children: Form({
      visit,
      action: "save",
      className: "space-y-4",
      children: (form) => html`
        <fieldset class="space-y-3">
          <legend class="sr-only">${say("notices.wishes")}</legend>
          ${NOTICE_KINDS.map((kind) =>
            CheckField({
              form,
              name: "kinds",
              value: kind,
              label: say(`notices.kind.${kind}`),
              hint: say(`notices.kind.${kind}.hint`),
              checked: form.returned
                ? form.returned.typed.all("kinds").includes(kind)
                : settings.kinds.includes(kind),
            }),
          )}
        </fieldset>
        ${TextField({
          form,
          name: "webhook",
          label: say("notices.webhook"),
          hint:
            settings.webhook === null
              ? say("notices.webhook.hint")
              : say("notices.webhook.set", { address: settings.webhook }),
          type: "url",
          placeholder: "https://",
          code: true,
        })}
        ${settings.webhook !== null && CheckField({ form, name: "forget", label: say("notices.webhook.forget") })}
        ${Button({ label: say("common.save"), tone: "primary" })}
      `,
    }),
  });
}
