import type { TestResult } from "../../../src/accounts/index.ts";
import { definePage } from "../../page.ts";
import { TestNotice } from "../../parts/test-result.ts";
import type { FormFields } from "../../server/form-fields.ts";
import { Button, Card, CheckField, Form, Heading, html } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { createNode } from "./create-node.ts";
import { kindOf, NODE_KINDS, NodeFields, NodeKeyField } from "./node-form.ts";

/** An endpoint of one's own: what it speaks, where it is, and how it is called. */
export const newNode = definePage({
  path: "/providers/new",
  title: "node.new",
  under: "/providers",
  load: () => undefined,
  view: (_data, visit) => {
    const { say } = visit;
    const test = lastTests.get(visit);
    return html`
      ${Heading({
        title: say("node.new"),
        lead: say("node.new.lead"),
        back: { href: "/dashboard/providers", label: say("provider.back") },
      })}
      <div class="max-w-3xl space-y-6">
        ${test && TestNotice(visit, test, say("node.this"))}
        ${Card({
          children: Form({
            visit,
            action: "create",
            className: "space-y-5",
            children: (form) => html`
              <fieldset>
                <legend class="field-label">${say("node.kind")}</legend>
                <div class="mt-1 grid grid-cols-1 gap-2 sm:grid-cols-3">
                  ${NODE_KINDS.map(
                    (kind) =>
                      html`<label class="choice">
                        <input
                          type="radio"
                          name="kind"
                          value=${kind}
                          checked=${form.value("kind", "chat") === kind}
                        />
                        <span class="font-medium">${say(`node.kind.${kind}`)}</span>
                        <span class="text-small text-muted">${say(`node.kind.${kind}.hint`)}</span>
                      </label>`,
                  )}
                </div>
              </fieldset>
              ${NodeFields(form)} ${NodeKeyField(form)}
              ${CheckField({ form, name: "anyway", label: say("node.anyway"), hint: say("node.anyway.hint") })}
              <div class="flex flex-wrap gap-2">
                ${Button({ label: say("node.create"), icon: "plus", tone: "primary", data: { busy: say("test.running") } })}
                ${Button({ label: say("node.check"), icon: "play", to: "?do=check", data: { busy: say("test.running") } })}
              </div>
            `,
          }),
        })}
      </div>
    `;
  },
  actions: {
    check: async (visit, form) => {
      lastTests.set(visit, await checkedNode(visit, form));
      return { again: form, of: "create" };
    },
    create: async (visit, form) => {
      const test = await checkedNode(visit, form);
      if (!test.valid && !form.ticked("anyway")) {
        lastTests.set(visit, test);
        return { again: form, of: "create" };
      }
      const { node, models } = await createNode(visit, form, test);
      return {
        message: visit.say("node.created", { name: node.name, count: models }),
        to: `/dashboard/providers/${node.id}`,
      };
    },
  },
});

/** The test an action of this very visit has made. */
const lastTests = new WeakMap<Visit, TestResult>();

function checkedNode({ engine, signal }: Visit, form: FormFields): Promise<TestResult> {
  return engine.manage.nodes.check(
    {
      ...kindOf(form),
      baseUrl: form.text("baseUrl"),
      chatPath: form.orNull("chatPath"),
      modelsPath: form.orNull("modelsPath"),
      ...(form.optional("apiKey") !== undefined && { apiKey: form.text("apiKey") }),
    },
    signal,
  );
}
