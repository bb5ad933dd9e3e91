import { timingSafeEqual } from "node:crypto";
import { GatewayError } from "../../src/core/errors.ts";
import { isLocalCall } from "../../src/http/sign-in.ts";
import { sha256 } from "../../src/lib/ids.ts";
import { definePage } from "../page.ts";
import { Button, Form, html, type Markup, Notice, TextField } from "../ui/index.ts";
import type { Visit } from "../visit.ts";

/** The first step: whoever holds the link, or sits at the machine itself, chooses the password. */
export const passwordStep = definePage({
  path: "",
  title: "setup.title",
  load: (visit) => ({ admitted: isAdmitted(visit) }),
  view: ({ admitted }, visit) => (admitted ? Choose(visit) : WhereToFind(visit)),
  actions: {
    password: async (visit, form) => {
      const { engine, peer, signIn } = visit;
      if (form.secret("password") !== form.secret("repeated"))
        throw new GatewayError("bad_request", "The two passwords differ.", { param: "repeated" });
      const { token } = await engine.access.completeSetup({
        token: tokenOf(visit),
        password: form.secret("password"),
        loopback: isLocalCall(engine.config, visit),
        peer,
      });
      signIn(token);
      return { to: "/setup/provider" };
    },
  },
});

function Choose(visit: Visit): Markup {
  const { say } = visit;
  return html`
    <h1 class="text-2xl font-semibold tracking-tight">${say("setup.password.title")}</h1>
    <p class="mt-1 mb-6 text-muted">${say("setup.password.lead")}</p>
    ${Form({
      visit,
      action: "password",
      className: "card max-w-lg space-y-4 p-5",
      children: (form) => html`
        ${TextField({
          form,
          name: "password",
          label: say("login.password"),
          hint: say("password.hint"),
          type: "password",
          autocomplete: "new-password",
          required: true,
          minlength: 8,
          maxlength: 1024,
          autofocus: true,
        })}
        ${TextField({
          form,
          name: "repeated",
          label: say("setup.password.repeat"),
          type: "password",
          autocomplete: "new-password",
          required: true,
        })}
        ${Button({ label: say("setup.password.go"), tone: "primary" })}
      `,
    })}
  `;
}

function WhereToFind({ say, url }: Visit): Markup {
  const wasTried = url.searchParams.has("token");
  return html`
    <h1 class="text-2xl font-semibold tracking-tight">${say("setup.closed.title")}</h1>
    <p class="mt-1 mb-6 text-muted">${say("setup.closed.lead")}</p>
    ${wasTried && html`<div class="mb-6">${Notice({ tone: "warn", children: say("setup.closed.stale") })}</div>`}
    <ul class="card list-disc space-y-2 p-5 pl-9">
      <li>${say("setup.closed.terminal")}</li>
      <li>${say.rich("setup.closed.command", { command: html`<code>omniroute setup-link</code>` })}</li>
      <li>${say.rich("setup.closed.variable", { name: html`<code>INITIAL_PASSWORD</code>` })}</li>
    </ul>
  `;
}

/** May this visitor choose the password? The engine decides again when the form comes. */
function isAdmitted(visit: Visit): boolean {
  const given = tokenOf(visit);
  const expected = visit.engine.access.setupToken();
  if (given === undefined) return isLocalCall(visit.engine.config, visit);
  return expected !== undefined && timingSafeEqual(Buffer.from(sha256(given)), Buffer.from(sha256(expected)));
}

const tokenOf = ({ url }: Visit): string | undefined =>
  url.searchParams.get("token")?.slice(0, 200) || undefined;
