import { definePage, type Page } from "../page.ts";
import { keyChanges } from "../server/key-changes.ts";
import { Button, ButtonLink, Card, Form, html, TextField } from "../ui/index.ts";
import type { KeyShelf } from "./key-shelf.ts";

/** The third step: the key that clients will show. */
export function keyStep(shelf: KeyShelf): Page {
  return definePage({
    path: "/key",
    title: "setup.key.title",
    load: (visit) => ({
      keyRequired: visit.engine.access.keyRequired(),
      existing: visit.engine.access.listKeys().filter(({ revokedAt }) => revokedAt === undefined).length,
    }),
    view: ({ keyRequired, existing }, visit) => {
      const { say } = visit;
      return html`
        <h1 class="text-2xl font-semibold tracking-tight">${say("setup.key.title")}</h1>
        <p class="mt-1 mb-6 text-muted">${say(keyRequired ? "setup.key.required" : "setup.key.optional")}</p>
        ${Card({
          children: Form({
            visit,
            action: "create",
            className: "space-y-4",
            children: (form) => html`
              ${TextField({
                form,
                name: "name",
                label: say("key.name"),
                hint: say("setup.key.name.hint"),
                value: say("setup.key.name.value"),
                required: true,
                maxlength: 100,
              })}
              ${Button({ label: say("setup.key.go"), icon: "key", tone: "primary" })}
            `,
          }),
        })}
        <p class="mt-4 flex flex-wrap items-center gap-3 text-muted">
          ${existing > 0 && html`<span>${say("setup.key.existing", { count: existing })}</span>`}
          ${ButtonLink({ href: "/setup/client", label: say("setup.skip"), tone: "quiet" })}
        </p>
      `;
    },
    actions: {
      create: (visit, form) => {
        const { key, record } = keyChanges(visit).create({ name: form.text("name") });
        shelf.put(visit, { key, name: record.name });
        return { to: "/setup/client" };
      },
    },
  });
}
