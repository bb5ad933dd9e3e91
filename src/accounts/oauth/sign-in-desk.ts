import { timingSafeEqual } from "node:crypto";
import { badRequest, GatewayError } from "../../core/errors.ts";
import { randomToken, sha256 } from "../../lib/ids.ts";
import { DEFAULT_AWS_REGION } from "./aws-device.ts";
import { FlowContext, type FlowDeps } from "./context.ts";
import type { Attempt, Choices, DeviceStart, SignInFlow, Tokens } from "./flow.ts";
import { LoopbackListeners } from "./loopback-listener.ts";
import { readAddress, readPasted, type Returned } from "./pasted.ts";
import { chooseRedirect, homeOf } from "./redirect.ts";
import { SignInError } from "./sign-in-error.ts";
import {
  deniedWords,
  failed,
  failureOf,
  type KeptConnection,
  NOTHING_PENDING,
  type Outcome,
  refusedToBegin,
  WRONG_STATE,
} from "./sign-in-outcome.ts";
import { type SignedIn, signedIn } from "./signed-in.ts";

/** A person gets this long. */
const PATIENCE_MS = 10 * 60_000;
const SLOWER_BY_MS = 5000;
const MOST_PENDING = 200;

export type DeskDeps<Asker> = FlowDeps & {
  /** The gateway's public address. */
  baseUrl: string;
  /** Keeps what was gained and says which connection holds it now. */
  keep(gained: SignedIn, wish: { asker: Asker; connectionId?: string }): KeptConnection;
};

export type BeginInput<Asker> = {
  flow: SignInFlow;
  way: "browser" | "device";
  /** Whose sign-in this is; each session has at most one. */
  session: string;
  asker: Asker;
  /** Renew this connection. */
  connectionId?: string;
  choices?: Choices;
  redirectUri?: string;
  /** The address at which the person reached the gateway. */
  origin?: string;
};

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

type Pending<Asker> = {
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

/** Where people wait while they sign in at a vendor. Verifiers, device codes and tokens stay in here. */
export class SignInDesk<Asker> {
  readonly #deps: DeskDeps<Asker>;
  readonly #bySession = new Map<string, Pending<Asker>>();
  readonly #listeners = new LoopbackListeners();
  readonly #closing = new AbortController();

  constructor(deps: DeskDeps<Asker>) {
    this.#deps = deps;
  }

  /** Begins a sign-in in place of the session's former one. Throws `GatewayError` when it cannot begin. */
  async begin(input: BeginInput<Asker>): Promise<PendingView> {
    const { flow, way, session } = input;
    const choices = checkedChoices(input.choices ?? {});
    const context = this.#context(flow, choices, input.connectionId);
    const attempt = newAttempt(choices);
    this.cancel(session);
    if (this.#bySession.size >= MOST_PENDING)
      throw new GatewayError(
        "rate_limit_exceeded",
        "Too many people are signing in; try again in a few minutes.",
        {
          retryAfterMs: 60_000,
        },
      );
    return way === "device"
      ? this.#beginDevice(input, context, attempt)
      : this.#beginBrowser(input, context, attempt);
  }

  /** Takes what a person pasted. Gives what came of it; a wrong paste leaves the sign-in waiting. */
  async paste(session: string, provider: string, text: string, stated?: string): Promise<Outcome> {
    const returned = readPasted(text);
    if (!returned)
      return failed(
        "unreadable",
        "This holds no code. Paste the whole address the browser ended at, or the code.",
      );
    const pending = this.#bySession.get(session);
    if (pending?.view.provider !== provider || !pending.flow.browser) return NOTHING_PENDING;
    const state = returned.state ?? stated;
    if (state !== undefined && !isSame(state, pending.attempt.state)) return WRONG_STATE;
    return this.#answer(pending, returned, "paste");
  }

  /** Takes the address a browser came back to. The handle names the sign-in it belongs to. */
  async callback(address: string): Promise<{ outcome: Outcome; handle?: string }> {
    const returned = readAddress(address);
    const state = returned?.state;
    const pending = [...this.#bySession.values()].find(
      ({ attempt }) => state !== undefined && isSame(state, attempt.state),
    );
    if (!returned || !pending) return { outcome: NOTHING_PENDING };
    const { handle } = pending.view;
    if (pending.result) return { outcome: WRONG_STATE, handle };
    return { outcome: await this.#answer(pending, returned, "callback"), handle };
  }

  /** How a session's sign-in stands; asks the vendor of a device code, but not more often than it allows. */
  async poll(session: string, handle?: string): Promise<Outcome> {
    const pending = this.#bySession.get(session);
    if (!pending || (handle !== undefined && handle !== pending.view.handle)) return NOTHING_PENDING;
    if (pending.result) return pending.result;
    if (pending.busy) return pending.busy;
    if (!pending.device) return { type: "pending" };
    if (this.#deps.clock.monotonic() < pending.nextPollAt) return { type: "pending" };
    return this.#work(pending, () => this.#pollDevice(pending));
  }

  /** The sign-in that waits in a session, as people see it. */
  pending(session: string): PendingView | undefined {
    const pending = this.#bySession.get(session);
    return pending && !pending.result ? pending.view : undefined;
  }

  /** How the sign-in named by a handle stands, for the page the browser ends at. */
  outcome(handle: string): Outcome | undefined {
    const pending = [...this.#bySession.values()].find(({ view }) => view.handle === handle);
    return pending && (pending.result ?? { type: "pending" });
  }

  /** Ends a session's sign-in. */
  cancel(session: string): void {
    const pending = this.#bySession.get(session);
    if (pending) this.#drop(pending);
  }

  close(): void {
    this.#closing.abort();
    for (const session of this.#bySession.keys()) this.cancel(session);
    this.#listeners.close();
  }

  #beginBrowser(input: BeginInput<Asker>, context: FlowContext, attempt: Attempt): PendingView {
    const { browser } = input.flow;
    if (!browser) throw badRequest(`${input.flow.provider} signs in with a device code.`);
    const chosen = chooseRedirect(context, browser, {
      baseUrl: this.#deps.baseUrl,
      origin: input.origin,
      asked: input.redirectUri,
    });
    const redirectUri = browser.stateInRedirect
      ? withState(chosen.redirectUri, attempt.state)
      : chosen.redirectUri;
    const bound = { ...attempt, redirectUri };
    const authUrl = told(() => browser.authorizeUrl(context, bound));
    const pending = this.#wait(input, bound, PATIENCE_MS);
    const home = homeOf({ baseUrl: this.#deps.baseUrl, origin: input.origin });
    const stop =
      chosen.listener && this.#listeners.open(chosen.listener, (address) => this.#cameBack(address, home));
    if (stop) pending.endings.push(stop);
    Object.assign(pending.view, {
      authUrl,
      state: attempt.state,
      redirectUri,
      listening:
        chosen.listener === undefined ? /^https?:.*\/callback/.test(redirectUri) : stop !== undefined,
    } satisfies Partial<PendingView>);
    return pending.view;
  }

  async #beginDevice(input: BeginInput<Asker>, context: FlowContext, attempt: Attempt): Promise<PendingView> {
    const { device: way, provider } = input.flow;
    if (!way) throw badRequest(`${provider} has no sign-in by device code.`);
    const device = await toldLater(() => way.begin(context, attempt));
    const pending = this.#wait(input, attempt, Math.min(PATIENCE_MS, device.expiresInMs));
    pending.device = device;
    pending.intervalMs = device.intervalMs;
    pending.nextPollAt = this.#deps.clock.monotonic() + device.intervalMs;
    const { userCode, verificationUri, verificationUriComplete, intervalMs } = device;
    return Object.assign(pending.view, {
      userCode,
      verificationUri,
      intervalMs,
      ...(verificationUriComplete !== undefined && { verificationUriComplete }),
    });
  }

  #wait(input: BeginInput<Asker>, attempt: Attempt, patienceMs: number): Pending<Asker> {
    const { clock } = this.#deps;
    const { session, flow, way, asker, connectionId } = input;
    const pending: Pending<Asker> = {
      view: { handle: randomToken(), provider: flow.provider, way, expiresAt: clock.now() + patienceMs },
      session,
      flow,
      attempt,
      wish: { asker, ...(connectionId !== undefined && { connectionId }) },
      nextPollAt: 0,
      intervalMs: 0,
      endings: [clock.after(patienceMs, () => this.#drop(pending))],
    };
    this.#bySession.set(session, pending);
    return pending;
  }

  #drop(pending: Pending<Asker>): void {
    for (const end of pending.endings.splice(0)) end();
    if (this.#bySession.get(pending.session) === pending) this.#bySession.delete(pending.session);
  }

  async #cameBack(address: string, home: string): Promise<string> {
    const { handle } = await this.callback(address);
    const page = new URL(`${home}/callback/result`);
    if (handle !== undefined) page.searchParams.set("of", handle);
    return page.href;
  }

  /** What a vendor sent back: a refusal, or a code to exchange. A code is exchanged once at a time. */
  #answer(pending: Pending<Asker>, returned: Returned, came: "paste" | "callback"): Promise<Outcome> {
    if (pending.result) return Promise.resolve(pending.result);
    if (pending.busy) return pending.busy;
    return this.#work(pending, async () => {
      const outcome = await this.#exchange(pending, returned);
      const isFinal = outcome.type === "done" || came === "callback" || returned.code === undefined;
      if (isFinal) this.#settle(pending, outcome);
      return outcome;
    });
  }

  async #exchange(pending: Pending<Asker>, returned: Returned): Promise<Outcome> {
    const { browser } = pending.flow;
    if (returned.code === undefined || !browser)
      return failed(returned.error ?? "no_code", deniedWords(returned));
    const { code, parameters } = returned;
    return this.#gain(pending, (context) => browser.exchange(context, pending.attempt, { code, parameters }));
  }

  async #pollDevice(pending: Pending<Asker>): Promise<Outcome> {
    const { device, flow, attempt } = pending;
    if (!device || !flow.device) return NOTHING_PENDING;
    let slower = false;
    const way = flow.device;
    const outcome = await this.#gain(pending, async (context) => {
      const answer = await way.poll(context, attempt, device);
      if (!("waiting" in answer)) return answer;
      slower = answer.slower ?? false;
      return undefined;
    });
    if (outcome.type !== "pending") {
      this.#settle(pending, outcome);
      return outcome;
    }
    if (slower) pending.intervalMs += SLOWER_BY_MS;
    pending.nextPollAt = this.#deps.clock.monotonic() + pending.intervalMs;
    return outcome;
  }

  /** Gets tokens, finds out whose they are, and keeps them. */
  async #gain(
    pending: Pending<Asker>,
    get: (context: FlowContext) => Promise<Tokens | undefined>,
  ): Promise<Outcome> {
    const { flow, attempt, wish } = pending;
    const context = this.#context(flow, attempt.choices, wish.connectionId);
    try {
      const startedAt = this.#deps.clock.now();
      const tokens = await get(context);
      if (!tokens) return { type: "pending" };
      const gained = await signedIn(context, tokens, startedAt);
      return { type: "done", connection: this.#deps.keep(gained, wish), warnings: gained.warnings };
    } catch (error) {
      if (error instanceof SignInError) return failureOf(error, attempt.redirectUri);
      if (error instanceof GatewayError) return failed(error.code, error.message);
      throw error;
    }
  }

  #settle(pending: Pending<Asker>, outcome: Outcome): void {
    pending.result = outcome;
    for (const end of pending.endings.splice(0)) end();
    // The dialog still asks how it went.
    pending.endings.push(this.#deps.clock.after(PATIENCE_MS, () => this.#drop(pending)));
  }

  async #work(pending: Pending<Asker>, run: () => Promise<Outcome>): Promise<Outcome> {
    const work = run();
    pending.busy = work;
    try {
      return await work;
    } finally {
      delete pending.busy;
    }
  }

  #context(flow: SignInFlow, choices: Choices, connectionId: string | undefined): FlowContext {
    return new FlowContext(flow, this.#deps, this.#closing.signal, choices, connectionId);
  }
}

function newAttempt(choices: Choices): Attempt {
  const verifier = randomToken();
  return {
    state: randomToken(),
    nonce: randomToken(),
    verifier,
    challenge: Buffer.from(sha256(verifier), "hex").toString("base64url"),
    redirectUri: "",
    choices,
  };
}

/** A region becomes a part of an address. */
function checkedChoices(choices: Choices): Choices {
  const { region = DEFAULT_AWS_REGION } = choices;
  if (!/^[a-z]{2}(?:-[a-z]+)+-\d$/.test(region))
    throw badRequest("The region must look like us-east-1.", "region");
  return { ...choices, region };
}

function withState(redirectUri: string, state: string): string {
  const url = new URL(redirectUri);
  url.searchParams.set("state", state);
  return url.href;
}

function isSame(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(one)), Buffer.from(sha256(other)));
}

/** A sign-in that cannot even begin is the caller's to know. */
function told<T>(begin: () => T): T {
  try {
    return begin();
  } catch (error) {
    throw error instanceof SignInError ? refusedToBegin(error) : error;
  }
}

async function toldLater<T>(begin: () => Promise<T>): Promise<T> {
  try {
    return await begin();
  } catch (error) {
    throw error instanceof SignInError ? refusedToBegin(error) : error;
  }
}
