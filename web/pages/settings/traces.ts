import { GatewayError } from "../../../src/core/errors.ts";
import { DeclaredSettings } from "../../parts/declared-badge.ts";
import type { Action } from "../../page.ts";
import { Button, Card, CheckField, Form, html, type Markup, TextField } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

/** Which collector gets traces, and a try whether it takes them. */
export function TracesCard(visit: Visit): Markup {
  const { say, engine } = visit;
  const { endpoint, headers } = engine.manage.tracing.settings();
  return Card({
    id: "traces",
    title: say("traces.title"),
    lead: say("traces.lead"),
    aside: html`${DeclaredSettings(visit, "otlpEndpoint")}
    ${
      endpoint !== "" &&
      Form({
        visit,
        action: "try-traces",
        children: () => Button({ label: say("traces.try"), data: { busy: say("test.running") } }),
      })
    }`,
    children: Form({
      visit,
      action: "traces",
      className: "space-y-4",
      children: (form) => html`
        ${TextField({
          form,
          name: "endpoint",
          label: say("traces.endpoint"),
          hint: say("traces.endpoint.hint"),
          type: "url",
          value: endpoint,
          placeholder: "http://localhost:4318",
          code: true,
        })}
        ${TextField({
          form,
          name: "headers",
          label: say("traces.headers"),
          hint:
            headers.length === 0
              ? say("traces.headers.hint")
              : say("traces.headers.set", { names: headers.join(", ") }),
          type: "password",
          placeholder: "authorization=Bearer%20…",
          code: true,
        })}
        ${headers.length > 0 && CheckField({ form, name: "forget", label: say("traces.headers.forget") })}
        ${Button({ label: say("common.save"), tone: "primary" })}
      `,
    }),
  });
}

export const saveTraces: Action = ({ engine, actor, say }, form) => {
  const headers = form.optional("headers");
  engine.manage.tracing.change(
    {
      endpoint: form.text("endpoint"),
      ...(form.ticked("forget") && { headers: null }),
      ...(headers !== undefined && { headers }),
    },
    actor,
  );
  return { message: say("settings.saved"), to: "#traces" };
};

export const tryTraces: Action = async ({ engine, say }) => {
  const tried = await engine.traces.try();
  if (tried?.ok) return { message: say("traces.try.taken"), to: "#traces" };
  const why = tried?.error ?? String(tried?.status ?? "");
  throw new GatewayError("bad_request", say("traces.try.failed", { why }));
};
