import type { ConnectionView, QuotaReport } from "../../src/manage/index.ts";
import { actionUrl, definePage } from "../page.ts";
import { ConnectionState } from "../parts/connection-state.ts";
import { providerName } from "../parts/names.ts";
import { fullest, isMeasured, QuotaBars } from "../parts/quota-bars.ts";
import {
  Badge,
  Button,
  ButtonLink,
  Card,
  EmptyState,
  Heading,
  html,
  type Markup,
  Relative,
  Stat,
  Stats,
} from "../ui/index.ts";
import type { Visit } from "../visit.ts";

const NEARLY = 0.8;

type Account = { connection: ConnectionView; report: QuotaReport };

/** What is left of every account, the tightest first. */
export const quota = definePage({
  path: "/quota",
  title: "quota.title",
  menu: { group: "watch", icon: "gauge", letter: "q" },
  load: ({ engine }) =>
    engine.manage.connections
      .list()
      .filter(({ isActive }) => isActive)
      .map((connection): Account => ({ connection, report: engine.manage.quotas.of(connection.id) }))
      .toSorted((a, b) => (fullest(b.report.windows) ?? -1) - (fullest(a.report.windows) ?? -1)),
  view: (accounts, visit) => {
    const { say } = visit;
    return html`
      ${Heading({
        title: say("quota.title"),
        lead: say("quota.lead"),
        aside:
          accounts.length > 0 &&
          html`<form method="post" action=${actionUrl(visit, "refresh")}>
            ${Button({ label: say("quota.refresh-all"), icon: "refresh", data: { busy: say("quota.asking") } })}
          </form>`,
      })}
      ${
        accounts.length === 0
          ? Card({
              children: EmptyState({
                icon: "gauge",
                title: say("quota.empty"),
                children: say("quota.empty.note"),
                action: ButtonLink({
                  href: "/dashboard/providers",
                  label: say("quota.empty.go"),
                  tone: "primary",
                }),
              }),
            })
          : html`<div class="space-y-6" id="quotas" data-live="request changed" data-every="60">
              ${Summary(visit, accounts)}
              <div class="gap-6 lg:columns-2">${accounts.map((account) => AccountCard(visit, account))}</div>
            </div>`
      }
    `;
  },
  actions: {
    refresh: async ({ engine, say }, form) => {
      const wanted = form.optional("id");
      const asked = engine.manage.connections
        .list()
        .filter(({ id, isActive }) => (wanted === undefined ? isActive : id === wanted));
      await Promise.all(asked.map(({ id }) => engine.manage.quotas.check(id)));
      return say("quota.refreshed", { count: asked.length });
    },
  },
});

function Summary({ say, show }: Visit, accounts: readonly Account[]): Markup {
  const known = accounts
    .map(({ report }) => fullest(report.windows))
    .filter((share): share is number => share !== undefined);
  const month = accounts.reduce((sum, { report }) => sum + report.month.tokens, 0);
  const spent = known.filter((share) => share >= 1).length;
  return Stats({
    label: say("quota.title"),
    children: html`
      ${Stat({ label: say("quota.accounts"), value: show.number(accounts.length), note: say("quota.accounts.note", { count: known.length }) })}
      ${Stat({ label: say("quota.near"), value: show.number(known.filter((share) => share >= NEARLY && share < 1).length), note: say("quota.near.note") })}
      ${Stat({ label: say("quota.spent"), value: show.number(spent), note: say("quota.spent.note") })}
      ${Stat({ label: say("quota.month"), value: show.compact(month), note: say("quota.month.note") })}
    `,
  });
}

function AccountCard(visit: Visit, { connection, report }: Account): Markup {
  const { say, show, engine } = visit;
  const { id, provider, name } = connection;
  const { windows, plan, message, month } = report;
  const place = `/dashboard/providers/${encodeURIComponent(provider)}`;
  const checkedAt = windows.length === 0 ? undefined : Math.max(...windows.map((window) => window.checkedAt));
  const counted = windows.length > 0 && windows.every(({ source }) => source === "counted");
  return Card({
    id: `quota-${id}`,
    className: "mb-6 break-inside-avoid",
    title: html`<a class="hover:text-accent hover:underline" href=${place}>${name}</a>`,
    lead: providerName(engine, provider),
    aside: html`${plan !== null && Badge("info", plan)} ${ConnectionState(visit, connection)}`,
    children: html`
      ${windows.length === 0 ? html`<p class="text-muted">${say("quota.unknown")}</p>` : QuotaBars(visit, windows)}
      ${message !== null && html`<p class="mt-3 text-small break-words text-muted" lang="en">${message}</p>`}
      ${
        counted &&
        !windows.some(isMeasured) &&
        !connection.fromEnvironment &&
        html`<p class="mt-3 text-small text-muted">
          ${say("quota.untold")}${" "}
          <a class="link" href=${`${place}/connections/${id}#limits`}>${say("quota.own.go")}</a>
        </p>`
      }
      <div class="mt-4 flex flex-wrap items-center justify-between gap-2 border-t border-line pt-3">
        <p class="text-small text-muted">
          ${
            month.billed + month.shadow > 0
              ? say("quota.month.used", {
                  tokens: show.compact(month.tokens),
                  cost: show.money(month.billed + month.shadow),
                })
              : say("quota.month.tokens", { tokens: show.compact(month.tokens) })
          }
          ${!counted && checkedAt !== undefined && html` · ${say.rich("quota.checked", { when: Relative(visit, checkedAt) })}`}
        </p>
        ${
          !counted &&
          html`<form method="post" action=${actionUrl(visit, "refresh")}>
            <input type="hidden" name="id" value=${id} />
            ${Button({ label: say("quota.refresh", { name }), icon: "refresh", iconOnly: true, small: true, tone: "quiet" })}
          </form>`
        }
      </div>
    `,
  });
}
