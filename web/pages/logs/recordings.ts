import type { Recorder } from "../../../src/recorder/index.ts";
import { definePage } from "../../page.ts";
import {
  Badge,
  Button,
  Card,
  Confirm,
  EmptyState,
  Form,
  Heading,
  html,
  type Markup,
  Moment,
  Table,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { RECORD_NEXT } from "./bodies.ts";
import { logTabs } from "./tabs.ts";

const SHOWN = 200;

type Facts = ReturnType<Recorder["list"]>[number];

/** Calls that were kept with their bodies. */
export const recordings = definePage({
  path: "/logs/recordings",
  title: "recordings.title",
  under: "/logs",
  load: ({ engine }) => ({
    kept: engine.recorder.list(SHOWN),
    always: engine.settings().enableRequestLogs,
    next: engine.recorder.next,
  }),
  view: ({ kept, always, next }, visit) => {
    const { say } = visit;
    const state = always ? "recordings.always" : next > 0 ? "bodies.waiting" : "recordings.lead";
    return html`
      ${Heading({ title: say("logs.title"), lead: say(state, { count: next }) })}
      ${logTabs(visit, "recordings")}
      <div class="space-y-4">
        <div class="flex flex-wrap items-center gap-2">
          ${
            !always &&
            next === 0 &&
            Form({
              visit,
              action: "record",
              children: () => Button({ label: say("bodies.record", { count: RECORD_NEXT }), small: true }),
            })
          }
          ${
            kept.length > 0 &&
            Confirm({
              visit,
              id: "forget-recordings",
              action: "forget",
              fields: {},
              label: say("recordings.forget"),
              question: say("recordings.forget.ask"),
              consequence: say("recordings.forget.then"),
              go: say("recordings.forget"),
            })
          }
        </div>
        ${Card({
          id: "recordings",
          live: "request",
          flush: true,
          children:
            kept.length === 0
              ? EmptyState({
                  icon: "list",
                  title: say("recordings.none"),
                  children: say("recordings.none.note"),
                })
              : List(visit, kept),
        })}
      </div>
    `;
  },
  actions: {
    record: ({ engine, say, actor }) => {
      engine.recorder.recordNext(RECORD_NEXT, actor);
      return say("bodies.recording", { count: RECORD_NEXT });
    },
    forget: ({ engine, say, actor }) => say("recordings.forgotten", { count: engine.recorder.clear(actor) }),
  },
});

function List(visit: Visit, kept: readonly Facts[]): Markup {
  const { say, show } = visit;
  return Table({
    rows: kept,
    label: say("recordings.title"),
    columns: [
      {
        title: say("request.time"),
        cell: ({ id, at }) =>
          html`<a
            class="link whitespace-nowrap"
            href=${`/dashboard/logs/recordings/${encodeURIComponent(id)}`}
            >${Moment(visit, at)}</a
          >`,
      },
      {
        title: say("recordings.path"),
        cell: ({ path }) => html`<code class="break-all">${path}</code>`,
      },
      {
        title: say("request.status"),
        cell: ({ status }) => Badge(status < 400 ? "ok" : "bad", String(status)),
      },
      { title: say("recordings.size"), numeric: true, wide: true, cell: ({ bytes }) => show.bytes(bytes) },
      { title: say("recordings.calls"), numeric: true, wide: true, cell: ({ exchanges }) => exchanges },
      { title: say("recordings.kept"), cell: (facts) => Kept(visit, facts) },
    ],
  });
}

function Kept({ say }: Visit, { isCut, isPlayable }: Facts): Markup {
  if (!isPlayable) return Badge("warn", say("recordings.unplayable"));
  return isCut ? Badge("quiet", say("recordings.cut")) : Badge("ok", say("recordings.whole"));
}
