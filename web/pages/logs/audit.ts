import type { AuditEntry } from "../../../src/core/audit.ts";
import { type FieldChange, listAudit, type ListedAudit } from "../../../src/store/index.ts";
import { isMessageKey } from "../../i18n/index.ts";
import { definePage } from "../../page.ts";
import {
  Badge,
  Button,
  ButtonLink,
  Card,
  Confirm,
  EmptyState,
  Heading,
  html,
  type Markup,
  Moment,
  Table,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { connectionName } from "../../parts/names.ts";
import { logTabs } from "./tabs.ts";

const PAGE = 50;

/** Every action that is written down, by what it is called there. */
const ACTIONS = [
  "login",
  "setup",
  "session.end",
  "password.change",
  "password.reset",
  "key.create",
  "key.update",
  "key.rotate",
  "key.revoke",
  "key-group.create",
  "key-group.update",
  "key-group.remove",
  "connection.create",
  "connection.update",
  "connection.delete",
  "node.create",
  "node.update",
  "node.delete",
  "model.add",
  "model.remove",
  "combo.create",
  "combo.update",
  "combo.delete",
  "alias.save",
  "alias.delete",
  "chain.save",
  "chain.delete",
  "combo-defaults.update",
  "resilience.update",
  "settings.ip-filter",
  "settings.proxy",
  "key.budget",
  "limits.protection",
  "model.free",
  "policy.unlock",
  "prices.update",
  "prices.reset",
  "catalogue.load",
  "catalogue.reload",
  "catalogue.reset",
  "connection.take-over",
  "sign-in.begin",
  "connection.sign-in",
  "connection.quota",
  "sign-in.import",
  "eval-suite.save",
  "eval-suite.remove",
  "recording.next",
  "recording.read",
  "recording.clear",
  "alert.resolve",
  "client.apply",
  "client.remove",
  "client.restore",
  "client.backup.delete",
  "cache.clear",
  "cache.remove",
  "backup.create",
  "backup.delete",
  "settings.update",
  "health.reset",
  "restart",
  "shutdown",
  "undo",
  "import",
  "restore",
  "export",
] as const;

/** Who changed what, and who signed in or tried to. */
export const audit = definePage({
  actions: {
    undo: ({ engine, actor, say }, form) => {
      const { action } = engine.manage.history.undo(Number(form.text("id")), actor);
      const key = `audit.${action}`;
      return say("audit.undo.done", { what: isMessageKey(key) ? say(key) : action });
    },
  },
  path: "/logs/audit",
  title: "audit.title",
  under: "/logs",
  load: ({ engine, url }) => {
    const action = (url.searchParams.get("action") ?? "").slice(0, 100);
    const offset = Math.max(0, Math.trunc(Number(url.searchParams.get("offset") ?? 0)) || 0);
    const entries = listAudit(engine.store, { ...(action && { action }), limit: PAGE + 1, offset });
    return { action, offset, entries: entries.slice(0, PAGE), more: entries.length > PAGE };
  },
  view: ({ action, offset, entries, more }, visit) => {
    const { say } = visit;
    const address = (start: number) =>
      `?${new URLSearchParams({ ...(action && { action }), ...(start > 0 && { offset: String(start) }) })}`;
    return html`
      ${Heading({ title: say("logs.title"), lead: say("audit.lead") })} ${logTabs(visit, "audit")}
      <div class="space-y-4">
        <form method="get" class="filters" data-autosend>
          <label class="min-w-0">
            <span class="sr-only">${say("audit.action")}</span>
            <select class="input input-small" name="action">
              <option value="">${say("audit.any")}</option>
              ${ACTIONS.map((each) => html`<option value=${each} selected=${each === action}>${say(`audit.${each}`)}</option>`)}
            </select>
          </label>
          <span class="needs-no-script">${Button({ label: say("logs.apply"), small: true })}</span>
        </form>
        ${Card({
          flush: true,
          children:
            entries.length === 0
              ? EmptyState({ icon: "shield", title: say("audit.empty") })
              : Table({
                  rows: entries,
                  label: say("audit.title"),
                  columns: [
                    {
                      title: say("request.time"),
                      cell: (entry) =>
                        html`<span class="whitespace-nowrap">${Moment(visit, entry.at)}</span>`,
                    },
                    { title: say("audit.action"), cell: (entry) => Deed(visit, entry) },
                    { title: say("audit.about"), cell: (entry) => About(visit, entry) },
                    { title: say("audit.actor"), wide: true, cell: ({ actor }) => actor },
                    { title: say("audit.ip"), wide: true, cell: ({ ip }) => ip && html`<code>${ip}</code>` },
                    { title: say("audit.undo"), silent: true, cell: (entry) => Undo(visit, entry) },
                  ],
                }),
        })}
        <nav class="flex justify-between gap-2" aria-label=${say("logs.pages")}>
          <span
            >${offset > 0 && ButtonLink({ href: address(Math.max(0, offset - PAGE)), label: say("audit.newer"), icon: "left" })}</span
          >
          <span
            >${more && ButtonLink({ href: address(offset + PAGE), label: say("logs.older"), iconAfter: "right" })}</span
          >
        </nav>
      </div>
    `;
  },
});

function Deed({ say }: Visit, { action, result }: AuditEntry): Markup {
  const key = `audit.${action}`;
  return html`<span class="inline-flex flex-wrap items-center gap-2">
    ${isMessageKey(key) ? say(key) : html`<code>${action}</code>`}
    ${result === "failed" && Badge("bad", say("audit.failed"))}
  </span>`;
}

/** Takes the change back, after a question. */
function Undo(visit: Visit, { id, undo }: ListedAudit): Markup {
  const { say } = visit;
  if (undo === "done") return Badge("quiet", say("audit.undone"));
  if (undo === "impossible") return "";
  return Confirm({
    visit,
    id: `undo-${id}`,
    action: "undo",
    fields: { id: String(id) },
    label: say("audit.undo"),
    icon: "left",
    iconOnly: true,
    question: say("audit.undo.question"),
    consequence: say("audit.undo.consequence"),
    go: say("audit.undo"),
  });
}

/** The thing's name where it was written down, else its id; and the rest of what is known. */
function About({ engine }: Visit, { target, details = {}, changes }: ListedAudit): Markup {
  const { name, ...rest } = details;
  const known = target === undefined ? undefined : connectionName(engine, target);
  const title = typeof name === "string" ? name : (known ?? changes[0]?.name ?? target);
  const more = Object.entries(changes.length > 0 ? {} : rest)
    .map(([field, value]) => `${field}: ${wordsFor(value)}`)
    .join(" · ");
  return html`<div class="max-w-[45vw] min-w-0 sm:max-w-md">
    <p class="truncate" title=${title}>${title ?? "–"}</p>
    ${more !== "" && html`<p class="truncate font-mono text-tiny text-muted" title=${more}>${more}</p>`}
    ${changes.length > 0 && Differences(changes)}
  </div>`;
}

const SHOWN_FIELDS = 3;

/** Fields before and after; many are folded away. */
function Differences(changes: readonly FieldChange[]): Markup {
  const line = ({ field, from, to }: FieldChange) =>
    html`<li class="break-words"><b>${field}</b>: ${said(from)} → ${said(to)}</li>`;
  const list = (shown: readonly FieldChange[]) =>
    html`<ul class="font-mono text-tiny text-muted">
      ${shown.map(line)}
    </ul>`;
  const more = changes.slice(SHOWN_FIELDS);
  return html`${list(changes.slice(0, SHOWN_FIELDS))}
  ${
    more.length > 0 &&
    html`<details class="more">
      <summary class="text-tiny">+ ${String(more.length)}</summary>
      ${list(more)}
    </details>`
  }`;
}

const said = (value: unknown): string => (value === undefined ? "–" : wordsFor(value));

function wordsFor(value: unknown): string {
  if (Array.isArray(value)) return value.map(wordsFor).join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}
