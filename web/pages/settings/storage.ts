import { listBackups, storageUse } from "../../../src/store/index.ts";
import { definePage } from "../../page.ts";
import { DeclaredSettings } from "../../parts/declared-badge.ts";
import {
  Button,
  Card,
  CheckField,
  Facts,
  Form,
  Heading,
  html,
  Icon,
  Relative,
  TextField,
} from "../../ui/index.ts";
import { backup, CopiesCard, remove, restore, type Tried, tryCopy } from "./copies.ts";
import { bring, look, type Look, lookNearby, TakeInCard } from "./take-in.ts";
import { settingTabs } from "./tabs.ts";

/** Files the management API gives out. */
const EXPORTS = [
  { id: "own", href: "/api/db-backups/export" },
  { id: "share", href: "/api/db-backups/exportAll" },
] as const;

const SHOWN = 20;

/** What lies on the disk, for how long, and the copies of it. */
export const storage = definePage({
  path: "/settings/storage",
  title: "settings.tab.storage",
  under: "/settings",
  load: ({ engine }) => ({
    use: storageUse(engine.store),
    backups: listBackups(engine.store).filter(({ label }, place) => place < SHOWN || label !== undefined),
  }),
  view: ({ use, backups }, visit) => {
    const { say, show } = visit;
    return html`
      ${Heading({ title: say("settings.title"), lead: say("settings.lead") })}
      ${settingTabs(visit, "storage")}
      <div class="grid grid-cols-1 items-start gap-6 xl:grid-cols-2">
        <div class="space-y-6">
          ${Card({
            title: say("storage.title"),
            children: Facts([
              [say("storage.dir"), html`<code class="break-all">${use.dataDir}</code>`],
              [say("storage.config"), show.bytes(use.sizeBytes)],
              [say("storage.logs"), show.bytes(use.logsSizeBytes)],
              [say("storage.last"), Relative(visit, use.lastBackupAt, say("common.never"))],
              [say("storage.count"), show.number(use.backupCount)],
            ]),
          })}
          ${Card({
            title: say("storage.retention"),
            lead: say("storage.retention.lead"),
            aside: DeclaredSettings(visit, "logRetentionDays", "enableRequestLogs"),
            children: Form({
              visit,
              action: "retention",
              className: "space-y-4",
              children: (form) => html`
                ${TextField({
                  form,
                  name: "logRetentionDays",
                  label: say("storage.days"),
                  type: "number",
                  min: 1,
                  max: 3650,
                  required: true,
                  value: String(use.retentionDays),
                })}
                ${CheckField({
                  form,
                  name: "enableRequestLogs",
                  label: say("storage.bodies"),
                  hint: say("storage.bodies.hint"),
                  checked: visit.engine.settings().enableRequestLogs,
                })}
                ${TextField({
                  form,
                  name: "recordedBodyMb",
                  label: say("storage.body"),
                  hint: say("storage.body.hint"),
                  type: "number",
                  min: 1,
                  max: 32,
                  required: true,
                  value: String(visit.engine.settings().recordedBodyMb),
                })}
                ${Button({ label: say("common.save"), tone: "primary" })}
              `,
            }),
          })}
          ${Card({
            title: say("schedule.title"),
            aside: DeclaredSettings(visit, "backupEveryHours", "backupsKept"),
            children: Form({
              visit,
              action: "schedule",
              className: "space-y-4",
              children: (form) => html`
                <div class="grid grid-cols-1 gap-4 sm:grid-cols-2">
                  ${TextField({
                    form,
                    name: "backupEveryHours",
                    label: say("schedule.hours"),
                    hint: say("schedule.hours.hint"),
                    type: "number",
                    min: 0,
                    max: 8760,
                    required: true,
                    value: String(use.backupEveryHours),
                  })}
                  ${TextField({
                    form,
                    name: "backupsKept",
                    label: say("schedule.kept"),
                    hint: say("schedule.kept.hint"),
                    type: "number",
                    min: 1,
                    max: 1000,
                    required: true,
                    value: String(use.backupsKept),
                  })}
                </div>
                ${Button({ label: say("common.save"), tone: "primary" })}
              `,
            }),
          })}
          ${Card({
            title: say("export.title"),
            children: html`<ul class="space-y-3">
              ${EXPORTS.map(
                ({ id, href }) =>
                  html`<li class="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
                    <div class="min-w-0 flex-1 basis-64">
                      <p class="font-medium">${say(`export.${id}`)}</p>
                      <p class="text-small text-muted">${say(`export.${id}.hint`)}</p>
                    </div>
                    <a class="btn btn-plain btn-small" href=${href} download
                      >${Icon("down", "size-4")} ${say("export.go")}</a
                    >
                  </li>`,
              )}
              <li>
                <p class="font-medium">${say("export.moving")}</p>
                <p class="text-small text-muted">${say("export.moving.hint")}</p>
                <form
                  method="post"
                  action="/api/db-backups/export"
                  class="mt-2 flex flex-wrap items-center gap-2"
                >
                  <input
                    class="input min-w-0 flex-1 basis-48"
                    type="password"
                    name="passphrase"
                    minlength="12"
                    maxlength="1000"
                    required
                    autocomplete="new-password"
                    aria-label=${say("takein.passphrase")}
                    placeholder=${say("takein.passphrase")}
                  />
                  ${Button({ label: say("export.go"), icon: "down", small: true })}
                </form>
              </li>
            </ul>`,
          })}
        </div>
        <div class="space-y-6">
          ${CopiesCard(visit, backups, (visit.carried as Partial<Tried> | undefined)?.tried)}
          ${TakeInCard(visit, (visit.carried as Partial<Look> | undefined)?.look)}
        </div>
      </div>
    `;
  },
  takesFiles: true,
  actions: {
    retention: ({ engine, actor, say }, form) => {
      engine.manage.settings.change(
        {
          logRetentionDays: form.text("logRetentionDays"),
          enableRequestLogs: form.ticked("enableRequestLogs"),
          ...(form.optional("recordedBodyMb") !== undefined && {
            recordedBodyMb: form.text("recordedBodyMb"),
          }),
        },
        actor,
      );
      return say("settings.saved");
    },
    schedule: ({ engine, actor, say }, form) => {
      engine.manage.settings.change(
        { backupEveryHours: form.text("backupEveryHours"), backupsKept: form.text("backupsKept") },
        actor,
      );
      return say("settings.saved");
    },
    backup,
    try: tryCopy,
    restore,
    remove,
    look,
    nearby: lookNearby,
    bring,
  },
});
