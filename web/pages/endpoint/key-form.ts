import { type ApiKey, KEY_SCOPES } from "../../../src/core/key.ts";
import { badRequest } from "../../../src/core/errors.ts";
import type { FormFields } from "../../server/form-fields.ts";
import { Badge, type FormState, html, type Markup, SelectField, TextField } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

type Scope = (typeof KEY_SCOPES)[number];

/** What a key may do and for how long, for new keys and for changes. */
export function KeyFields(form: FormState, key?: ApiKey): Markup {
  const { say } = form.visit;
  const fault = form.fault("scopes");
  // Scopes that nothing asks for yet are offered only where a key has them already.
  const offered = KEY_SCOPES.filter((scope) => scope !== "sync" || key?.scopes.includes(scope));
  const chosen = form.returned ? form.returned.typed.all("scopes") : (key?.scopes ?? ["inference"]);
  return html`
    <fieldset class="field">
      <legend class="field-label">${say("key.scopes")}</legend>
      <div class="mt-1 space-y-2">
        ${offered.map(
          (scope) =>
            html`<label class="check">
              <input type="checkbox" name="scopes" value=${scope} checked=${chosen.includes(scope)} />
              <span
                >${say(`key.scope.${scope}`)}
                <span class="block text-small text-muted">${say(`key.scope.${scope}.hint`)}</span></span
              >
            </label>`,
        )}
      </div>
      ${fault && html`<p class="field-fault">${fault}</p>`}
    </fieldset>
    ${GroupField(form, key)}
    ${TextField({
      form,
      name: "expiresAt",
      label: say("key.expires"),
      hint: say("key.expires.hint"),
      type: "date",
      value: key?.expiresAt === undefined ? "" : new Date(key.expiresAt).toISOString().slice(0, 10),
    })}
  `;
}

/** The group a key is in; nothing where there is none to be in. */
function GroupField(form: FormState, key?: ApiKey): Markup {
  const { say, engine } = form.visit;
  const groups = engine.access.groups.list();
  if (groups.length === 0) return "";
  return SelectField({
    form,
    name: "groupId",
    label: say("key.group"),
    hint: say("key.group.hint"),
    value: key?.groupId ?? "",
    options: [["", say("key.group.none")], ...groups.map(({ id, name }) => [id, name] as const)],
  });
}

/** The ticked scopes. Throws `bad_request` when there are none. */
export function scopesOf(form: FormFields): Scope[] {
  const scopes = KEY_SCOPES.filter((scope) => form.all("scopes").includes(scope));
  if (scopes.length === 0) throw badRequest("A key needs at least one scope.", "scopes");
  return scopes;
}

/** The end of the day that was entered, in UTC; null when none was. */
export function expiryOf(form: FormFields): string | null {
  const day = form.text("expiresAt");
  return day === "" ? null : `${day}T23:59:59Z`;
}

/** Whether a key works, in a word. */
export function keyState({ say, now, show }: Visit, key: ApiKey): Markup {
  if (key.revokedAt !== undefined) return Badge("quiet", say("key.state.revoked"));
  if (key.expiresAt !== undefined && key.expiresAt <= now) return Badge("bad", say("key.state.expired"));
  if (key.expiresAt !== undefined)
    return Badge("ok", say("key.state.until", { date: show.date(key.expiresAt) }));
  return Badge("ok", say("key.state.active"));
}
