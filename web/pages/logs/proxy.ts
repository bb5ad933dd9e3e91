import type { ProxyLogEntry } from "../../../src/core/proxy-log.ts";
import { listProxyLog } from "../../../src/store/index.ts";
import { definePage } from "../../page.ts";
import { connectionName, providerName } from "../../parts/names.ts";
import {
  Badge,
  Button,
  ButtonLink,
  Card,
  EmptyState,
  Heading,
  html,
  type Markup,
  Moment,
  Relative,
  Table,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { logTabs } from "./tabs.ts";

const SHOWN = 200;

/** Calls that went out through a network proxy. */
export const proxyLog = definePage({
  path: "/logs/proxy",
  title: "proxy-log.title",
  under: "/logs",
  load: ({ engine, url }) => {
    const search = (url.searchParams.get("search") ?? "").trim().slice(0, 256);
    const status = url.searchParams.get("status") ?? "";
    const entries = listProxyLog(engine.store, {
      limit: SHOWN,
      ...(search && { search }),
      ...(["ok", "failed"].includes(status) && { status }),
    });
    return { search, status, entries };
  },
  view: ({ search, status, entries }, visit) => {
    const { say, show } = visit;
    return html`
      ${Heading({ title: say("logs.title"), lead: say("proxy-log.lead") })} ${logTabs(visit, "proxy")}
      <div class="space-y-4">
        <form method="get" class="filters" data-autosend role="search">
          <input
            class="input input-small"
            type="search"
            name="search"
            value=${search}
            placeholder=${say("proxy-log.search")}
            aria-label=${say("proxy-log.search")}
          />
          <label class="min-w-0">
            <span class="sr-only">${say("request.status")}</span>
            <select class="input input-small" name="status">
              <option value="">${say("logs.any.status")}</option>
              <option value="ok" selected=${status === "ok"}>${say("logs.status.ok")}</option>
              <option value="failed" selected=${status === "failed"}>${say("logs.status.error")}</option>
            </select>
          </label>
          <span class="needs-no-script">${Button({ label: say("logs.apply"), small: true })}</span>
        </form>
        ${Card({
          flush: true,
          children:
            entries.length === 0
              ? EmptyState({
                  icon: "globe",
                  title: say("proxy-log.empty"),
                  children: say("proxy-log.empty.note"),
                  action: ButtonLink({
                    href: "/dashboard/settings/advanced#proxies",
                    label: say("proxy-log.empty.go"),
                  }),
                })
              : Table({
                  rows: entries,
                  label: say("proxy-log.title"),
                  columns: [
                    {
                      title: say("request.time"),
                      cell: ({ at }) => html`<span class="whitespace-nowrap">${Moment(visit, at)}</span>`,
                    },
                    { title: say("request.status"), cell: (entry) => State(visit, entry) },
                    {
                      title: say("proxy-log.proxy"),
                      cell: ({ type, host }) => html`<code class="break-all">${type}://${host}</code>`,
                    },
                    { title: say("proxy-log.exit"), wide: true, cell: (entry) => Exit(visit, entry) },
                    {
                      title: say("proxy-log.target"),
                      cell: ({ target }) => html`<code class="break-all">${target}</code>`,
                    },
                    { title: say("request.connection"), wide: true, cell: (entry) => Account(visit, entry) },
                    {
                      title: say("request.duration"),
                      numeric: true,
                      wide: true,
                      cell: ({ durationMs }) => show.duration(durationMs),
                    },
                  ],
                }),
        })}
      </div>
    `;
  },
});

function State({ say }: Visit, { status, error }: ProxyLogEntry): Markup {
  if (status === "ok") return Badge("ok", say("proxy-log.ok"));
  return html`${Badge("bad", say("audit.failed"))}${error && html`<p class="text-tiny break-words text-muted" lang="en">${error}</p>`}`;
}

/** Where calls through the proxy were last seen to come from, and when. */
function Exit(visit: Visit, { exit }: ProxyLogEntry): Markup {
  if (!exit) return html`<span class="text-muted">${visit.say("proxy-log.exit.unknown")}</span>`;
  const wraps = exit.address.includes(":") ? "break-all" : "whitespace-nowrap";
  return html`<code class=${wraps}>${exit.address}</code>
    <span class="block text-tiny text-muted">${Relative(visit, exit.seenAt)}</span>`;
}

function Account({ engine }: Visit, { provider, connectionId }: ProxyLogEntry): Markup {
  const name = connectionId === undefined ? undefined : connectionName(engine, connectionId);
  if (provider === undefined) return name ?? "–";
  return name === undefined ? providerName(engine, provider) : `${providerName(engine, provider)}: ${name}`;
}
