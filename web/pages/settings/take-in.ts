import { badRequest } from "../../../src/core/errors.ts";
import type { LookedInto } from "../../../src/manage/index.ts";
import { type Action, actionUrl } from "../../page.ts";
import {
  Button,
  Card,
  FileField,
  Form,
  html,
  type Markup,
  Notice,
  SelectField,
  TextField,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

const MODES = ["replace", "merge"] as const;

/** What somebody has looked into, for the page that follows. */
export type Look = { look: LookedInto };
type Found = Omit<LookedInto["found"], "backup">;

/** A configuration from elsewhere: looked into first, taken over when that was confirmed. */
export function TakeInCard(visit: Visit, looked: LookedInto | undefined): Markup {
  const { say } = visit;
  return Card({
    title: say("takein.title"),
    lead: say("takein.lead"),
    children: html`
      ${looked ? Looked(visit, looked) : Nearby(visit)}
      ${Form({
        visit,
        action: "look",
        className: "space-y-4",
        withFile: true,
        children: (form) => html`
          ${FileField({ form, name: "file", label: say("takein.file"), accept: ".sqlite,.db,.json,.gz,.tgz" })}
          ${SelectField({
            form,
            name: "mode",
            label: say("takein.mode"),
            options: MODES.map((mode) => [mode, say(`takein.${mode}`)]),
          })}
          <details class="more">
            <summary>${say("takein.sealed")}</summary>
            <div class="mt-3 space-y-4">
              ${TextField({ form, name: "passphrase", label: say("takein.passphrase"), type: "password" })}
              ${TextField({
                form,
                name: "storageKey",
                label: say("takein.key"),
                hint: say("takein.key.hint"),
                type: "password",
              })}
            </div>
          </details>
          ${Button({ label: say("takein.look"), icon: "search" })}
        `,
      })}
    `,
  });
}

/** What an earlier OmniRoute left where this one now lives. */
function Nearby(visit: Visit): Markup {
  const { say, engine } = visit;
  const path = engine.manage.copies.nearby();
  if (path === undefined) return "";
  return html`<div class="mb-5">
    ${Notice({
      tone: "info",
      title: say("takein.nearby"),
      children: html`<code class="break-all">${path}</code>`,
      aside: html`<form method="post" action=${actionUrl(visit, "nearby")}>
        ${Button({ label: say("takein.look"), icon: "search" })}
      </form>`,
    })}
  </div>`;
}

function Looked(visit: Visit, { id, name, found }: LookedInto): Markup {
  const { say } = visit;
  return html`<div class="mb-5">
    ${Notice({
      tone: "info",
      title: say("takein.would", { file: name }),
      children: WhatComes(visit, found),
      aside: html`<form method="post" action=${actionUrl(visit, "bring")}>
        <input type="hidden" name="id" value=${id} />
        ${Button({ label: say("takein.bring"), tone: "primary" })}
      </form>`,
    })}
  </div>`;
}

/** Counts and everything to know, as a list. */
export function WhatComes({ say }: Visit, found: Found): Markup {
  return html`<p>${countsOf(say, found)}</p>
    <ul class="mt-1 list-disc space-y-1 pl-5">
      ${found.warnings.map((line) => html`<li>${line}</li>`)}
    </ul>`;
}

export const countsOf = (say: Visit["say"], found: Found): string =>
  say("takein.counts", {
    connections: String(found.connectionCount),
    nodes: String(found.nodeCount),
    combos: String(found.comboCount),
    keys: String(found.apiKeyCount),
    groups: String(found.keyGroupCount),
  });

export const look: Action = ({ engine, actor }, form) => {
  const file = form.file("file");
  if (!file) throw badRequest("Choose a file.", "file");
  const passphrase = form.secret("passphrase");
  const storageKey = form.secret("storageKey");
  const found = engine.manage.copies.look(
    file,
    {
      mode: form.text("mode") === "merge" ? "merge" : "replace",
      ...(passphrase !== "" && { passphrase }),
      ...(storageKey !== "" && { storageKey }),
    },
    actor,
  );
  return { carry: { look: found } satisfies Look };
};

export const lookNearby: Action = ({ engine, actor }) => ({
  carry: { look: engine.manage.copies.lookNearby(actor) } satisfies Look,
});

export const bring: Action = ({ engine, actor, say }, form) => {
  const found = engine.manage.copies.bring(form.text("id"), actor);
  return { message: `${say("takein.done")} ${countsOf(say, found)}` };
};
