import type { SignInOffer } from "../../../src/manage/index.ts";
import type { Action } from "../../page.ts";
import { actionUrl } from "../../page.ts";
import { Button, Card, CheckField, Form, html, type Markup, TextArea } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

/** Sign-ins that the vendor's own programs have left on this machine, and the text of such a file from elsewhere. */
export function FoundSignIns(visit: Visit, offer: SignInOffer): Markup {
  const { say, engine } = visit;
  const found = engine.manage.signIn.imports().filter(({ provider }) => provider === offer.provider);
  const accept = html`<input type="hidden" name="accepted" value="on" />`;
  return Card({
    title: say("found.title"),
    lead: say("found.lead"),
    children: html`
      ${found.map(
        ({ id, program, path, account }) =>
          html`<form
            method="post"
            action=${actionUrl(visit, "import")}
            class="flex flex-wrap items-center gap-3"
          >
            <input type="hidden" name="id" value=${id} />${offer.needsAcceptance && accept}
            <span class="min-w-0 flex-1">
              <span class="font-medium">${account ?? program}</span>
              <code class="block break-all text-small text-muted">${path}</code>
            </span>
            ${Button({ label: say(offer.needsAcceptance ? "found.accept-and-copy" : "found.copy"), icon: "plus", small: true })}
          </form>`,
      )}
      <details class="more" open=${visit.returned?.action === "import-text"}>
        <summary>${say("found.paste")}</summary>
        ${Form({
          visit,
          action: "import-text",
          className: "mt-3 space-y-3",
          children: (form) => html`
            ${TextArea({ form, name: "credentials", label: say("found.text"), hint: say("found.text.hint"), rows: 4, code: true })}
            ${offer.needsAcceptance && CheckField({ form, name: "accepted", label: say("connection.accept"), required: true })}
            ${Button({ label: say("found.copy"), data: { busy: say("test.running") } })}
          `,
        })}
      </details>
    `,
  });
}

/** Copies one that was found; the file stays as it is. */
export const importFound: Action = async ({ engine, actor, say }, form) => {
  const input = { id: form.text("id"), acceptTerms: form.ticked("accepted") };
  const { connection } = await engine.manage.signIn.importFile(input, actor);
  return {
    message: say("found.done", { account: connection.displayName }),
    to: `/dashboard/providers/${encodeURIComponent(connection.provider)}`,
  };
};

/** Takes the text of a credential file; text that is none of the vendor's is a refresh token alone. */
export const importText: Action = async ({ engine, actor, say, params }, form) => {
  const text = form.text("credentials");
  const isFile = text.startsWith("{") || text.startsWith("[");
  const { connection } = await engine.manage.signIn.importPasted(
    params["provider"] ?? "",
    {
      ...(isFile ? { credentials: text } : { refreshToken: text }),
      acceptTerms: form.ticked("accepted"),
    },
    actor,
  );
  return {
    message: say("found.done", { account: connection.displayName }),
    to: `/dashboard/providers/${encodeURIComponent(connection.provider)}`,
  };
};
