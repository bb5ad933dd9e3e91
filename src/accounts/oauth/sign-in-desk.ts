import { badRequest, GatewayError } from "../../core/errors.ts";
import { isOf, newAttempt } from "./attempt.ts";
import { FlowContext, type FlowDeps } from "./context.ts";
import type { Attempt, Choices, SignInFlow, Tokens } from "./flow.ts";
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
import {
  PATIENCE_MS,
  type Pending,
  type PendingView,
  type WaitingFor,
  WaitingSignIns,
} from "./waiting-sign-ins.ts";

const SLOWER_BY_MS = 5000;

export type DeskDeps<Asker> = FlowDeps & {
  /** The gateway's public address. */
  baseUrl: string;
  /** Keeps what was gained and says which connection holds it now. */
  keep(gained: SignedIn, wish: { asker: Asker; connectionId?: string }): KeptConnection;
};

export type BeginInput<Asker> = WaitingFor<Asker> & {
  choices?: Choices;
  redirectUri?: string;
  /** The address at which the person reached the gateway. */
  origin?: string;
};

/** Where people are received while they sign in at a vendor. Verifiers, device codes and tokens stay in here. */
export class SignInDesk<Asker> {
  readonly #deps: DeskDeps<Asker>;
  readonly #waiting: WaitingSignIns<Asker>;
  readonly #listeners = new LoopbackListeners();
  readonly #closing = new AbortController();

  constructor(deps: DeskDeps<Asker>) {
    this.#deps = deps;
    this.#waiting = new WaitingSignIns(deps.clock);
  }

  /** Begins a sign-in in place of the session's former one. Throws `GatewayError` when it cannot begin. */
  async begin(input: BeginInput<Asker>): Promise<PendingView> {
    const { flow, way, session } = input;
    const attempt = newAttempt(input.choices ?? {});
    const context = this.#context(flow, attempt.choices, input.connectionId);
    this.cancel(session);
    this.#waiting.requireRoom();
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
    const pending = this.#waiting.of(session);
    if (pending?.view.provider !== provider || !pending.flow.browser) return NOTHING_PENDING;
    const state = returned.state ?? stated;
    if (state !== undefined && !isOf(pending.attempt, state)) return WRONG_STATE;
    return this.#answer(pending, returned, "paste");
  }

  /** Takes the address a browser came back to. The handle names the sign-in it belongs to. */
  async callback(address: string): Promise<{ outcome: Outcome; handle?: string }> {
    const returned = readAddress(address);
    const pending = returned?.state === undefined ? undefined : this.#waiting.byState(returned.state);
    if (!returned || !pending) return { outcome: NOTHING_PENDING };
    const { handle } = pending.view;
    if (pending.result) return { outcome: WRONG_STATE, handle };
    return { outcome: await this.#answer(pending, returned, "callback"), handle };
  }

  /** How a session's sign-in stands; asks the vendor of a device code, but not more often than it allows. */
  async poll(session: string, handle?: string): Promise<Outcome> {
    const pending = this.#waiting.of(session);
    if (!pending || (handle !== undefined && handle !== pending.view.handle)) return NOTHING_PENDING;
    if (pending.result) return pending.result;
    if (pending.busy) return pending.busy;
    if (!pending.device) return { type: "pending" };
    if (this.#deps.clock.monotonic() < pending.nextPollAt) return { type: "pending" };
    return this.#work(pending, () => this.#pollDevice(pending));
  }

  /** The sign-in that waits in a session, as people see it. */
  pending(session: string): PendingView | undefined {
    const pending = this.#waiting.of(session);
    return pending && !pending.result ? pending.view : undefined;
  }

  /** How the sign-in named by a handle stands, for the page the browser ends at. */
  outcome(handle: string): Outcome | undefined {
    const pending = this.#waiting.byHandle(handle);
    return pending && (pending.result ?? { type: "pending" });
  }

  /** Ends a session's sign-in. */
  cancel(session: string): void {
    this.#waiting.cancel(session);
  }

  close(): void {
    this.#closing.abort();
    this.#waiting.clear();
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
    const pending = this.#waiting.add(input, bound, PATIENCE_MS);
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
    const pending = this.#waiting.add(input, attempt, Math.min(PATIENCE_MS, device.expiresInMs));
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
      if (isFinal) this.#waiting.settle(pending, outcome);
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
      this.#waiting.settle(pending, outcome);
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

function withState(redirectUri: string, state: string): string {
  const url = new URL(redirectUri);
  url.searchParams.set("state", state);
  return url.href;
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
