import { GatewayError } from "../../../src/core/errors.ts";
import type { RequestRecord } from "../../../src/core/record.ts";
import { findRequest } from "../../../src/store/index.ts";
import { definePage } from "../../page.ts";
import type { Recording } from "../../../src/recorder/index.ts";
import { publicBase } from "../../parts/addresses.ts";
import { GroupLink } from "../../parts/group-link.ts";
import { keepWords } from "../../parts/prompt-break.ts";
import { Cost, StatusBadge } from "../../parts/request-table.ts";
import {
  ButtonLink,
  Card,
  CodeBlock,
  CopyLine,
  Facts,
  Heading,
  html,
  type Markup,
  Notice,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { asCurl } from "./as-curl.ts";
import { Bodies, RECORD_NEXT } from "./bodies.ts";
import { PromptCacheCard } from "./prompt-cache.ts";
import { StoryCard } from "./story.ts";
import { Timeline } from "./timeline.ts";

/** One call: who asked for what, what was tried, what it used and what it cost. */
export const request = definePage({
  path: "/logs/:id",
  title: "request.title",
  under: "/logs",
  load: ({ engine, params }) => {
    const record = findRequest(engine.store, params["id"] ?? "");
    if (!record) throw new GatewayError("not_found", "There is no such request in the log.");
    return { record, recording: engine.recorder.find(record.id) };
  },
  view: ({ record, recording }, visit) => {
    const { say, show } = visit;
    return html`
      ${Heading({
        title: html`<span class="font-mono break-all">${record.requestedModel}</span>`,
        lead: html`<span class="flex flex-wrap items-center gap-2">
          ${StatusBadge(say, record)} <span>${show.dateTime(record.at)}</span>
        </span>`,
        back: { href: "/dashboard/logs", label: say("request.back") },
        aside: ButtonLink({
          href: `/api/receipts/${encodeURIComponent(record.id)}`,
          label: say("request.receipt"),
          icon: "list",
        }),
      })}
      <div class="space-y-6">
        ${
          record.errorCode !== undefined &&
          Notice({
            tone: record.status === 499 ? "quiet" : "bad",
            title: html`<code>${record.errorCode}</code>`,
            children:
              record.errorMessage && html`<span class="break-words" lang="en">${record.errorMessage}</span>`,
          })
        }
        ${Card({
          title: say("request.attempts"),
          lead: say("request.attempts.lead", { count: record.attempts.length }),
          children:
            record.attempts.length === 0
              ? html`<p class="text-muted">${say("request.attempts.none")}</p>`
              : Timeline(visit, record),
        })}
        <div class="grid grid-cols-1 items-start gap-6 lg:grid-cols-2">
          ${Story(visit, record)} ${Use(visit, record)}
        </div>
        ${StoryCard(visit, record)} ${PromptCacheCard(visit, record)} ${Bodies(visit, record.id, recording)}
        ${
          (record.warnings ?? []).length > 0 &&
          Card({
            title: say("request.warnings"),
            lead: say("request.warnings.lead"),
            children: html`<ul class="list-disc space-y-1 pl-5" lang="en">
              ${record.warnings?.map((warning) => html`<li class="break-words">${warning}</li>`)}
            </ul>`,
          })
        }
        ${Card({
          title: say("request.again"),
          lead: say("request.again.lead"),
          children: CodeBlock(visit, asCurl(record, publicBase(visit), recordedText(recording)), "curl"),
        })}
      </div>
    `;
  },
  actions: {
    keepWords,
    record: ({ engine, say, actor }) => {
      engine.recorder.recordNext(RECORD_NEXT, actor);
      return say("bodies.recording", { count: RECORD_NEXT });
    },
  },
});

function Story(visit: Visit, record: RequestRecord): Markup {
  const { say, engine } = visit;
  const provider =
    record.provider === undefined
      ? undefined
      : (engine.catalogue.byId.get(record.provider)?.provider.name ?? record.provider);
  const group = engine.access.groups.list().find(({ id }) => id === record.keyGroupId);
  const formats =
    record.targetFormat === undefined || record.targetFormat === record.sourceFormat
      ? record.sourceFormat
      : `${record.sourceFormat} → ${record.targetFormat}`;
  return Card({
    title: say("request.story"),
    children: Facts([
      [say("request.id"), CopyLine(visit, record.id, say("request.id"))],
      [say("request.path"), html`<code class="break-all">${record.path}</code>`],
      [say("request.key"), record.keyName],
      group && [say("key.group"), GroupLink(group)],
      record.client !== undefined && [say("request.client"), record.client],
      [say("request.asked"), html`<code class="break-all">${record.requestedModel}</code>`],
      record.combo !== undefined && [
        say("request.combo"),
        html`<code class="break-all">${record.combo}</code>`,
      ],
      record.model !== undefined && [
        say("request.served"),
        html`<code class="break-all">${record.model}</code>`,
      ],
      provider !== undefined && [say("request.provider"), provider],
      record.connectionName !== undefined && [say("request.connection"), record.connectionName],
      [say("request.format"), html`<code>${formats}</code>`],
      [say("request.stream"), say(record.stream ? "common.yes" : "common.no")],
    ]),
  });
}

function Use(visit: Visit, record: RequestRecord): Markup {
  const { say, show } = visit;
  const { usage, durationMs, firstContentMs } = record;
  const speed =
    usage && firstContentMs !== undefined && durationMs > firstContentMs
      ? usage.output / ((durationMs - firstContentMs) / 1000)
      : undefined;
  return Card({
    title: say("request.use"),
    children: Facts([
      [say("request.first.long"), show.duration(firstContentMs)],
      [say("request.duration.long"), show.duration(durationMs)],
      usage && [say("request.input"), show.number(usage.input)],
      usage?.cacheRead !== undefined && [say("request.cache-read"), show.number(usage.cacheRead)],
      usage?.cacheWrite !== undefined && [say("request.cache-write"), show.number(usage.cacheWrite)],
      usage && [say("request.output"), show.number(usage.output)],
      usage?.reasoning !== undefined && [say("request.reasoning"), show.number(usage.reasoning)],
      usage?.estimated === true && [say("request.counted"), say("request.counted.us")],
      record.stream &&
        speed !== undefined &&
        Number.isFinite(speed) && [
          say("request.speed"),
          say("request.speed.value", { speed: show.compact(Math.round(speed)) }),
        ],
      [
        say("request.cost"),
        html`${Cost(visit, record)}${record.cost !== undefined && record.costKind && html` <span class="text-muted">${say(`cost.kind.${record.costKind}`)}</span>`}`,
      ],
    ]),
  });
}

/** What the client sent, where all of it was recorded and is text. */
function recordedText(recording: Recording | undefined): string | undefined {
  const body = recording?.request.body;
  return body?.whole && body.encoding === "utf8" ? body.data : undefined;
}
