import type { ConnectionView, SignInOffer } from "../../../src/manage/index.ts";
import type { ProviderEntry } from "../../../src/routing/index.ts";
import { stateOf } from "../../parts/provider-state.ts";
import {
  Button,
  ButtonLink,
  Card,
  CheckField,
  Form,
  type FormState,
  html,
  type Markup,
  TextArea,
  TextField,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

/** A new account: a key, or several, or none where none is needed. */
export function AddConnection(
  visit: Visit,
  entry: ProviderEntry,
  connections: readonly ConnectionView[],
): Markup {
  const { say } = visit;
  const { provider } = entry;
  const needsKey = provider.auth.type === "key";
  const offer = visit.engine.manage.signIn.offers().find((each) => each.provider === provider.id);
  if (provider.auth.type === "sign-in") return offer && SignInCard(visit, offer, connections.length);
  const card = Card({
    id: "add",
    title: say(connections.length === 0 ? "connection.connect" : "connection.another"),
    children: Form({
      visit,
      action: "add",
      className: "space-y-4",
      children: (form) => html`
        ${TextField({
          form,
          name: "name",
          label: say("connection.name"),
          hint: say("connection.name.hint"),
          value: connections.length === 0 ? provider.name : `${provider.name} ${connections.length + 1}`,
          maxlength: 100,
        })}
        ${TextField({
          form,
          name: "apiKey",
          label: say("connection.key"),
          hint: needsKey ? say("connection.key.hint") : say("connection.key.optional"),
          type: "password",
          keep: true,
          autocomplete: "new-password",
          code: true,
        })}
        <details class="more" open=${form.value("apiKeys") !== "" || form.value("baseUrl") !== ""}>
          <summary>${say("connection.more")}</summary>
          <div class="mt-3 space-y-4">
            ${TextArea({
              form,
              name: "apiKeys",
              label: say("connection.keys"),
              hint: say("connection.keys.hint"),
              rows: 3,
              code: true,
            })}
            ${TextField({
              form,
              name: "baseUrl",
              label: say("connection.base-url"),
              hint: say.rich("connection.base-url.hint", {
                url: html`<code class="break-all">${provider.baseUrl}</code>`,
              }),
              type: "url",
              code: true,
              placeholder: provider.baseUrl,
            })}
            ${TextField({
              form,
              name: "priority",
              label: say("connection.priority"),
              hint: say("connection.priority.hint"),
              type: "number",
              min: 1,
              max: 100,
              value: "1",
            })}
          </div>
        </details>
        ${
          stateOf(provider) === "restricted" &&
          CheckField({
            form,
            name: "accepted",
            label: say("connection.accept"),
            hint: html`<span lang="en">${provider.status?.note}</span>`,
            required: true,
          })
        }
        ${CheckField({ form, name: "test", label: say("connection.test-now"), checked: true })}
        ${
          wasRefused(form) &&
          CheckField({
            form,
            name: "anyway",
            label: say("connection.anyway"),
            hint: say("connection.anyway.hint"),
          })
        }
        ${Button({ label: say("connection.go"), icon: "plus", tone: "primary", data: { busy: say("test.running") } })}
      `,
    }),
  });
  return offer
    ? html`<div class="space-y-6">${SignInCard(visit, offer, connections.length)} ${card}</div>`
    : card;
}

/** Was a key refused a moment ago? Only then there is something to insist on. */
const wasRefused = (form: FormState): boolean =>
  (form.value("apiKey") !== "" || form.value("apiKeys") !== "") &&
  (form.fault("apiKey") !== undefined || form.fault("apiKeys") !== undefined);

/** The way in for accounts that are signed in to, instead of shown a key of. */
function SignInCard(visit: Visit, offer: SignInOffer, connections: number): Markup {
  const { say } = visit;
  return Card({
    title: say("sign-in.title"),
    lead: say("sign-in.card", { provider: offer.name }),
    children: ButtonLink({
      href: `/dashboard/providers/${encodeURIComponent(offer.provider)}/sign-in`,
      label: say(connections === 0 ? "sign-in.title" : "sign-in.another"),
      icon: "lock",
      tone: "primary",
    }),
  });
}
