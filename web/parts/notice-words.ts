import type { Notice } from "../../src/core/notice.ts";
import { isMessageKey } from "../i18n/index.ts";
import type { Visit } from "../visit.ts";
import { providerName } from "./names.ts";

/** What a notice says, in the reader's language; the engine's own sentence where we have no words for it. */
export function noticeWords({ say, engine }: Pick<Visit, "say" | "engine">, notice: Notice): string {
  const { kind, level, facts, message } = notice;
  const about = kind === "budget" && facts["group"] !== undefined ? "group-budget" : kind;
  const key = `notice.${about}.${level}`;
  if (!isMessageKey(key)) return message;
  const window = `quota.window.${facts["window"]}`;
  const period = `budget.${facts["period"]}`;
  return say(key, {
    ...facts,
    provider: providerName(engine, String(facts["provider"] ?? "")),
    window: isMessageKey(window) ? say(window) : String(facts["window"] ?? ""),
    period: isMessageKey(period) ? say(period) : String(facts["period"] ?? ""),
  });
}
