import { badRequest } from "../../../src/core/errors.ts";
import { LANGUAGES } from "../../i18n/index.ts";
import { definePage } from "../../page.ts";
import { THEMES } from "../../server/preferences.ts";
import type { FormFields } from "../../server/form-fields.ts";
import { DeclaredSettings } from "../../parts/declared-badge.ts";
import {
  Button,
  Card,
  CheckField,
  Form,
  Heading,
  html,
  SelectField,
  TextArea,
  TextField,
} from "../../ui/index.ts";
import { FactsCard, loadFacts, reloadFacts, resetFacts } from "./facts.ts";
import { FileCard } from "./config-file.ts";
import { ProxyCard, removeProxy, setEgressCheck, setProxy, testProxyNow } from "./proxies.ts";
import { changeHub, joinSync, leaveSync, moveSignIn, SyncCard, syncNow } from "./sync.ts";
import { settingTabs } from "./tabs.ts";
import { saveTraces, TracesCard, tryTraces } from "./traces.ts";

/** Everything that is rarely touched. */
export const advanced = definePage({
  path: "/settings/advanced",
  title: "settings.tab.advanced",
  under: "/settings",
  load: ({ engine }) => ({ settings: engine.settings(), fromEnvironment: engine.config.corsOrigins }),
  view: ({ settings, fromEnvironment }, visit) => {
    const { say } = visit;
    return html`
      ${Heading({ title: say("settings.title"), lead: say("settings.lead") })}
      ${settingTabs(visit, "advanced")}
      <div class="max-w-3xl space-y-6">
        ${Form({
          visit,
          action: "save",
          className: "space-y-6",
          children: (form) => html`
            ${Card({
              title: say("advanced.instance"),
              aside: DeclaredSettings(visit, "instanceName", "language", "theme"),
              children: html`<div class="space-y-4">
                ${TextField({
                  form,
                  name: "instanceName",
                  label: say("advanced.name"),
                  hint: say("advanced.name.hint"),
                  value: settings.instanceName,
                  maxlength: 100,
                })}
                <div class="grid grid-cols-1 gap-4 sm:grid-cols-2">
                  ${SelectField({
                    form,
                    name: "language",
                    label: say("advanced.language"),
                    hint: say("advanced.language.hint"),
                    value: settings.language,
                    options: [
                      ["", say("advanced.language.browser")],
                      ...Object.entries(LANGUAGES).map(([tag, { name }]): [string, string] => [tag, name]),
                    ],
                  })}
                  ${SelectField({
                    form,
                    name: "theme",
                    label: say("frame.theme"),
                    hint: say("advanced.theme.hint"),
                    value: settings.theme,
                    options: THEMES.map((theme) => [theme, say(`frame.theme.${theme}`)]),
                  })}
                </div>
              </div>`,
            })}
            ${Card({
              title: say("advanced.mock"),
              aside: DeclaredSettings(visit, "mockEnabled"),
              children: CheckField({
                form,
                name: "mockEnabled",
                label: say("advanced.mock.label"),
                hint: say("advanced.mock.hint"),
                checked: settings.mockEnabled,
              }),
            })}
            ${Card({
              title: say("advanced.cors"),
              lead: say("advanced.cors.lead"),
              aside: DeclaredSettings(visit, "corsOrigins"),
              children: html`
                ${TextArea({
                  form,
                  name: "corsOrigins",
                  label: say("advanced.cors.label"),
                  hint: say("advanced.cors.hint"),
                  value: settings.corsOrigins.join("\n"),
                  rows: 3,
                  code: true,
                  placeholder: "https://app.example.org",
                })}
                ${
                  fromEnvironment.length > 0 &&
                  html`<p class="mt-2 text-small text-muted">
                    ${say.rich("advanced.cors.environment", { origins: html`<code>${fromEnvironment.join(", ")}</code>` })}
                  </p>`
                }
              `,
            })}
            ${Button({ label: say("common.save"), tone: "primary" })}
          `,
        })}
        ${ProxyCard(visit)} ${FileCard(visit)} ${FactsCard(visit)} ${TracesCard(visit)} ${SyncCard(visit)}
      </div>
    `;
  },
  actions: {
    traces: saveTraces,
    "try-traces": tryTraces,
    proxy: setProxy,
    "test-proxy": testProxyNow,
    "remove-proxy": removeProxy,
    egress: setEgressCheck,
    "sync-join": joinSync,
    "sync-now": syncNow,
    "sync-leave": leaveSync,
    "sync-move": moveSignIn,
    "sync-hub": changeHub,
    "load-facts": loadFacts,
    "reload-facts": reloadFacts,
    "reset-facts": resetFacts,
    save: ({ engine, actor, say }, form) => {
      engine.manage.settings.change(
        {
          instanceName: form.text("instanceName"),
          language: form.text("language"),
          theme: form.text("theme"),
          mockEnabled: form.ticked("mockEnabled"),
          corsOrigins: originsOf(form),
        },
        actor,
      );
      return say("settings.saved");
    },
  },
});

/** Each line as the browser would say it. Throws `bad_request` for a line that is no origin. */
function originsOf(form: FormFields): string[] {
  return form.lines("corsOrigins").map((line) => {
    if (line === "*") return line;
    const url = URL.canParse(line) ? new URL(line) : undefined;
    if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== "/" || url.search !== "")
      throw badRequest(
        `\`${line}\` is no origin: write scheme and host, such as https://app.example.org.`,
        "corsOrigins",
      );
    return url.origin;
  });
}
