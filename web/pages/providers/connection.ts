import type { Connection } from "../../../src/core/connection.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import type { ConnectionView } from "../../../src/manage/index.ts";
import { definePage } from "../../page.ts";
import { ConnectionState } from "../../parts/connection-state.ts";
import { QuotaBars } from "../../parts/quota-bars.ts";
import { Button, Card, CheckField, Form, Heading, html, TextField } from "../../ui/index.ts";
import { limitsIn, OwnLimits } from "./own-limits.ts";
import { OwnPace, paceIn } from "./own-pace.ts";

/** One account, to be changed. */
export const connection = definePage({
  path: "/providers/:provider/connections/:connection",
  title: "connection.title",
  under: "/providers",
  load: ({ engine, params }) => {
    const found: ConnectionView = engine.manage.connections.find(params["connection"] ?? "");
    const entry = engine.catalogue.byId.get(params["provider"] ?? "");
    if (!entry || found.provider !== entry.provider.id || found.fromEnvironment)
      throw new GatewayError("not_found", "There is no such connection.");
    const all = engine.manage.connections.list();
    const groups = [...new Set(all.flatMap(({ group }) => group ?? []))];
    return { connection: found, entry, groups };
  },
  view: ({ connection: stored, entry, groups }, visit) => {
    const { say } = visit;
    return html`
      ${Heading({
        title: stored.name,
        lead: html`${entry.provider.name} ${ConnectionState(visit, stored)}`,
        back: {
          href: `/dashboard/providers/${encodeURIComponent(entry.provider.id)}`,
          label: entry.provider.name,
        },
      })}
      <div class="grid grid-cols-1 items-start gap-6 xl:grid-cols-[minmax(0,1fr)_26rem]">
        ${Card({
          children: Form({
            visit,
            action: "save",
            className: "space-y-4",
            children: (form) => html`
              ${TextField({ form, name: "name", label: say("connection.name"), value: stored.name, required: true, maxlength: 100 })}
              ${TextField({
                form,
                name: "apiKey",
                label: say("connection.key.new"),
                hint: stored.maskedKey
                  ? say("connection.key.keep", { key: stored.maskedKey })
                  : say("connection.key.none"),
                type: "password",
                keep: true,
                autocomplete: "new-password",
                code: true,
              })}
              ${TextField({
                form,
                name: "baseUrl",
                label: say("connection.base-url"),
                hint: say.rich("connection.base-url.hint", {
                  url: html`<code class="break-all">${entry.provider.baseUrl}</code>`,
                }),
                value: stored.baseUrl,
                type: "url",
                placeholder: entry.provider.baseUrl,
                code: true,
              })}
              <div class="grid grid-cols-1 gap-4 sm:grid-cols-2">
                ${TextField({
                  form,
                  name: "priority",
                  label: say("connection.priority"),
                  hint: say("connection.priority.hint"),
                  value: String(stored.priority),
                  type: "number",
                  min: 1,
                  max: 100,
                  required: true,
                })}
                ${TextField({
                  form,
                  name: "defaultModel",
                  label: say("connection.default-model"),
                  hint: say("connection.default-model.hint"),
                  value: stored.defaultModel,
                  code: true,
                  list: "models",
                })}
                ${TextField({
                  form,
                  name: "group",
                  label: say("connection.group"),
                  hint: say("connection.group.hint"),
                  value: stored.group,
                  maxlength: 100,
                  list: "groups",
                })}
                ${TextField({
                  form,
                  name: "globalPriority",
                  label: say("connection.global-priority"),
                  hint: say("connection.global-priority.hint"),
                  value: stored.globalPriority === undefined ? "" : String(stored.globalPriority),
                  type: "number",
                })}
                ${TextField({
                  form,
                  name: "healthCheckInterval",
                  label: say("connection.check-every"),
                  hint: say("connection.check-every.hint"),
                  value: stored.healthCheckInterval ? String(stored.healthCheckInterval) : "",
                  type: "number",
                  min: 0,
                  max: 10_080,
                })}
                <datalist id="groups">
                  ${groups.map((group) => html`<option value=${group}></option>`)}
                </datalist>
                <datalist id="models">
                  ${[...entry.models.keys()].map((id) => html`<option value=${id}></option>`)}
                </datalist>
              </div>
              ${CheckField({ form, name: "isActive", label: say("connection.active"), hint: say("connection.active.hint"), checked: stored.isActive })}
              ${Button({ label: say("common.save"), tone: "primary" })}
            `,
          }),
        })}
        <div class="space-y-6">
          ${
            stored.quota.length > 0 &&
            Card({
              id: "quota",
              live: "request changed",
              title: say("quota.title"),
              children: QuotaBars(visit, stored.quota),
            })
          }
          ${OwnPace(visit, stored)} ${OwnLimits(visit, stored)}
        </div>
      </div>
    `;
  },
  actions: {
    "save-limits": ({ engine, actor, params, say }, form) => {
      const id = params["connection"] ?? "";
      engine.manage.quotas.setLimits(id, limitsIn(form), actor);
      return { message: say("own-limits.saved"), to: "#limits" };
    },
    "save-pace": ({ engine, actor, params, say }, form) => {
      engine.manage.connections.update(params["connection"] ?? "", { limits: paceIn(form) }, actor);
      return { message: say("own-pace.saved"), to: "#pace" };
    },
    save: ({ engine, actor, params, say }, form) => {
      const patch: { [field in keyof Connection]?: unknown } & { apiKey?: string } = {
        name: form.text("name"),
        baseUrl: form.orNull("baseUrl"),
        priority: form.text("priority"),
        defaultModel: form.orNull("defaultModel"),
        group: form.orNull("group"),
        globalPriority: form.orNull("globalPriority"),
        healthCheckInterval: form.orNull("healthCheckInterval"),
        isActive: form.ticked("isActive"),
        ...(form.optional("apiKey") !== undefined && { apiKey: form.text("apiKey") }),
      };
      const { name } = engine.manage.connections.update(params["connection"] ?? "", patch, actor);
      return {
        message: say("connection.saved", { name }),
        to: `/dashboard/providers/${params["provider"] ?? ""}`,
      };
    },
  },
});
