import type { AttemptRecord } from "../../src/core/record.ts";
import { isMessageKey } from "../i18n/index.ts";
import { Badge, type Markup } from "../ui/index.ts";
import type { Visit } from "../visit.ts";

/** How one try went. `hadContent`: its answer had begun. */
export function OutcomeBadge(
  { say }: Visit,
  { outcome, hadContent }: { outcome: AttemptRecord["outcome"]; hadContent: boolean },
): Markup {
  if (outcome === "ok") return Badge("ok", say("outcome.ok"));
  const key = `outcome.${outcome}`;
  const words = isMessageKey(key) ? say(key) : outcome;
  const brokeOff = hadContent && outcome !== "cancelled";
  return Badge("bad", brokeOff ? say("request.broken") : words);
}

/** Whom a failure counts against, and until when; nothing where nobody is to blame. */
export function Blame(
  { say, show }: Visit,
  { blamed, until }: Pick<AttemptRecord, "blamed" | "until">,
): string | undefined {
  if (!blamed) return undefined;
  const whom = say(`blamed.${blamed}`);
  return until === undefined ? whom : say("blamed.until", { whom, time: show.dateTime(until) });
}
