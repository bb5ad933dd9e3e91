import type { LiveRequest, RequestRecord } from "../../src/core/record.ts";
import { Badge, classes, type Column, Dot, html, Icon, type Markup, Moment, Table } from "../ui/index.ts";
import type { Visit } from "../visit.ts";

export type RequestRow = RequestRecord | LiveRequest;

const isOver = (row: RequestRow): row is RequestRecord => "status" in row;

/** Calls, newest first, those still in work among them. */
export function RequestTable(
  visit: Visit,
  rows: readonly RequestRow[],
  { label, brief = false }: { label: string; brief?: boolean },
): Markup {
  const { say, show } = visit;
  const columns: (Column<RequestRow> | false)[] = [
    {
      title: say("request.time"),
      wide: true,
      cell: (row) => html`<span class="whitespace-nowrap">${Moment(visit, row.at)}</span>`,
    },
    { title: say("request.status"), cell: (row) => Status(visit, row) },
    { title: say("request.model"), cell: (row) => Model(visit, row, brief) },
    !brief && { title: say("request.key"), cell: (row) => row.keyName, wide: true },
    {
      title: say("request.tokens"),
      numeric: true,
      wide: true,
      cell: (row) => (isOver(row) ? Tokens(visit, row) : ""),
    },
    !brief && {
      title: say("request.cost"),
      numeric: true,
      wide: true,
      cell: (row) => (isOver(row) ? Cost(visit, row) : ""),
    },
    !brief && {
      title: say("request.first"),
      numeric: true,
      wide: true,
      cell: (row) => (isOver(row) ? show.duration(row.firstContentMs) : ""),
    },
    {
      title: say("request.duration"),
      numeric: true,
      cell: (row) =>
        isOver(row)
          ? show.duration(row.durationMs)
          : html`<span data-since=${row.at}>${show.duration(Math.max(0, visit.now - row.at))}</span>`,
    },
  ];
  return Table({ rows, columns, label, rowId: (row) => `request-${row.id}` });
}

/** Tokens in and out; a tilde marks our own estimate. */
export function Tokens({ say, show }: Visit, { usage }: RequestRecord): Markup {
  if (!usage) return "–";
  const input = usage.input + (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0);
  const mark = usage.estimated ? "~" : "";
  return html`<span class="whitespace-nowrap">
    <span class="sr-only">${say("request.tokens.spoken", { input, output: usage.output })}</span>
    <span aria-hidden="true">
      ${mark}${show.compact(input)} <span class="text-faint">→</span> ${mark}${show.compact(usage.output)}
    </span>
  </span>`;
}

/** What it cost; list prices of what was not billed are marked as such. What used nothing cost nothing. */
export function Cost({ say, show }: Visit, { cost, costKind, usage }: RequestRecord): Markup {
  if (cost === undefined) return usage ? html`<span class="text-muted">${say("cost.unknown")}</span>` : "–";
  if (costKind === "billed" || cost === 0) return show.money(cost);
  return html`<span class="text-muted" title=${say("cost.shadow.hint")}>(${show.money(cost)})</span>`;
}

function Model(visit: Visit, row: RequestRow, withKey: boolean): Markup {
  const { say } = visit;
  const served = row.model === row.requestedModel ? undefined : row.model;
  const link = isOver(row)
    ? html`<a class="row-link" href=${`/dashboard/logs/${encodeURIComponent(row.id)}`}
        >${row.requestedModel || "–"}</a
      >`
    : row.requestedModel || "–";
  // Beside another card a table has less room.
  const width = classes("max-w-[42vw] sm:max-w-80", withKey && "xl:max-w-44 2xl:max-w-80");
  return html`<div class="min-w-0">
    <p class=${classes("truncate font-mono text-small", width)} title=${row.requestedModel}>${link}</p>
    <p
      class=${classes("flex flex-wrap items-center gap-1 text-tiny text-muted md:flex-nowrap", width, !withKey && served === undefined && "md:hidden")}
    >
      ${
        served !== undefined &&
        html`${Icon("right", "size-3")}<span class="sr-only">${say("request.served")}</span>
          <span class="max-w-full min-w-0 truncate font-mono" title=${served}>${served}</span>`
      }
      ${withKey && html`<span class="shrink-0">${served !== undefined && "· "}${row.keyName}</span>`}
      <span class="shrink-0 md:hidden"
        >${(withKey || served !== undefined) && "· "}${Moment(visit, row.at)}</span
      >
    </p>
  </div>`;
}

function Status({ say }: Visit, row: RequestRow): Markup {
  if (!isOver(row))
    return html`<span class="inline-flex items-center gap-1.5 whitespace-nowrap">
      ${Dot("info", { live: true })} ${say("request.running")}
    </span>`;
  return StatusBadge(say, row);
}

/** How a call ended, as the client saw it. */
export function StatusBadge(say: Visit["say"], row: RequestRecord): Markup {
  if (row.status === 499) return Badge("quiet", say("request.cancelled"));
  const failed = row.status >= 400 || row.errorCode !== undefined;
  const extra =
    row.attempts.length > 1
      ? html`<span class="text-tiny text-muted"
          >${say("request.tries", { count: row.attempts.length })}</span
        >`
      : "";
  return html`<span
    class="inline-flex flex-col items-start gap-x-1.5 whitespace-nowrap sm:flex-row sm:items-center"
  >
    ${Badge(failed ? (row.status === 429 ? "warn" : "bad") : "ok", failed && row.status < 400 ? say("request.broken") : String(row.status))}
    ${extra}
  </span>`;
}
