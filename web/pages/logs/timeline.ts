import type { AttemptRecord, RequestRecord } from "../../../src/core/record.ts";
import { Blame, OutcomeBadge } from "../../parts/outcome.ts";
import { Badge, html, type Markup, Relative } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

const WIDTH = 1000;
const HEIGHT = 10;

/** Every try in its place in time: the wait for the first content, then the answer, and why the next was tried. */
export function Timeline(visit: Visit, record: RequestRecord): Markup {
  const start = Math.min(record.at, ...record.attempts.map(({ startedAt }) => startedAt));
  const end = Math.max(
    record.at + record.durationMs,
    ...record.attempts.map(({ startedAt, durationMs }) => startedAt + durationMs),
  );
  const scale = WIDTH / Math.max(1, end - start);
  return html`<ol class="space-y-4">
    ${record.attempts.map((attempt) => Attempt(visit, attempt, start, scale))}
  </ol>`;
}

/** Through which proxy, and where that was last seen to lead. */
function WayOut(visit: Visit, egress: AttemptRecord["egress"]): Markup {
  const { say } = visit;
  if (!egress) return Badge("quiet", say("request.direct"));
  const { proxy, level, exit } = egress;
  return html`
    ${Badge("quiet", say("request.egress", { proxy, level }))}
    <span class="text-small text-muted">
      ${
        exit
          ? say.rich("request.exit", {
              address: html`<code class="break-all">${exit.address}</code>`,
              seen: Relative(visit, exit.seenAt),
            })
          : say("request.exit.unknown")
      }
    </span>
  `;
}

function Attempt(visit: Visit, attempt: AttemptRecord, start: number, scale: number): Markup {
  const { say, show } = visit;
  const isGood = attempt.outcome === "ok";
  const left = (attempt.startedAt - start) * scale;
  const whole = Math.max(8, attempt.durationMs * scale);
  const wait = Math.min(whole, (attempt.firstContentMs ?? attempt.durationMs) * scale);
  const blame = Blame(visit, attempt);
  return html`<li>
    <div class="flex flex-wrap items-baseline gap-x-3 gap-y-1">
      <span class="font-mono text-tiny text-muted">${attempt.position}</span>
      <code class="min-w-0 break-all">${attempt.model}</code>
      <span class="text-small text-muted">${attempt.connectionName}</span>
      ${WayOut(visit, attempt.egress)}
      ${OutcomeBadge(visit, { outcome: attempt.outcome, hadContent: attempt.firstContentMs !== undefined })}
      ${attempt.status !== undefined && html`<span class="font-mono text-small text-muted">${attempt.status}</span>`}
      <span class="ml-auto text-small whitespace-nowrap text-muted">
        ${
          attempt.firstContentMs !== undefined &&
          html`${say("request.first.in", { time: show.duration(attempt.firstContentMs) })} · `
        }${show.duration(attempt.durationMs)}
      </span>
    </div>
    <svg
      class="mt-1.5 h-2.5 w-full"
      viewBox=${`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <rect class="fill-sunken" width=${WIDTH} height=${HEIGHT} rx="3" />
      <rect
        class=${isGood ? "fill-accent-line" : "fill-bad-line"}
        x=${left}
        width=${wait}
        height=${HEIGHT}
        rx="3"
      />
      ${isGood && html`<rect class="fill-accent" x=${left + wait} width=${Math.max(0, whole - wait)} height=${HEIGHT} rx="3" />`}
    </svg>
    ${attempt.message !== undefined && html`<p class="mt-1 text-small break-words text-muted" lang="en">${attempt.message}</p>`}
    ${blame !== undefined && html`<p class="mt-1 text-small text-muted">${blame}</p>`}
  </li>`;
}
