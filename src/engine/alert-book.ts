import type { Alert, Notice } from "../core/notice.ts";
import type { Clock } from "../lib/clock.ts";
import { isObject } from "../lib/json.ts";

const MOST_KEPT = 500;

/** What a notice did to the alerts. */
export type AlertChange = { alert: Alert; what: "opened" | "updated" | "resolved" };

/** Troubles that last, open or over, the newest first. Bounded; survives a restart. */
export class AlertBook {
  #alerts: Alert[] = [];

  constructor(
    readonly clock: Clock,
    readonly onChange: () => void,
  ) {}

  /** Enters a notice; undefined where it resolves what was not open. */
  enter(notice: Notice): AlertChange | undefined {
    const subject = subjectOf(notice);
    if (notice.level === "good") return this.resolve(subject);
    const { kind, level, message, facts, at } = notice;
    const until = untilOf(facts);
    const told = { level, message, facts, updatedAt: at, ...(until !== undefined && { until }) };
    const open = this.#open(subject);
    if (open) {
      Object.assign(open, told, { times: open.times + 1 });
      this.onChange();
      return { alert: open, what: "updated" };
    }
    const alert: Alert = { ...told, id: notice.id, kind, subject, state: "open", openedAt: at, times: 1 };
    this.#alerts.unshift(alert);
    this.#trim();
    this.onChange();
    return { alert, what: "opened" };
  }

  /** Ends the open alert on a subject; undefined when there is none. */
  resolve(subject: string): AlertChange | undefined {
    const alert = this.#open(subject);
    if (!alert) return undefined;
    const now = this.clock.now();
    Object.assign(alert, { state: "resolved", resolvedAt: now, updatedAt: now });
    this.onChange();
    return { alert, what: "resolved" };
  }

  /** How bad the open alert on a subject is; undefined when there is none. */
  levelOf(subject: string): Alert["level"] | undefined {
    return this.#open(subject)?.level;
  }

  /** Ends an open alert by hand; undefined when there is none of that id. */
  resolveById(id: string): AlertChange | undefined {
    const subject = this.#alerts.find((alert) => alert.id === id && alert.state === "open")?.subject;
    return subject === undefined ? undefined : this.resolve(subject);
  }

  /** Ends the open alerts of a kind whose subjects are not among these. */
  keepOnly(kind: Alert["kind"], subjects: ReadonlySet<string>): AlertChange[] {
    return this.#alerts
      .filter((alert) => alert.state === "open" && alert.kind === kind && !subjects.has(alert.subject))
      .flatMap(({ subject }) => this.resolve(subject) ?? []);
  }

  list(state?: Alert["state"]): readonly Alert[] {
    this.#endThoseOver();
    return state === undefined ? this.#alerts : this.#alerts.filter((alert) => alert.state === state);
  }

  snapshot(): unknown {
    return this.#alerts;
  }

  /** Takes stored alerts back. Breakers begin anew with the process, so theirs are over. */
  restore(snapshot: unknown): void {
    if (!Array.isArray(snapshot)) return;
    this.#alerts = snapshot.filter(isAlert).slice(0, MOST_KEPT);
    this.keepOnly("breaker", new Set());
  }

  #open(subject: string): Alert | undefined {
    return this.#alerts.find((alert) => alert.subject === subject && alert.state === "open");
  }

  #endThoseOver(): void {
    const now = this.clock.now();
    for (const { subject, state, until } of this.#alerts)
      if (state === "open" && until !== undefined && until <= now) this.resolve(subject);
  }

  /** What is over gives way before what is open. */
  #trim(): void {
    if (this.#alerts.length <= MOST_KEPT) return;
    const over = this.#alerts.findLastIndex(({ state }) => state === "resolved");
    this.#alerts.splice(over < 0 ? this.#alerts.length - 1 : over, 1);
  }
}

export const signInSubject = (connectionId: string): string => `sign-in:${connectionId}`;

/** What a notice is about, for all notices about the same thing. */
export function subjectOf({ kind, facts }: Pick<Notice, "kind" | "facts">): string {
  const of = (...names: string[]) => [kind, ...names.map((name) => String(facts[name] ?? ""))].join(":");
  switch (kind) {
    case "breaker":
      return of("provider");
    case "sign-in":
      return signInSubject(String(facts["connectionId"]));
    case "quota":
      return of("connectionId", "window", "model");
    case "budget":
      return facts["group"] === undefined ? of("key", "period") : `${of("group", "period")}:group`;
    case "backup":
    case "sync":
      return kind;
  }
}

function untilOf(facts: Notice["facts"]): number | undefined {
  const until = facts["resetsAt"] ?? facts["until"];
  return typeof until === "number" ? until : undefined;
}

function isAlert(value: unknown): value is Alert {
  return (
    isObject(value) &&
    ["id", "kind", "subject", "message"].every((field) => typeof value[field] === "string") &&
    ["openedAt", "updatedAt", "times"].every((field) => typeof value[field] === "number") &&
    ["open", "resolved"].includes(String(value["state"])) &&
    isObject(value["facts"])
  );
}
