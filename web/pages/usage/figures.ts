import type { UsageTotals } from "../../../src/store/index.ts";
import { Change } from "../../parts/change.ts";
import { html, type Markup, Stat, Stats } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { tokensOf } from "./dimensions.ts";

/** The period in figures, beside the same stretch of time before. */
export function Figures(visit: Visit, used: UsageTotals, before: UsageTotals): Markup {
  const { say, show } = visit;
  const input = used.input + used.cacheRead + used.cacheWrite;
  const cached = input === 0 ? 0 : used.cacheRead / input;
  const average = (sum: number, count: number) => (count === 0 ? undefined : sum / count);
  const change = (of: (totals: UsageTotals) => number | undefined) => Change(visit, of(used), of(before));
  const latency = ({ durationMs, requests }: UsageTotals) => average(durationMs, requests);
  const first = ({ firstContentMs, firstContentCount }: UsageTotals) =>
    average(firstContentMs, firstContentCount);
  return Stats({
    label: say("usage.title"),
    columns: 3,
    children: html`
      ${Stat({
        label: say("home.requests"),
        value: html`${show.compact(used.requests)} ${change(({ requests }) => requests)}`,
        note: say("usage.errors", { count: used.errors }),
      })}
      ${Stat({
        label: say("usage.success"),
        value: used.requests === 0 ? "–" : show.percent(1 - used.errors / used.requests),
        note: say("usage.cancelled", { count: used.cancelled }),
      })}
      ${Stat({
        label: say("home.tokens"),
        value: html`${show.compact(tokensOf(used))} ${change(tokensOf)}`,
        note: say("home.tokens.note", {
          input: show.compact(input),
          output: show.compact(used.output),
          cached: show.compact(used.cacheRead),
        }),
      })}
      ${Stat({
        label: say("home.cost"),
        value: html`${show.money(used.cost)} ${change(({ cost }) => cost)}`,
        note:
          used.unknownPrice > 0
            ? say("home.cost.unknown", { count: used.unknownPrice })
            : say("home.cost.note"),
      })}
      ${Stat({
        label: say("usage.saved"),
        value: show.money(used.shadowCost),
        note: say("usage.saved.note", { share: show.percent(cached) }),
      })}
      ${Stat({
        label: say("usage.latency"),
        value: html`${show.duration(latency(used))}
        ${Change(visit, latency(used), latency(before), { better: "less" })}`,
        note: say("usage.latency.note", { time: show.duration(first(used)) }),
      })}
    `,
  });
}
