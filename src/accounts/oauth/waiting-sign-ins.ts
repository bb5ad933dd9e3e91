import { GatewayError } from "../../core/errors.ts";
import type { Clock } from "../../lib/clock.ts";
import { randomToken } from "../../lib/ids.ts";
import { isOf } from "./attempt.ts";
import type { Attempt, DeviceStart, SignInFlow } from "./flow.ts";
import type { Outcome } from "./sign-in-outcome.ts";

/** A person gets this long. */
export const PATIENCE_MS = 10 * 60_000;
const MOST_WAITING = 200;

/** What the person gets to see of a sign-in that waits. */
export type PendingView = {
  /** Names this sign-in towards its own session; opens nothing. */
  handle: string;
  provider: string;
  way: "browser" | "device";
  /** Milliseconds since 1970. */
  expiresAt: number;
} & Partial<{
  authUrl: string;
  state: string;
  redirectUri: string;
  /** The answer comes in by itself when the browser runs on this machine or reaches this gateway. */
  listening: boolean;
  userCode: string;
  verificationUri: string;
  verificationUriComplete: string;
  intervalMs: number;
}>;

/** What a sign-in is begun with, and kept with until somebody is signed in. */
export type WaitingFor<Asker> = {
  flow: SignInFlow;
  way: "browser" | "device";
  /** Whose sign-in this is; each session has at most one. */
  session: string;
  asker: Asker;
  /** Renew this connection. */
  connectionId?: string;
};

export type Pending<Asker> = {
  view: PendingView;
  session: string;
  flow: SignInFlow;
  attempt: Attempt;
  wish: { asker: Asker; connectionId?: string };
  device?: DeviceStart;
  /** Steady clock; device codes are not asked for before. */
  nextPollAt: number;
  intervalMs: number;
  result?: Outcome;
  busy?: Promise<Outcome>;
  /** What ends with it: its time, and the port it listens at. */
  endings: (() => void)[];
};

/** The sign-ins that wait for a person, one for each session, and no longer than people are patient. */
export class WaitingSignIns<Asker> {
  readonly #clock: Clock;
  readonly #bySession = new Map<string, Pending<Asker>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Throws `rate_limit_exceeded` when nobody more can wait. */
  requireRoom(): void {
    if (this.#bySession.size < MOST_WAITING) return;
    throw new GatewayError(
      "rate_limit_exceeded",
      "Too many people are signing in; try again in a few minutes.",
      { retryAfterMs: 60_000 },
    );
  }

  of(session: string): Pending<Asker> | undefined {
    return this.#bySession.get(session);
  }

  byHandle(handle: string): Pending<Asker> | undefined {
    return [...this.#bySession.values()].find(({ view }) => view.handle === handle);
  }

  byState(state: string): Pending<Asker> | undefined {
    return [...this.#bySession.values()].find(({ attempt }) => isOf(attempt, state));
  }

  /** Lets a sign-in wait for `patienceMs`, then forgets it. */
  add(input: WaitingFor<Asker>, attempt: Attempt, patienceMs: number): Pending<Asker> {
    const { session, flow, way, asker, connectionId } = input;
    // Two that were begun at once wait for their vendor side by side; the later answer counts.
    this.cancel(session);
    const expiresAt = this.#clock.now() + patienceMs;
    const pending: Pending<Asker> = {
      view: { handle: randomToken(), provider: flow.provider, way, expiresAt },
      session,
      flow,
      attempt,
      wish: { asker, ...(connectionId !== undefined && { connectionId }) },
      nextPollAt: 0,
      intervalMs: 0,
      endings: [this.#clock.after(patienceMs, () => this.#drop(pending))],
    };
    this.#bySession.set(session, pending);
    return pending;
  }

  /** What came of it. It stays for as long again, because the dialog still asks how it went. */
  settle(pending: Pending<Asker>, outcome: Outcome): void {
    pending.result = outcome;
    for (const end of pending.endings.splice(0)) end();
    pending.endings.push(this.#clock.after(PATIENCE_MS, () => this.#drop(pending)));
  }

  cancel(session: string): void {
    const pending = this.#bySession.get(session);
    if (pending) this.#drop(pending);
  }

  clear(): void {
    for (const pending of this.#bySession.values()) this.#drop(pending);
  }

  #drop(pending: Pending<Asker>): void {
    for (const end of pending.endings.splice(0)) end();
    if (this.#bySession.get(pending.session) === pending) this.#bySession.delete(pending.session);
  }
}
