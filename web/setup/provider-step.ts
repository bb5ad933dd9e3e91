import { definePage } from "../page.ts";
import type { Engine } from "../../src/engine.ts";
import type { ConnectionView } from "../../src/manage/index.ts";
import type { Tier } from "../../src/core/provider.ts";
import { ConnectionState } from "../parts/connection-state.ts";
import { isOffered, stateOf } from "../parts/provider-state.ts";
import { refusedTest, TestNotice } from "../parts/test-result.ts";
import { createNode } from "../pages/providers/create-node.ts";
import { kindOf, NODE_KINDS, NodeFields, NodeKeyField } from "../pages/providers/node-form.ts";
import {
  Button,
  ButtonLink,
  Card,
  Form,
  html,
  type Markup,
  Notice,
  SelectField,
  TextField,
} from "../ui/index.ts";
import type { Visit } from "../visit.ts";
import type { TestResult } from "../../src/accounts/index.ts";

/** Whoever comes with a key most likely comes with one of these. */
const WIZARD_TIERS: readonly Tier[] = ["api-key", "cheap", "free", "subscription"];

type Carried = { name: string; result: TestResult };

/** The second step: a provider, a server of one's own, or the mock for now. */
export const providerStep = definePage({
  path: "/provider",
  title: "setup.provider.title",
  load: ({ engine, carried }) => ({
    connections: engine.manage.connections.list(),
    offered: engine.catalogue.entries
      .filter(
        ({ provider, isNode }) =>
          !isNode && provider.auth.type === "key" && isOffered(provider) && stateOf(provider) === "works",
      )
      .toSorted((a, b) => WIZARD_TIERS.indexOf(a.provider.tier) - WIZARD_TIERS.indexOf(b.provider.tier)),
    test: carried as Carried | undefined,
  }),
  view: ({ connections, offered, test }, visit) => {
    const { say, engine } = visit;
    return html`
      <h1 class="text-2xl font-semibold tracking-tight">${say("setup.provider.title")}</h1>
      <p class="mt-1 mb-6 text-muted">${say("setup.provider.lead")}</p>
      <div class="space-y-4">
        ${test && TestNotice(visit, test.result, test.name)}
        ${
          connections.length > 0 &&
          Card({
            title: say("setup.provider.connected"),
            aside: ButtonLink({
              href: "/setup/key",
              label: say("setup.next"),
              tone: "primary",
              iconAfter: "right",
            }),
            children: html`<ul class="flex flex-wrap gap-x-6 gap-y-2">
              ${connections.map(
                (connection) =>
                  html`<li class="flex items-center gap-2">
                    ${nameOf(engine, connection)} ${ConnectionState(visit, connection)}
                  </li>`,
              )}
            </ul>`,
          })
        }
        ${Card({
          title: say("setup.provider.key"),
          lead: say("setup.provider.key.lead"),
          children: Form({
            visit,
            action: "connect",
            className: "space-y-4",
            children: (form) => html`
              <div class="grid grid-cols-1 gap-4 sm:grid-cols-2">
                ${SelectField({
                  form,
                  name: "provider",
                  label: say("setup.provider.which"),
                  options: offered.map(({ provider }) => [provider.id, provider.name]),
                })}
                ${TextField({
                  form,
                  name: "apiKey",
                  label: say("connection.key"),
                  type: "password",
                  keep: true,
                  autocomplete: "new-password",
                  required: true,
                  code: true,
                })}
              </div>
              ${Button({ label: say("connection.go"), icon: "plus", tone: "primary", data: { busy: say("test.running") } })}
            `,
          }),
        })}
        ${OwnServer(visit)}
        ${Notice({
          tone: "quiet",
          title: say("setup.provider.mock"),
          children: say.rich("setup.provider.mock.lead", { model: html`<code>mock/echo</code>` }),
          aside: ButtonLink({ href: "/setup/key", label: say("setup.provider.mock.go") }),
        })}
        <p class="text-muted"><a class="link" href="/dashboard/providers">${say("setup.provider.all")}</a></p>
      </div>
    `;
  },
  actions: {
    connect: async (visit, form) => {
      const { engine, actor, signal } = visit;
      const provider = form.text("provider");
      const name = engine.catalogue.byId.get(provider)?.provider.name ?? provider;
      const apiKey = form.text("apiKey");
      // A mistyped key is typed again: nobody wants the wrong one as an account beside the right one.
      const check = await engine.manage.connections.testKey({ provider, apiKey }, signal);
      if (check.diagnosis?.type === "bad-key") throw refusedTest(visit, check);
      const made = engine.manage.connections.create({ provider, name, apiKey }, actor);
      const result = await engine.manage.connections.test(made.id, signal);
      return {
        carry: { name, result } satisfies Carried,
        ...(result.valid && !result.diagnosis && { to: "/setup/key" }),
      };
    },
    node: async (visit, form) => {
      const { engine, signal, say } = visit;
      const test = await engine.manage.nodes.check(
        {
          ...kindOf(form),
          baseUrl: form.text("baseUrl"),
          chatPath: form.orNull("chatPath"),
          modelsPath: form.orNull("modelsPath"),
          ...(form.optional("apiKey") !== undefined && { apiKey: form.text("apiKey") }),
        },
        signal,
      );
      if (!test.valid) throw refusedTest(visit, test);
      const { node, models } = await createNode(visit, form, test);
      return { message: say("node.created", { name: node.name, count: models }), to: "/setup/key" };
    },
  },
});

/** The account as its owner called it, with the provider's name where that says more. */
function nameOf({ catalogue }: Engine, { provider, name }: ConnectionView): string {
  const maker = catalogue.byId.get(provider)?.provider.name ?? provider;
  return maker === name ? name : `${maker}: ${name}`;
}

function OwnServer(visit: Visit): Markup {
  const { say } = visit;
  return html`<details class="card more-card" open=${visit.returned?.action === "node"}>
    <summary class="card-title">${say("setup.provider.own")}</summary>
    <div class="px-5 pb-5">
      <p class="mb-4 text-muted">${say("setup.provider.own.lead")}</p>
      ${Form({
        visit,
        action: "node",
        className: "space-y-4",
        children: (form) => html`
          ${SelectField({
            form,
            name: "kind",
            label: say("node.kind"),
            options: NODE_KINDS.map((kind) => [kind, say(`node.kind.${kind}`)]),
          })}
          ${NodeFields(form)} ${NodeKeyField(form)}
          ${Button({ label: say("node.create"), icon: "plus", tone: "primary", data: { busy: say("test.running") } })}
        `,
      })}
    </div>
  </details>`;
}
