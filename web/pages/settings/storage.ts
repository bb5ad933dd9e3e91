import { GatewayError } from "../../../src/core/errors.ts";
import { listBackups, makeBackup, storageUse } from "../../../src/store/index.ts";
import { actionUrl, definePage } from "../../page.ts";
import {
  Button,
  Card,
  EmptyState,
  Facts,
  Form,
  Heading,
  html,
  Icon,
  Moment,
  Relative,
  Table,
  TextField,
} from "../../ui/index.ts";
import { settingTabs } from "./tabs.ts";

/** Files the management API gives out. */
const EXPORTS = [
  { id: "own", href: "/api/db-backups/export" },
  { id: "share", href: "/api/db-backups/exportAll" },
] as const;

const SHOWN = 20;
const PAUSE_MS = 60_000;

/** What lies on the disk, for how long, and the copies of it. */
export const storage = definePage({
  path: "/settings/storage",
  title: "settings.tab.storage",
  under: "/settings",
  load: ({ engine }) => ({
    use: storageUse(engine.store),
    backups: listBackups(engine.store).slice(0, SHOWN),
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
            </ul>`,
          })}
        </div>
        ${Card({
          title: say("backups.title"),
          lead: say("backups.lead"),
          aside: html`<form method="post" action=${actionUrl(visit, "backup")}>
            ${Button({ label: say("backups.make"), icon: "disk", small: true })}
          </form>`,
          flush: true,
          children:
            backups.length === 0
              ? EmptyState({ icon: "disk", title: say("backups.empty"), children: say("backups.empty.note") })
              : Table({
                  rows: backups,
                  label: say("backups.title"),
                  columns: [
                    { title: say("backups.when"), cell: ({ at }) => Moment(visit, at) },
                    {
                      title: say("backups.file"),
                      wide: true,
                      cell: ({ filename }) => html`<code class="break-all">${filename}</code>`,
                    },
                    { title: say("backups.size"), numeric: true, cell: ({ size }) => show.bytes(size) },
                  ],
                }),
        })}
      </div>
    `;
  },
  actions: {
    retention: ({ engine, actor, say }, form) => {
      engine.manage.settings.change({ logRetentionDays: form.text("logRetentionDays") }, actor);
      return say("settings.saved");
    },
    backup: ({ engine, say, now }) => {
      const [newest] = listBackups(engine.store);
      if (newest && now - newest.at < PAUSE_MS)
        throw new GatewayError("conflict", "A copy was made less than a minute ago.", { param: "backup" });
      const { filename } = makeBackup(engine.store, "manual");
      return say("backups.made", { file: filename });
    },
  },
});
