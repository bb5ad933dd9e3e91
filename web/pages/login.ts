import { definePage } from "../page.ts";
import { ownPath } from "../server/own-form.ts";
import { Button, Form, html, TextField } from "../ui/index.ts";

/** Signing in. */
export const login = definePage({
  path: "/login",
  title: "login.title",
  load: () => undefined,
  view: (_data, visit) => {
    const { say } = visit;
    return html`<h1 class="text-2xl font-semibold tracking-tight">${say("login.title")}</h1>
      <p class="mt-1 mb-6 text-muted">${say("login.lead")}</p>
      ${Form({
        visit,
        action: "enter",
        className: "card p-5 space-y-4",
        children: (form) => html`
          ${TextField({
            form,
            name: "password",
            label: say("login.password"),
            type: "password",
            autocomplete: "current-password",
            required: true,
            autofocus: true,
          })}
          ${Button({ label: say("login.go"), tone: "primary" })}
        `,
      })}
      <p class="mt-4 text-small text-muted">
        ${say.rich("login.forgotten", { command: html`<code>omniroute admin reset-password</code>` })}
      </p>`;
  },
  actions: {
    enter: async ({ engine, peer, signIn, url }, form) => {
      const { token } = await engine.access.login(form.secret("password"), peer);
      signIn(token);
      return { to: ownPath(url.searchParams.get("next") ?? undefined, url) ?? "/dashboard" };
    },
  },
});
