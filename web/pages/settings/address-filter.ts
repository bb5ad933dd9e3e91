import { type IpFilterState, ipFilterPatch } from "../../../src/access/index.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import { parseInput } from "../../../src/core/parse-input.ts";
import { addAudit } from "../../../src/store/index.ts";
import type { Action } from "../../page.ts";
import { Button, Card, CheckField, Form, html, type Markup, SelectField, TextArea } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

const MODES = ["blacklist", "whitelist"] as const;

/** Which addresses may call at all. */
export function AddressFilter(visit: Visit, filter: IpFilterState): Markup {
  const { say, peer } = visit;
  return Card({
    title: say("filter.title"),
    lead: say("filter.lead"),
    children: Form({
      visit,
      action: "filter",
      className: "space-y-4",
      children: (form) => html`
        ${CheckField({ form, name: "enabled", label: say("filter.enabled"), checked: filter.enabled })}
        ${SelectField({
          form,
          name: "mode",
          label: say("filter.mode"),
          value: filter.mode,
          options: MODES.map((mode) => [mode, say(`filter.${mode}`)]),
        })}
        <div class="grid grid-cols-1 gap-4 sm:grid-cols-2">
          ${MODES.map((mode) =>
            TextArea({
              form,
              name: `list.${mode}`,
              label: say(`filter.list.${mode}`),
              hint: say("filter.list.hint"),
              value: filter[mode].join("\n"),
              rows: 3,
              code: true,
            }),
          )}
        </div>
        ${
          form.fault("confirm") &&
          CheckField({ form, name: "confirm", label: say("filter.confirm", { address: peer }) })
        }
        ${Button({ label: say("common.save"), tone: "primary" })}
      `,
    }),
  });
}

/** Saves the rules; those that would keep the visitor out only when that was confirmed. */
export const saveAddressFilter: Action = ({ engine, actor, peer, say }, form) => {
  const { addresses } = engine.access;
  const before = addresses.state();
  const next = addresses.changed(
    parseInput(ipFilterPatch, {
      enabled: form.ticked("enabled"),
      mode: form.text("mode"),
      blacklist: form.lines("list.blacklist"),
      whitelist: form.lines("list.whitelist"),
    }),
  );
  if (!form.ticked("confirm") && addresses.wouldBlock(next, peer))
    throw new GatewayError("conflict", `These rules would keep out your own address (${peer}).`, {
      param: "confirm",
    });
  addresses.save(next);
  addAudit(engine.store, {
    action: "settings.ip-filter",
    actor: actor.name,
    ...(actor.ip !== undefined && { ip: actor.ip }),
    target: "ip-filter",
    result: "ok",
    details: { from: before, to: next },
  });
  return say("settings.saved");
};
