import type { QuotaView } from "../../src/core/quota.ts";
import type { ConnectionView } from "../../src/manage/index.ts";
import { Card, Countdown, html, type Markup, Meter, usedTone } from "../ui/index.ts";
import type { Visit } from "../visit.ts";
import { tightestOf, windowName } from "./quota-bars.ts";

const MOST = 5;

/** The windows that are nearest to their end, of all accounts; nothing where no quota is known. */
export function QuotaStrip(visit: Visit): Markup {
  const { engine, say, show, now } = visit;
  const tightest = engine.manage.connections
    .list()
    .filter(({ isActive }) => isActive)
    .map((connection) => ({ connection, window: tightestOf(connection.quota) }))
    .filter((each): each is { connection: ConnectionView; window: QuotaView } => each.window !== undefined)
    .toSorted((a, b) => (b.window.percent ?? 0) - (a.window.percent ?? 0))
    .slice(0, MOST);
  if (tightest.length === 0) return undefined;
  return Card({
    id: "quota",
    live: "request changed",
    title: say("quota.title"),
    aside: html`<a class="link text-small" href="/dashboard/quota">${say("quota.all")}</a>`,
    children: html`<ul class="space-y-3.5">
      ${tightest.map(({ connection, window }) => {
        const share = (window.percent ?? 0) / 100;
        return html`<li>
          <p class="flex items-baseline justify-between gap-3">
            <span class="min-w-0 truncate font-medium" title=${connection.name}>${connection.name}</span>
            <span class="tabular-nums">${show.percent(share)}</span>
          </p>
          ${Meter(share, { tone: usedTone(share), className: "mt-1 w-full" })}
          <p class="mt-1 flex justify-between gap-3 text-small text-muted">
            <span>${windowName(visit, window)}</span>
            ${
              window.resetsAt !== undefined &&
              window.resetsAt > now &&
              html`<span>${say.rich("quota.resets", { time: Countdown(visit, window.resetsAt) })}</span>`
            }
          </p>
        </li>`;
      })}
    </ul>`,
  });
}
