import type { BudgetWarning } from "../access/index.ts";
import type { Connection } from "../core/connection.ts";
import { isKeyGroup, type RuleHolder } from "../core/key-group.ts";
import type { Alert, Notice, NoticeKind } from "../core/notice.ts";
import type { Clock } from "../lib/clock.ts";
import { newId } from "../lib/ids.ts";
import { escapeControls, type Log, redact } from "../lib/log.ts";
import type { Outbound } from "../net/index.ts";
import type { BreakerState } from "../routing/index.ts";
import { AlertBook, type AlertChange, signInSubject, subjectOf } from "./alert-book.ts";
import { type Delivery, Webhook } from "./webhook.ts";

export type NoticeDeps = {
  clock: Clock;
  log: Log;
  outbound: Outbound;
  instanceName(): string;
  kinds(): readonly NoticeKind[];
  /** Where notices are posted to; undefined: nowhere. */
  webhook(): string | undefined;
  /** What they are signed with. */
  webhookSecret(): string | undefined;
  emit(notice: Notice): void;
  /** Writes down who ended the alert on a subject. */
  audit(subject: string, by: { name: string; ip?: string }): void;
  /** The list of alerts is another. */
  alertsChanged(): void;
};

const MOST_KEPT = 100;
const FAILED = {
  backup: "The copy of the configuration that was due could not be made",
  sync: "Sync with the other installations failed",
};

/** Tells people what they should know: open dashboards, and an address of their own where one is set. */
export class Notices {
  readonly #deps: NoticeDeps;
  readonly #kept: Notice[] = [];
  /** Troubles that last. */
  readonly alerts: AlertBook;
  readonly webhook: Webhook;
  #waiting: ReadonlySet<string> = new Set();

  constructor(deps: NoticeDeps) {
    this.#deps = deps;
    this.alerts = new AlertBook(deps.clock, deps.alertsChanged);
    this.webhook = new Webhook({ ...deps, address: deps.webhook, secret: deps.webhookSecret });
  }

  /** Tells of something that happened, unless people do not want to know of its kind. */
  tell(notice: Omit<Notice, "id" | "at">): void {
    const told: Notice = { id: newId(), at: this.#deps.clock.now(), ...harmless(notice) };
    const change = this.alerts.enter(told);
    if (!this.#deps.kinds().includes(notice.kind)) return;
    this.#kept.unshift(told);
    this.#kept.splice(MOST_KEPT);
    this.#deps.emit(told);
    this.webhook.add({ id: told.id, body: this.#bodyOf(told, change) });
  }

  /** Ends an alert by hand. Gives it; undefined when there is no open one of that id. */
  resolve(id: string, by: { name: string; ip?: string }): Alert | undefined {
    const change = this.alerts.resolveById(id);
    if (!change) return undefined;
    this.#tellOver(change);
    this.#deps.audit(change.alert.subject, by);
    return change.alert;
  }

  /** Posts a message to the webhook now, to see whether it arrives. Undefined when none is set. */
  async tryWebhook(): Promise<Delivery | undefined> {
    const id = newId();
    const message = "This is a test: notices of this installation arrive here.";
    const body = { instance: this.#deps.instanceName(), type: "test", id, at: this.#now(), message };
    return this.webhook.try({ id, body: JSON.stringify(body) });
  }

  /** A provider's breaker opened or closed again. `name`: the provider's for people. */
  tellBreaker(change: { provider: string; state: BreakerState; name?: string | undefined }): void {
    const { provider, state, name = provider } = change;
    if (state === "HALF_OPEN") return;
    const isOpen = state === "OPEN";
    this.tell({
      kind: "breaker",
      level: isOpen ? "problem" : "good",
      message: isOpen ? `${name} keeps failing and is left alone for a while.` : `${name} answers again.`,
      facts: { provider, state },
    });
  }

  /** A budget of a key or group is nearly or wholly spent. Amounts in USD. */
  tellBudget({ holder, budget: { period, used, limit, end, spent } }: BudgetWarning): void {
    const isGroup = isKeyGroup(holder);
    const whose = `the ${isGroup ? "key group" : "API key"} ${holder.name}`;
    const message = `The ${period} budget of ${whose} is ${spent ? "spent" : "nearly spent"}.`;
    this.#deps.log.warn("budget", message, { used, limit });
    const facts = { ...budgetFacts(holder, period), used, limit, until: end };
    this.tell({ kind: "budget", level: spent ? "problem" : "warning", message, facts });
  }

  /** Budgets were changed: alerts on those that have room again are over. `warnings`: those that have little or none. */
  watchBudgets(warnings: readonly BudgetWarning[]): void {
    const standing = new Map(warnings.map((warning) => [budgetSubject(warning), warning]));
    for (const change of this.alerts.keepOnly("budget", new Set(standing.keys()))) this.#tellOver(change);
    for (const [subject, warning] of standing)
      if (!warning.budget.spent && this.alerts.levelOf(subject) === "problem") this.tellBudget(warning);
  }

  /** Something done by itself failed (`why`), or works again. A failure is told once, until it works. */
  tellTask(kind: "backup" | "sync", why: string | undefined): void {
    if (why !== undefined) {
      if (this.alerts.levelOf(kind) === undefined)
        this.tell({ kind, level: "problem", message: `${FAILED[kind]}: ${why}`, facts: { why } });
      return;
    }
    const change = this.alerts.resolve(kind);
    if (change) this.#tellOver(change);
  }

  /** Looks which connections only a person can help now, and tells of those that are new among them. */
  watchSignIns(connections: readonly Connection[], quietly = false): void {
    const waiting = connections.filter(({ needsSignIn }) => needsSignIn === true);
    for (const { id, provider, name, lastError } of quietly ? [] : waiting) {
      if (this.#waiting.has(id)) continue;
      const message = lastError?.message ?? `${name} (${provider}) needs a new sign-in or key.`;
      this.tell({ kind: "sign-in", level: "problem", message, facts: { connectionId: id, provider, name } });
    }
    this.#waiting = new Set(waiting.map(({ id }) => id));
    const subjects = new Set(waiting.map(({ id }) => signInSubject(id)));
    for (const change of this.alerts.keepOnly("sign-in", subjects)) this.#tellOver(change);
  }

  /** Providers may be gone: alerts on their breakers are over. */
  watchProviders(isThere: (provider: string) => boolean): void {
    const open = this.alerts.list("open").filter(({ kind }) => kind === "breaker");
    const left = open.filter(({ facts }) => isThere(String(facts["provider"]).split("/", 1)[0] ?? ""));
    const subjects = new Set(left.map(({ subject }) => subject));
    for (const change of this.alerts.keepOnly("breaker", subjects)) this.#tellOver(change);
  }

  /** The newest first. */
  list(): readonly Notice[] {
    return this.#kept;
  }

  close(): void {
    this.webhook.close();
  }

  /** What ends without a notice of its own is told to the webhook alone. */
  #tellOver(change: AlertChange): void {
    const { kind, message, facts } = change.alert;
    if (!this.#deps.kinds().includes(kind)) return;
    const over: Notice = { id: newId(), at: this.#deps.clock.now(), kind, level: "good", message, facts };
    this.webhook.add({ id: over.id, body: this.#bodyOf(over, change) });
  }

  #bodyOf(notice: Notice, change: AlertChange | undefined): string {
    const instance = this.#deps.instanceName();
    const type = change ? `alert.${change.what}` : "notice";
    const alert = change && { id: change.alert.id, state: change.alert.state, times: change.alert.times };
    const at = new Date(notice.at).toISOString();
    return JSON.stringify({ instance, type, ...notice, at, ...(alert && { alert }) });
  }

  #now(): string {
    return new Date(this.#deps.clock.now()).toISOString();
  }
}

const budgetFacts = (holder: RuleHolder, period: string) => ({
  [isKeyGroup(holder) ? "group" : "key"]: holder.name,
  period,
});

const budgetSubject = ({ holder, budget }: BudgetWarning): string =>
  subjectOf({ kind: "budget", facts: budgetFacts(holder, budget.period) });

/** What providers and people wrote is on one line and holds nothing that looks like a credential. */
function harmless(notice: Omit<Notice, "id" | "at">): Omit<Notice, "id" | "at"> {
  const clean = (text: string) => escapeControls(redact(text));
  const facts = Object.entries(notice.facts).map(([name, value]) => [
    name,
    typeof value === "string" ? clean(value) : value,
  ]);
  return { ...notice, message: clean(notice.message), facts: Object.fromEntries(facts) as Notice["facts"] };
}
