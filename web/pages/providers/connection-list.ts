import type { ConnectionView } from "../../../src/manage/index.ts";
import type { ProviderEntry } from "../../../src/routing/index.ts";
import { actionUrl } from "../../page.ts";
import { ConnectionState } from "../../parts/connection-state.ts";
import { ProxyBadge } from "../../parts/proxy-badge.ts";
import { isMeasured, QuotaLines } from "../../parts/quota-bars.ts";
import { DeclaredBadge } from "../../parts/declared-badge.ts";
import {
  Badge,
  Button,
  ButtonLink,
  Card,
  Confirm,
  EmptyState,
  html,
  Icon,
  type Markup,
  Relative,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

/** How the first account comes, by how the provider is paid. */
const EMPTY = {
  key: "connections.empty.key",
  "sign-in": "connections.empty.sign-in",
  "optional-key": "connections.empty.local",
  none: "connections.empty.local",
} as const;

/** The accounts at one provider, in the order in which they are used. */
export function ConnectionList(
  visit: Visit,
  entry: ProviderEntry,
  connections: readonly ConnectionView[],
): Markup {
  const { say } = visit;
  return Card({
    id: "connections",
    live: "changed",
    title: say("connections.title"),
    lead: connections.length > 1 ? say("connections.lead") : undefined,
    aside:
      connections.length > 1 &&
      html`<form method="post" action=${actionUrl(visit, "test")}>
        ${Button({ label: say("connections.test-all"), icon: "play", small: true, data: { busy: say("test.running") } })}
      </form>`,
    flush: true,
    children:
      connections.length === 0
        ? EmptyState({
            icon: "plug",
            title: say("connections.empty"),
            children: say(EMPTY[entry.provider.auth.type]),
          })
        : html`<ol
            class="divide-y divide-line"
            data-reorder
            data-saves=${actionUrl(visit, "order")}
            data-moved=${say("connections.moved")}
          >
            ${connections.map((connection) => ConnectionRow(visit, connection, placeOf(connection, connections)))}
          </ol>`,
  });
}

/** Where a connection stands among those that can be put in order. */
type Place = { index: number; count: number };

function placeOf({ id }: ConnectionView, connections: readonly ConnectionView[]): Place {
  const movable = connections.filter(({ fromEnvironment }) => !fromEnvironment);
  return { index: movable.findIndex((each) => each.id === id), count: movable.length };
}

function ConnectionRow(visit: Visit, connection: ConnectionView, place: Place): Markup {
  const { say } = visit;
  const { id, name, fromEnvironment, quota } = connection;
  const isMovable = place.index >= 0 && place.count > 1;
  return html`<li class="ordered-row" id=${`connection-${id}`} data-row=${isMovable ? id : undefined}>
    ${isMovable && html`<span class="grip needs-script mt-0.5" data-grip aria-hidden="true">${Icon("grip", "size-5")}</span>`}
    <div class="min-w-56 flex-1">
      <p class="flex flex-wrap items-center gap-x-2 gap-y-1">
        <span class="min-w-0 font-medium break-words">${name}</span> ${ConnectionState(visit, connection)}
        ${connection.group !== undefined && Badge("quiet", connection.group)} ${ProxyBadge(visit, connection)}
        ${DeclaredBadge(visit, "connections", connection.id)}
      </p>
      <p class="mt-1 flex flex-wrap gap-x-4 gap-y-0.5 text-small text-muted">${Details(visit, connection)}</p>
      ${quota.some(isMeasured) && html`<div class="mt-2">${QuotaLines(visit, quota)}</div>`}
      ${LastFault(visit, connection)}
    </div>
    <div class="flex flex-wrap items-center gap-1.5">
      ${isMovable && Moves(visit, connection, place)}
      <form method="post" action=${actionUrl(visit, "test")}>
        <input type="hidden" name="id" value=${id} />
        ${Button({ label: say("connection.test"), icon: "play", small: true, data: { busy: say("test.running") } })}
      </form>
      ${
        connection.authType === "oauth" &&
        ButtonLink({
          href: `/dashboard/providers/${encodeURIComponent(connection.provider)}/sign-in?connection=${id}`,
          label: say("sign-in.renew"),
          icon: "refresh",
          small: true,
          tone: connection.needsSignIn ? "primary" : "plain",
        })
      }
      ${
        connection.needsSignIn &&
        connection.authType === "oauth" &&
        html`<form method="post" action=${actionUrl(visit, "take-over")}>
          <input type="hidden" name="id" value=${id} />
          ${Button({ label: say("sign-in.take-over"), small: true, data: { busy: say("test.running") } })}
        </form>`
      }
      ${
        !fromEnvironment &&
        html`<form method="post" action=${actionUrl(visit, "switch")}>
            <input type="hidden" name="id" value=${id} />
            ${Button({
              label: say(connection.isActive ? "connection.switch-off" : "connection.switch-on"),
              small: true,
              name: "to",
              value: connection.isActive ? "off" : "on",
            })}
          </form>
          ${ButtonLink({
            href: `/dashboard/providers/${encodeURIComponent(connection.provider)}/connections/${id}`,
            label: say("connection.edit", { name }),
            icon: "pencil",
            iconOnly: true,
            small: true,
            tone: "quiet",
          })}
          ${Confirm({
            visit,
            id: `remove-${id}`,
            action: "remove",
            fields: { id },
            label: say("connection.remove", { name }),
            iconOnly: true,
            question: say("connection.remove.question", { name }),
            consequence: say("connection.remove.consequence"),
            go: say("common.remove"),
          })}`
      }
    </div>
  </li>`;
}

/** Up and down, for those who do not drag. */
function Moves(visit: Visit, { id, name }: ConnectionView, { index, count }: Place): Markup {
  const move = (direction: "up" | "down", disabled: boolean) =>
    Button({
      label: visit.say(`connection.${direction}`, { name }),
      icon: direction,
      iconOnly: true,
      small: true,
      tone: "quiet",
      name: "to",
      value: direction,
      disabled,
      data: { "row-move": direction },
    });
  return html`<form class="flex" method="post" action=${actionUrl(visit, "move")}>
    <input type="hidden" name="id" value=${id} />
    ${move("up", index === 0)} ${move("down", index === count - 1)}
  </form>`;
}

function Details(visit: Visit, connection: ConnectionView): Markup {
  const { say, show } = visit;
  const { lastTest } = connection;
  return [
    connection.maskedKey !== undefined && html`<span class="font-mono">${connection.maskedKey}</span>`,
    connection.fromEnvironment && html`<span>${say("connection.environment")}</span>`,
    html`<span>${say("connection.priority.short", { priority: connection.priority })}</span>`,
    connection.baseUrl !== undefined && html`<span class="font-mono break-all">${connection.baseUrl}</span>`,
    lastTest !== undefined &&
      html`<span>
        ${say.rich("connection.tested", {
          when: Relative(visit, lastTest.at),
          time: lastTest.latencyMs === undefined ? "–" : show.duration(lastTest.latencyMs),
        })}
      </span>`,
    connection.lastUsedAt !== undefined &&
      html`<span>${say.rich("connection.used", { when: Relative(visit, connection.lastUsedAt) })}</span>`,
  ];
}

/** The newest thing that went wrong, as long as nothing better is known. */
function LastFault({ say }: Visit, { lastTest, lastError, status }: ConnectionView): Markup {
  const message =
    lastTest && !lastTest.ok ? lastTest.error : status === "ready" ? undefined : lastError?.message;
  if (message === undefined) return undefined;
  return html`<p class="mt-1.5 text-small break-words text-bad">
    <span class="sr-only">${say("connection.fault")}</span> <span lang="en">${message}</span>
  </p>`;
}
