import { parseInput } from "../../../src/core/parse-input.ts";
import { addAudit } from "../../../src/store/index.ts";
import { syncEnableInput, type SyncState } from "../../../src/sync/index.ts";
import { type Action, actionUrl } from "../../page.ts";
import { DeclaredSettings } from "../../parts/declared-badge.ts";
import { connectionName } from "../../parts/names.ts";
import {
  Button,
  Card,
  CheckField,
  Confirm,
  Facts,
  Form,
  type FormState,
  html,
  type Markup,
  Notice,
  Relative,
  SelectField,
  TextField,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

/** Other installations that are kept like this one, and the shelf this one may be for them. */
export function SyncCard(visit: Visit): Markup {
  const { say, engine } = visit;
  const state = engine.sync.state();
  return Card({
    id: "sync",
    title: say("sync.title"),
    lead: say("sync.lead"),
    aside: DeclaredSettings(visit, "syncHub"),
    children: html`<div class="space-y-5">
      ${state.enabled ? Joined(visit, state) : Ways(visit)}
      ${Form({
        visit,
        action: "sync-hub",
        className: "border-t border-line pt-4 space-y-3",
        children: (form) => html`
          ${CheckField({
            form,
            name: "syncHub",
            label: say("sync.hub"),
            hint: say("sync.hub.hint"),
            checked: engine.settings().syncHub,
          })}
          ${Button({ label: say("common.save"), small: true })}
        `,
      })}
    </div>`,
  });
}

function Joined(visit: Visit, state: SyncState): Markup {
  const { say } = visit;
  const target = state.target ?? {};
  return html`
    ${state.lastError !== null && Notice({ tone: "bad", title: say("sync.failed"), children: state.lastError })}
    ${
      state.problems.length > 0 &&
      Notice({
        tone: "warn",
        title: say("sync.problems"),
        children: html`<ul class="list-disc pl-5">
          ${state.problems.map((problem) => html`<li>${problem}</li>`)}
        </ul>`,
      })
    }
    ${Facts([
      [
        say("sync.target"),
        html`<code class="break-all">${target["url"] || `${target["endpoint"]}/${target["bucket"]}`}</code>`,
      ],
      [say("sync.last"), Relative(visit, state.lastSyncAt ?? undefined)],
      [say("sync.device"), html`<code class="break-all">${state.deviceId}</code>`],
      ...state.devices.map(({ name, lastWriteAt }): [Markup, Markup] => [
        name,
        say.rich("sync.wrote", { when: Relative(visit, lastWriteAt) }),
      ]),
    ])}
    ${MoveForm(visit, state)}
    <div class="flex flex-wrap items-center gap-2">
      ${Form({ visit, action: "sync-now", children: () => Button({ label: say("sync.now"), icon: "refresh" }) })}
      ${Confirm({
        visit,
        id: "sync-leave",
        action: "sync-leave",
        fields: {},
        label: say("sync.leave"),
        question: say("sync.leave.question"),
        consequence: say("sync.leave.consequence"),
        go: say("sync.leave"),
      })}
    </div>
  `;
}

/** Sign-ins are handed over, never copied. */
function MoveForm(visit: Visit, { devices, moving, deviceId }: SyncState): Markup {
  const { say, engine } = visit;
  const here = engine.manage.connections
    .list()
    .filter(({ authType, hasCredentials }) => authType === "oauth" && hasCredentials);
  return html`
    ${moving.map(({ connectionId }) => {
      const name = connectionName(engine, connectionId) ?? connectionId;
      return html`<form
        method="post"
        action=${actionUrl(visit, "sync-move")}
        class="flex flex-wrap items-center gap-3"
      >
        <input type="hidden" name="connectionId" value=${connectionId} />
        <input type="hidden" name="toDevice" value=${deviceId} />
        <span class="min-w-0 flex-1">${say("sync.moving", { name })}</span>
        ${Button({ label: say("sync.takeBack"), small: true })}
      </form>`;
    })}
    ${
      here.length > 0 &&
      devices.length > 0 &&
      Form({
        visit,
        action: "sync-move",
        className: "flex flex-wrap items-end gap-3",
        children: (form) => html`
          <div class="min-w-0 flex-1 basis-40">
            ${SelectField({
              form,
              name: "connectionId",
              label: say("sync.move"),
              hint: say("sync.move.hint"),
              options: here.map(({ id, name }) => [id, name]),
            })}
          </div>
          <div class="min-w-0 flex-1 basis-40">
            ${SelectField({
              form,
              name: "toDevice",
              label: say("sync.move.to"),
              options: devices.map(({ id, name }) => [id, name]),
            })}
          </div>
          ${Button({ label: say("sync.move.go") })}
        `,
      })
    }
  `;
}

function Ways(visit: Visit): Markup {
  const { say, engine } = visit;
  const common = (form: FormState) => html`
    ${TextField({
      form,
      name: "passphrase",
      label: say("sync.passphrase"),
      hint: say("sync.passphrase.hint"),
      type: "password",
      autocomplete: "new-password",
      minlength: 12,
      required: true,
    })}
    ${CheckField({ form, name: "includeApiKeys", label: say("sync.keys"), hint: say("sync.keys.hint"), checked: false })}
    ${Button({ label: say("sync.join"), tone: "primary" })}
  `;
  const secret = (form: FormState, name: string, label: string) =>
    TextField({ form, name, label, type: "password", autocomplete: "off", required: true });
  const { returned } = visit;
  const wasSent = (way: string) => returned?.action === "sync-join" && returned.typed.text("id") === way;
  const plain = (form: FormState, name: string, label: string, placeholder: string, required = true) =>
    TextField({ form, name, label, placeholder, required, code: true });
  return html`
    <details class="more" open=${wasSent("omniroute")}>
      <summary>${say("sync.way.hub")}</summary>
      ${Form({
        visit,
        action: "sync-join",
        id: "omniroute",
        className: "mt-3 space-y-4",
        children: (form) => html`
          ${plain(form, "target.url", say("sync.url"), engine.config.sync.url ?? "https://hub.example.org", engine.config.sync.url === undefined)}
          ${secret(form, "target.token", say("sync.token"))} ${common(form)}
        `,
      })}
    </details>
    <details class="more" open=${wasSent("s3")}>
      <summary>${say("sync.way.s3")}</summary>
      ${Form({
        visit,
        action: "sync-join",
        id: "s3",
        className: "mt-3 space-y-4",
        children: (form) => html`
          <div class="grid grid-cols-1 gap-4 sm:grid-cols-2">
            ${plain(form, "target.endpoint", say("sync.endpoint"), "https://s3.eu-central-1.amazonaws.com")}
            ${plain(form, "target.region", say("sync.region"), "eu-central-1")}
            ${plain(form, "target.bucket", say("sync.bucket"), "my-bucket")}
            ${plain(form, "target.prefix", say("sync.prefix"), "omniroute", false)}
            ${plain(form, "target.accessKeyId", say("sync.accessKey"), "")}
            ${secret(form, "target.secretAccessKey", say("sync.secretKey"))}
          </div>
          ${common(form)}
        `,
      })}
    </details>
  `;
}

export const joinSync: Action = async (visit, form) => {
  const field = (name: string) => form.optional(`target.${name}`);
  const target =
    form.text("id") === "s3"
      ? {
          kind: "s3",
          endpoint: field("endpoint"),
          region: field("region"),
          bucket: field("bucket"),
          prefix: field("prefix"),
          accessKeyId: field("accessKeyId"),
          secretAccessKey: field("secretAccessKey"),
        }
      : { kind: "omniroute", url: field("url"), token: field("token") };
  const passphrase = form.secret("passphrase");
  const includeApiKeys = form.ticked("includeApiKeys");
  await visit.engine.sync.enable(parseInput(syncEnableInput, { target, passphrase, includeApiKeys }));
  note(visit, "sync.enable");
  return visit.say("sync.joined");
};

export const syncNow: Action = async ({ engine, say }) => {
  await engine.sync.sync();
  return say("sync.done");
};

export const leaveSync: Action = async (visit) => {
  await visit.engine.sync.disable(false);
  note(visit, "sync.disable");
  return visit.say("sync.left");
};

export const moveSignIn: Action = async (visit, form) => {
  await visit.engine.sync.move(form.text("connectionId"), form.text("toDevice"));
  note(visit, "sync.move");
  return visit.say("sync.moved");
};

export const changeHub: Action = ({ engine, actor, say }, form) => {
  engine.manage.settings.change({ syncHub: form.ticked("syncHub") }, actor);
  return say("settings.saved");
};

function note({ engine, actor }: Visit, action: string): void {
  const { name, ip } = actor;
  addAudit(engine.store, { action, actor: name, ...(ip !== undefined && { ip }), result: "ok" });
}
