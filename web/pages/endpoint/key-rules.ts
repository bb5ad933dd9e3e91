import { BUDGET_PERIODS, KEY_ENDPOINTS, type KeyRulesPatch } from "../../../src/core/key.ts";
import { isKeyGroup, type RuleHolder } from "../../../src/core/key-group.ts";
import type { FormFields } from "../../server/form-fields.ts";
import {
  Button,
  Card,
  CheckField,
  Form,
  html,
  type Markup,
  SelectField,
  TextArea,
  TextField,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

const LISTS = ["allowedModels", "allowedCombos", "allowedProviders", "allowedConnections"] as const;
/** Full hours of a day, in UTC. */
const HOURS = Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, "0")}:00`);
const LIMITS = ["requestsPerMinute", "requestsPerDay", "tokensPerMinute", "maxConcurrent"] as const;

/** What a key or group may use, how much of it, and for how much money. */
export function KeyRules(visit: Visit, holder: RuleHolder): Markup {
  const { say, show, engine } = visit;
  const spending = engine.access.spendingOf(holder);
  return Card({
    id: "rules",
    title: say("key-rules.title"),
    lead: say(isKeyGroup(holder) ? "key-groups.rules.lead" : "key-rules.lead"),
    children: Form({
      visit,
      action: "rules",
      className: "space-y-6",
      children: (form) => html`
        <div class="grid grid-cols-1 gap-4 sm:grid-cols-2">
          ${LISTS.map((name) =>
            TextArea({
              form,
              name,
              label: say(`key-rules.${name}`),
              hint: say(`key-rules.${name}.hint`),
              value: (holder[name] ?? []).join("\n"),
              rows: 3,
              code: true,
            }),
          )}
        </div>
        <div class="grid grid-cols-1 gap-4 sm:grid-cols-2 lg:grid-cols-4">
          ${LIMITS.map((name) =>
            TextField({
              form,
              name,
              label: say(`key-rules.${name}`),
              type: "number",
              min: 1,
              placeholder: say("key-rules.unlimited"),
              value: holder.limits?.[name] === undefined ? "" : String(holder.limits[name]),
            }),
          )}
        </div>
        <div class="grid grid-cols-1 gap-4 sm:grid-cols-3">
          ${BUDGET_PERIODS.map((period) => {
            const limit = holder.budget?.[`${period}LimitUsd`];
            const used =
              spending[period].billed + (holder.budget?.includeShadowCost ? spending[period].shadow : 0);
            return TextField({
              form,
              name: `${period}LimitUsd`,
              label: say(`key-rules.budget.${period}`),
              hint: say("key-rules.used", { cost: show.money(used) }),
              type: "text",
              pattern: "\\d*(\\.\\d+)?",
              patternHint: say("key-rules.money"),
              placeholder: say("key-rules.unlimited"),
              value: limit === undefined ? "" : String(limit),
            });
          })}
        </div>
        <div class="grid grid-cols-1 gap-4 sm:grid-cols-3">
          ${TextField({
            form,
            name: "warningThreshold",
            label: say("key-rules.threshold"),
            hint: say("key-rules.threshold.hint"),
            type: "number",
            min: 1,
            max: 100,
            placeholder: "80",
            value:
              holder.budget?.warningThreshold === undefined
                ? ""
                : String(Math.round(holder.budget.warningThreshold * 100)),
          })}
          ${SelectField({
            form,
            name: "resetTime",
            label: say("key-rules.reset-time"),
            hint: say("key-rules.reset-time.hint"),
            value: holder.budget?.resetTime ?? "00:00",
            options: HOURS.map((hour) => [hour, hour] as const),
          })}
          ${TextField({
            form,
            name: "timeZone",
            label: say("key-rules.time-zone"),
            hint: say("key-rules.time-zone.hint"),
            placeholder: "UTC",
            value: holder.budget?.timeZone ?? "",
          })}
        </div>
        <fieldset>
          <legend class="field-label">${say("key-rules.endpoints")}</legend>
          <p class="field-hint mt-0 mb-2">${say("key-rules.endpoints.hint")}</p>
          <div class="flex flex-wrap gap-x-5 gap-y-2">
            ${KEY_ENDPOINTS.map(
              (endpoint) =>
                html`<label class="check">
                  <input
                    type="checkbox"
                    name="allowedEndpoints"
                    value=${endpoint}
                    checked=${
                      form.returned
                        ? form.returned.typed.all("allowedEndpoints").includes(endpoint)
                        : holder.allowedEndpoints?.includes(endpoint)
                    }
                  />
                  <code>${endpoint}</code>
                </label>`,
            )}
          </div>
        </fieldset>
        ${CheckField({
          form,
          name: "includeShadowCost",
          label: say("key-rules.shadow"),
          hint: say("key-rules.shadow.hint"),
          checked: holder.budget?.includeShadowCost ?? false,
        })}
        ${Button({ label: say("common.save"), tone: "primary" })}
      `,
    }),
  });
}

/** The rules as the form says them; what is left empty is not limited. */
export function rulesOf(form: FormFields): KeyRulesPatch {
  return {
    ...Object.fromEntries(LISTS.map((name) => [name, form.lines(name)])),
    allowedEndpoints: KEY_ENDPOINTS.filter((endpoint) => form.all("allowedEndpoints").includes(endpoint)),
    limits: Object.fromEntries(LIMITS.map((name) => [name, form.orNull(name)])),
    budget: {
      ...Object.fromEntries(
        BUDGET_PERIODS.map((period) => [`${period}LimitUsd`, form.orNull(`${period}LimitUsd`)]),
      ),
      warningThreshold:
        form.optional("warningThreshold") === undefined ? null : Number(form.text("warningThreshold")) / 100,
      resetTime: form.orNull("resetTime"),
      timeZone: form.orNull("timeZone"),
      includeShadowCost: form.ticked("includeShadowCost"),
    },
  };
}
