import type { ConnectionView } from "../../../src/manage/index.ts";
import { Button, Card, Form, html, type Markup, TextField } from "../../ui/index.ts";
import type { FormFields } from "../../server/form-fields.ts";
import type { Visit } from "../../visit.ts";

const LIMITS = ["requestsPerMinute", "minTimeBetweenRequests", "concurrentRequests", "maxWaitMs"] as const;

/** How fast this account may be asked; what is left empty is as for all accounts. */
export function OwnPace(visit: Visit, { limits }: ConnectionView): Markup {
  const { say, engine } = visit;
  const { defaults } = engine.manage.resilience.view();
  return Card({
    id: "pace",
    title: say("own-pace.title"),
    lead: say("own-pace.lead"),
    children: Form({
      visit,
      action: "save-pace",
      className: "space-y-4",
      children: (form) => html`
        <div class="grid grid-cols-1 gap-4 sm:grid-cols-2">
          ${LIMITS.map((name) =>
            TextField({
              form,
              name,
              label: say(`limits.${name}`),
              type: "number",
              min: 0,
              placeholder: String(defaults[name]),
              value: limits[name] === undefined ? "" : String(limits[name]),
            }),
          )}
        </div>
        ${Button({ label: say("common.save") })}
      `,
    }),
  });
}

/** The account's own limits as the form says them; `null` where it has none. */
export function paceIn(form: FormFields): { [name: string]: string } | null {
  const own = LIMITS.filter((name) => form.optional(name) !== undefined);
  return own.length === 0 ? null : Object.fromEntries(own.map((name) => [name, form.text(name)]));
}
