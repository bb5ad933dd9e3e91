import type { QuotaView } from "../../core/quota.ts";
import type { Clock } from "../../lib/clock.ts";
import { isObject } from "../../lib/json.ts";
import { runsOutAt, type Sample } from "./forecast.ts";
import type { QuotaReading, ReadWindow } from "./reading.ts";

/** A window passed a mark that people want to know of. */
export type QuotaNotice = { connectionId: string; window: QuotaView; mark: 80 | 100 };

export type QuotaMeterOptions = { clock: Clock; onNotice(notice: QuotaNotice): void };

type Held = {
  window: ReadWindow;
  source: QuotaView["source"];
  checkedAt: number;
  samples: Sample[];
  told: number;
};
type Account = { plan?: string; message?: string; windows: Map<string, Held>; failing: boolean };

const MARKS = [80, 100] as const;
/** Samples closer than this tell nothing new. */
const APART_MS = 20_000;
const MOST_SAMPLES = 120;
/** What was heard longer ago is not believed without a doubt. */
const FRESH_MS = 2 * 3_600_000;
/** Resets that are rounded, or that roll along with the time, are the same. */
const SAME_RESET_MS = 10 * 60_000;

/** What is known of the quotas of connections, how fast they are used, and which marks they have passed. */
export class QuotaMeter {
  readonly #options: QuotaMeterOptions;
  readonly #accounts = new Map<string, Account>();

  constructor(options: QuotaMeterOptions) {
    this.#options = options;
  }

  /** Takes what a quota call, an answer's headers or our own count told. */
  note(connectionId: string, reading: QuotaReading, source: QuotaView["source"]): void {
    const account = this.#account(connectionId);
    const { plan, message } = reading;
    if (source === "endpoint") {
      account.failing = false;
      if (plan !== undefined) account.plan = plan;
      if (message === undefined) delete account.message;
      else account.message = message;
      this.#dropMissing(account, reading.windows);
    }
    for (const window of reading.windows) this.#take(connectionId, account, window, source);
  }

  /** The quota call failed: what is known is shown as stale. */
  failed(connectionId: string, message: string): void {
    const account = this.#account(connectionId);
    account.failing = true;
    account.message = message;
  }

  plan(connectionId: string): string | undefined {
    return this.#accounts.get(connectionId)?.plan;
  }

  message(connectionId: string): string | undefined {
    return this.#accounts.get(connectionId)?.message;
  }

  /** The windows of a connection, the account's own first. */
  windows(connectionId: string): QuotaView[] {
    const account = this.#accounts.get(connectionId);
    if (!account) return [];
    return [...account.windows.values()]
      .map((held) => this.#shown(held, account.failing))
      .toSorted((a, b) => Number(a.scope === "model") - Number(b.scope === "model"));
  }

  forget(connectionId: string): void {
    this.#accounts.delete(connectionId);
  }

  /** What must survive a restart. */
  snapshot(): unknown {
    return [...this.#accounts].map(([id, { plan, message, windows }]) => ({
      id,
      plan,
      message,
      windows: [...windows.values()].map(({ samples, ...held }) => ({
        ...held,
        samples,
      })),
    }));
  }

  /** Takes a stored snapshot back; what is none is left out. */
  restore(snapshot: unknown): void {
    if (!Array.isArray(snapshot)) return;
    for (const entry of snapshot) {
      if (!isObject(entry) || typeof entry.id !== "string" || !Array.isArray(entry.windows)) continue;
      const account = this.#account(entry.id);
      if (typeof entry.plan === "string") account.plan = entry.plan;
      if (typeof entry.message === "string") account.message = entry.message;
      for (const held of entry.windows) if (isHeld(held)) account.windows.set(keyOf(held.window), held);
    }
  }

  #account(connectionId: string): Account {
    const account = this.#accounts.get(connectionId) ?? { windows: new Map<string, Held>(), failing: false };
    this.#accounts.set(connectionId, account);
    return account;
  }

  /** An endpoint tells all it knows: windows of an earlier plan are gone. */
  #dropMissing(account: Account, windows: readonly ReadWindow[]): void {
    const named = new Set(windows.map(keyOf));
    for (const [key, held] of account.windows)
      if (held.source === "endpoint" && !named.has(key)) account.windows.delete(key);
  }

  #take(connectionId: string, account: Account, window: ReadWindow, source: QuotaView["source"]): void {
    const now = this.#options.clock.now();
    const former = account.windows.get(keyOf(window));
    // Who gives the quota knows it better than our count.
    const isBetter = former !== undefined && former.source !== "counted" && now - former.checkedAt < FRESH_MS;
    if (source === "counted" && isBetter) return;
    const isSame = former !== undefined && isSameWindow(former.window, window, now);
    const samples = isSame ? former.samples : [];
    if (window.percent !== undefined) sample(samples, { at: now, percent: window.percent });
    // Headers tell shares; counts that the endpoint told stay beside them.
    const merged = isSame && source === "header" ? { ...former.window, ...window } : window;
    const held: Held = {
      window: merged,
      source,
      checkedAt: now,
      samples,
      told: isSame ? former.told : 0,
    };
    account.windows.set(keyOf(window), held);
    this.#tell(connectionId, held);
  }

  #tell(connectionId: string, held: Held): void {
    const { percent, unlimited } = held.window;
    if (percent === undefined || unlimited) return;
    const mark = MARKS.findLast((candidate) => percent >= candidate);
    if (mark === undefined || mark <= held.told) return;
    held.told = mark;
    this.#options.onNotice({ connectionId, window: this.#shown(held, false), mark });
  }

  #shown({ window, source, checkedAt, samples }: Held, failing: boolean): QuotaView {
    const now = this.#options.clock.now();
    const { resetsAt, ...rest } = window;
    // Nobody has told since: it begins anew, and may have been used elsewhere.
    if (resetsAt !== undefined && resetsAt <= now) {
      const { used: _used, percent: _percent, ...facts } = rest;
      return { ...facts, source, checkedAt, stale: true };
    }
    const stale = (failing && source === "endpoint") || now - checkedAt > FRESH_MS;
    const end = stale ? undefined : runsOutAt(samples, now, window);
    return { ...window, source, checkedAt, stale, ...(end !== undefined && { runsOutAt: end }) };
  }
}

/** Adds a sample; of many, every second of the older half is left out. */
function sample(samples: Sample[], next: Sample): void {
  const last = samples.at(-1);
  if (last && next.at - last.at < APART_MS && samples.length > 1) samples.pop();
  samples.push(next);
  if (samples.length <= MOST_SAMPLES) return;
  const half = samples.length / 2;
  const kept = samples.filter((_sample, index) => index >= half || index % 2 === 0);
  samples.splice(0, samples.length, ...kept);
}

/** Is this the window we knew, or the one after its reset? */
function isSameWindow(former: ReadWindow, next: ReadWindow, now: number): boolean {
  if (former.resetsAt !== undefined && former.resetsAt <= now) return false;
  if ((next.percent ?? 0) + 1 < (former.percent ?? 0)) return false;
  if (former.resetsAt === undefined || next.resetsAt === undefined) return true;
  const apart = Math.max(SAME_RESET_MS, (next.lengthMs ?? 0) / 2);
  return Math.abs(former.resetsAt - next.resetsAt) < apart;
}

const keyOf = (window: ReadWindow): string => `${window.name}\u0000${window.model ?? ""}`;

function isHeld(value: unknown): value is Held {
  if (!isObject(value) || !isObject(value.window)) return false;
  const { window, samples } = value;
  return (
    typeof window.name === "string" &&
    (window.scope === "account" || window.scope === "model") &&
    typeof value.checkedAt === "number" &&
    typeof value.told === "number" &&
    ["endpoint", "header", "counted"].includes(String(value.source)) &&
    Array.isArray(samples) &&
    samples.every((each) => isObject(each) && typeof each.at === "number" && typeof each.percent === "number")
  );
}
