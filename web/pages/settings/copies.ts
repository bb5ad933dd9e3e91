import { GatewayError } from "../../../src/core/errors.ts";
import type { LookedInto } from "../../../src/manage/index.ts";
import type { BackupFile } from "../../../src/store/index.ts";
import { type Action, actionUrl } from "../../page.ts";
import {
  Badge,
  Button,
  Card,
  Confirm,
  EmptyState,
  Form,
  html,
  type Markup,
  Moment,
  Notice,
  Table,
  TextField,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { countsOf, WhatComes } from "./take-in.ts";

/** What a copy would bring, for the page that follows. */
export type Tried = { tried: { filename: string; found: LookedInto["found"] } };

/** The copies that lie in the data directory, and the way back to each. */
export function CopiesCard(
  visit: Visit,
  backups: readonly BackupFile[],
  tried: Tried["tried"] | undefined,
): Markup {
  const { say } = visit;
  return Card({
    title: say("backups.title"),
    lead: say("backups.lead"),
    flush: true,
    children: html`
      ${Form({
        visit,
        action: "backup",
        className: "flex flex-wrap items-end gap-3 border-b border-line px-5 py-4",
        children: (form) => html`
          <div class="min-w-0 flex-1 basis-48">
            ${TextField({
              form,
              name: "name",
              label: say("backups.name"),
              hint: say("backups.name.hint"),
              maxlength: 64,
            })}
          </div>
          ${Button({ label: say("backups.make"), icon: "disk" })}
        `,
      })}
      ${
        tried &&
        html`<div class="px-5 pt-4">
          ${Notice({
            tone: "info",
            title: say("backups.would", { file: tried.filename }),
            children: WhatComes(visit, tried.found),
          })}
        </div>`
      }
      ${
        backups.length === 0
          ? EmptyState({ icon: "disk", title: say("backups.empty"), children: say("backups.empty.note") })
          : CopyTable(visit, backups)
      }
    `,
  });
}

function CopyTable(visit: Visit, backups: readonly BackupFile[]): Markup {
  const { say, show } = visit;
  return Table({
    rows: backups,
    label: say("backups.title"),
    columns: [
      { title: say("backups.when"), cell: ({ at }) => Moment(visit, at) },
      {
        title: say("backups.file"),
        wide: true,
        cell: ({ filename, label }) =>
          html`${label !== undefined && Badge("info", label)} <code class="break-all">${filename}</code>`,
      },
      { title: say("backups.size"), numeric: true, cell: ({ size }) => show.bytes(size) },
      { title: say("backups.actions"), silent: true, cell: (copy, index) => CopyActions(visit, copy, index) },
    ],
  });
}

function CopyActions(visit: Visit, { filename, at }: BackupFile, index: number): Markup {
  const { say } = visit;
  return html`<span class="inline-flex items-center gap-1">
    <form method="post" action=${actionUrl(visit, "try")}>
      <input type="hidden" name="file" value=${filename} />
      ${Button({ label: say("backups.try"), icon: "search", iconOnly: true, small: true, tone: "quiet" })}
    </form>
    ${Confirm({
      visit,
      id: `restore-${index}`,
      action: "restore",
      fields: { file: filename },
      label: say("backups.restore"),
      icon: "refresh",
      iconOnly: true,
      question: say.rich("backups.restore.question", { when: Moment(visit, at) }),
      consequence: say("backups.restore.consequence"),
      go: say("backups.restore"),
    })}
    ${Confirm({
      visit,
      id: `remove-${index}`,
      action: "remove",
      fields: { file: filename },
      label: say("backups.remove"),
      iconOnly: true,
      question: say("backups.remove.question"),
      consequence: html`<code class="break-all">${filename}</code>`,
      go: say("backups.remove"),
    })}
  </span>`;
}

export const backup: Action = ({ engine, actor, say }, form) => {
  const copy = engine.manage.copies.make(form.text("name"), actor);
  if (!copy)
    throw new GatewayError("conflict", "A copy was made less than a minute ago.", { param: "backup" });
  return say("backups.made", { file: copy.filename });
};

export const tryCopy: Action = ({ engine, actor }, form) => {
  const filename = form.text("file");
  const found = engine.manage.copies.restore(filename, true, actor);
  return { carry: { tried: { filename, found } } satisfies Tried };
};

export const restore: Action = ({ engine, actor, say }, form) => {
  const found = engine.manage.copies.restore(form.text("file"), false, actor);
  return `${say("backups.restored")} ${countsOf(say, found)}`;
};

export const remove: Action = ({ engine, actor, say }, form) => {
  engine.manage.copies.remove(form.text("file"), actor);
  return say("backups.removed");
};
