import type { Connection, Credentials } from "../core/connection.ts";
import { GatewayError, TargetFailure } from "../core/errors.ts";
import type { Log } from "../lib/log.ts";
import { settleRefresh, type Store } from "../store/index.ts";
import { DEFAULT_AWS_REGION } from "./oauth/aws-device.ts";
import { FlowContext, type FlowDeps } from "./oauth/context.ts";
import type { SignInFlow, Tokens } from "./oauth/flow.ts";
import { findFlow } from "./oauth/flows/index.ts";
import { withTokens } from "./oauth/signed-in.ts";
import { SignInError } from "./oauth/sign-in-error.ts";
import { canRefresh, isHeldElsewhere, isOver, pauseAfter, renewalTime } from "./refresh-rules.ts";
import { SignInRecord } from "./sign-in-record.ts";

export type KeeperDeps = FlowDeps & {
  store: Store;
  log: Log;
  /** A number from 0 up to, not including, 1. */
  random: () => number;
  /** All connections as they are now. */
  connections(): readonly Connection[];
  /** A connection has a new access token: what was held against the old one is over. */
  onRenewed(connectionId: string): void;
  /** Only a person can help this connection now. */
  onSignInNeeded(connection: Connection, why: string): void;
};

export type TokenHealth = {
  total: number;
  healthy: number;
  /** Waiting for a person. */
  errored: number;
  /** Over, or not to be renewed just now. */
  warning: number;
  /** Milliseconds since 1970. */
  lastCheckAt: number | undefined;
  status: "healthy" | "warning" | "error";
};

type Result =
  | { type: "renewed"; connection: Connection }
  | { type: "ended"; message: string }
  | { type: "later"; message: string; waitMs: number };

/** Failures in a row, and until when (steady clock) the vendor is left alone. */
type Pause = { failures: number; until: number; message: string };

const LOOK_EVERY_MS = 5000;
const MOST_AT_ONCE = 8;
/** A token this young is taken as it is, whatever is said of its end. */
const YOUNG_MS = 30_000;

/**
 * Keeps signed-in accounts usable: renews access tokens ahead of their end, each account once at a time. A refresh
 * token that is good for one use is written down as used before it is sent, and its successor is saved before anybody
 * gets it, so that no crash lets one be sent twice.
 */
export class TokenKeeper {
  readonly #deps: KeeperDeps;
  readonly #record: SignInRecord;
  readonly #running = new Map<string, Promise<Result>>();
  readonly #pauses = new Map<string, Pause>();
  /** Steady clock, by connection. */
  readonly #renewedAt = new Map<string, number>();
  #cancelLook: () => void = () => {};
  #lastLookAt: number | undefined;

  constructor(deps: KeeperDeps) {
    this.#deps = deps;
    this.#record = new SignInRecord(deps);
  }

  /** Begins to renew by itself, once what a crash interrupted is settled. */
  start(): void {
    for (const connection of this.#record.recover(INTERRUPTED))
      this.#deps.onSignInNeeded(connection, INTERRUPTED);
    this.#scheduleLook(0);
  }

  /** Begins nothing more, and lets what is on its way arrive: a refresh token given up half way may be used up. */
  async close(): Promise<void> {
    this.#cancelLook();
    await Promise.allSettled(this.#running.values());
  }

  /**
   * The connection with a token that is good now, at once where it is; else when it has been renewed. Throws
   * `TargetFailure` when it cannot be.
   */
  ready(connection: Connection): Connection | Promise<Connection> {
    if (connection.authType !== "oauth") return connection;
    const current = this.#current(connection.id) ?? connection;
    const isGood = !isOver(current.credentials, this.#deps.clock.now()) || this.#isYoung(current.id);
    return isGood || !this.#canRefresh(current) ? addressed(current) : this.#renewedOrThrow(current);
  }

  /**
   * After a provider refused the connection's token: the connection with another token, or undefined when there is
   * none to be had.
   */
  async renew(used: Connection): Promise<Connection | undefined> {
    if (used.authType !== "oauth") return undefined;
    const current = this.#current(used.id);
    if (!current) return undefined;
    if (current.credentials.accessToken !== used.credentials.accessToken) return addressed(current);
    if (!this.#canRefresh(current) || this.#isYoung(current.id)) return undefined;
    const result = await this.#refresh(current);
    if (result.type !== "renewed") return undefined;
    const isOther = result.connection.credentials.accessToken !== used.credentials.accessToken;
    return isOther ? addressed(result.connection) : undefined;
  }

  /**
   * Makes this installation the one that uses the connection's refresh token: it came from another, or a person wants
   * it tried again after all. Throws `GatewayError` when it comes to nothing.
   */
  async takeOver(connectionId: string): Promise<void> {
    const taken = settleRefresh(this.#deps.store, connectionId, (stored) => {
      if (stored.credentials.refreshToken === undefined) return undefined;
      const { refreshEnded: _ended, ...credentials } = stored.credentials;
      return { ...stored, credentials: { ...credentials, heldBy: this.#deps.installationId } };
    });
    if (!taken) throw new GatewayError("conflict", "There is no sign-in here to take over: sign in again.");
    this.#pauses.delete(connectionId);
    const result = await this.#refresh(taken);
    if (result.type !== "renewed") throw new GatewayError("bad_gateway", result.message);
  }

  /** A person has signed in anew: what went wrong before is over. */
  forget(connectionId: string): void {
    this.#pauses.delete(connectionId);
    this.#renewedAt.delete(connectionId);
  }

  health(): TokenHealth {
    const now = this.#deps.clock.now();
    const all = this.#deps.connections().filter(({ authType }) => authType === "oauth");
    const errored = all.filter(({ needsSignIn }) => needsSignIn === true).length;
    const warning = all.filter(
      ({ id, credentials, needsSignIn }) =>
        needsSignIn !== true && (this.#pauses.has(id) || isOver(credentials, now)),
    ).length;
    return {
      total: all.length,
      healthy: all.length - errored - warning,
      errored,
      warning,
      lastCheckAt: this.#lastLookAt,
      status: errored > 0 ? "error" : warning > 0 ? "warning" : "healthy",
    };
  }

  #scheduleLook(inMs: number): void {
    this.#cancelLook = this.#deps.clock.after(inMs, () => {
      this.#look();
      this.#scheduleLook(LOOK_EVERY_MS * (0.8 + 0.4 * this.#deps.random()));
    });
  }

  /** Renews what is due, and saves what could not be saved. */
  #look(): void {
    const { log } = this.#deps;
    this.#lastLookAt = this.#deps.clock.now();
    this.#record.saveLate();
    for (const stored of this.#deps.connections()) {
      if (stored.authType !== "oauth" || stored.needsSignIn || !stored.isActive) continue;
      const connection = this.#record.latest(stored);
      if (this.#isForeignAndOver(connection)) this.#end(connection, FOREIGN);
      else if (this.#isDue(connection) && this.#running.size < MOST_AT_ONCE)
        this.#refresh(connection).catch((cause: unknown) =>
          log.error("accounts", `${connection.name} was not renewed.`, { cause }),
        );
    }
  }

  #isDue(connection: Connection): boolean {
    const { id, credentials } = connection;
    const due = renewalTime(id, credentials);
    if (due === undefined || !this.#canRefresh(connection)) return false;
    return this.#deps.clock.now() >= due && !this.#isYoung(id) && this.#pauseLeft(id) === 0;
  }

  #isForeignAndOver({ provider, credentials }: Connection): boolean {
    const { installationId, clock } = this.#deps;
    return (
      isOver(credentials, clock.now()) && isHeldElsewhere(credentials, findFlow(provider), installationId)
    );
  }

  #canRefresh(connection: Connection): boolean {
    return canRefresh(connection, findFlow(connection.provider), this.#deps.installationId);
  }

  #isYoung(id: string): boolean {
    const at = this.#renewedAt.get(id);
    return at !== undefined && this.#deps.clock.monotonic() - at < YOUNG_MS;
  }

  #pauseLeft(id: string): number {
    return Math.max(0, (this.#pauses.get(id)?.until ?? 0) - this.#deps.clock.monotonic());
  }

  async #renewedOrThrow(connection: Connection): Promise<Connection> {
    const result = await this.#refresh(connection);
    if (result.type === "renewed") return addressed(result.connection);
    if (result.type === "ended")
      throw new TargetFailure("credentials", result.message, { scope: "connection" });
    // Neither the account's fault nor the provider's models': set aside until the next try.
    throw new TargetFailure("rate-limited", result.message, {
      scope: "connection",
      until: this.#deps.clock.now() + result.waitMs,
    });
  }

  /** One renewal of an account at a time; whoever comes meanwhile gets the same result. */
  #refresh(connection: Connection): Promise<Result> {
    const { id } = connection;
    const running = this.#running.get(id);
    if (running) return running;
    const waitMs = this.#pauseLeft(id);
    const pause = this.#pauses.get(id);
    if (pause && waitMs > 0) return Promise.resolve({ type: "later", message: pause.message, waitMs });
    const work = this.#run(connection).finally(() => this.#running.delete(id));
    this.#running.set(id, work);
    return work;
  }

  async #run(connection: Connection): Promise<Result> {
    const { id, name, credentials } = connection;
    const { clock, log } = this.#deps;
    const flow = findFlow(connection.provider);
    if (!flow?.refresh) return { type: "ended", message: `${name} cannot be renewed: sign in again.` };
    // Without a disk nothing can be promised for a crash, but traffic goes on: then a token is used that is over.
    if (flow.rotates && !this.#record.lease(connection) && !isOver(credentials, clock.now()))
      return this.#later(connection, "The disk takes no changes.");
    const startedAt = clock.now();
    let tokens: Tokens;
    try {
      tokens = await flow.refresh(this.#context(flow, connection), credentials);
    } catch (error) {
      if (error instanceof SignInError) return this.#failed(connection, error);
      this.#record.release(id);
      log.error("accounts", `${name} was not renewed.`, { cause: error });
      return this.#later(connection, "Something went wrong here.");
    }
    return this.#keep(connection, withTokens(credentials, tokens, startedAt));
  }

  #context(flow: SignInFlow, { id, credentials: { region } }: Connection): FlowContext {
    const choices = { region: typeof region === "string" ? region : DEFAULT_AWS_REGION };
    return new FlowContext(flow, this.#deps, NEVER.signal, choices, id);
  }

  /** Saves the new pair; only then does anybody get to use it. */
  #keep(connection: Connection, credentials: Credentials): Result {
    const { id, name } = connection;
    this.#pauses.delete(id);
    this.#renewedAt.set(id, this.#deps.clock.monotonic());
    this.#record.save(connection, credentials);
    const current = this.#current(id);
    if (!current) return { type: "ended", message: `The connection ${name} is gone.` };
    this.#deps.onRenewed(id);
    return { type: "renewed", connection: current };
  }

  #failed(connection: Connection, error: SignInError): Result {
    if (error.kind === "unavailable" || error.kind === "malformed") {
      this.#record.release(connection.id);
      return this.#later(connection, error.message, error.options.retryAfterMs);
    }
    this.#pauses.delete(connection.id);
    const message = `The sign-in of ${connection.name} has ended: sign in again. ${error.message}`;
    this.#end(connection, message, "refused");
    return { type: "ended", message };
  }

  #end(connection: Connection, message: string, why?: "refused"): void {
    const ended = this.#record.end(connection, message, why);
    if (ended) this.#deps.onSignInNeeded(ended, message);
  }

  #later({ id, name }: Connection, reason: string, namedMs?: number): Result {
    const { clock, random, log } = this.#deps;
    const failures = (this.#pauses.get(id)?.failures ?? 0) + 1;
    const waitMs = pauseAfter(failures, namedMs, random);
    const message = `The sign-in of ${name} could not be renewed just now. ${reason}`;
    this.#pauses.set(id, { failures, until: clock.monotonic() + waitMs, message });
    log.warn("accounts", message, { connectionId: id, failures });
    return { type: "later", message, waitMs };
  }

  /** The connection as it is now. */
  #current(id: string): Connection | undefined {
    const connection = this.#deps.connections().find((candidate) => candidate.id === id);
    return connection && this.#record.latest(connection);
  }
}

/** Renewals are not given up for anybody; each call has its own limit. */
const NEVER = new AbortController();

const INTERRUPTED =
  "OmniRoute was stopped in the middle of a renewal, and the sign-in may be used up: sign in again.";
const FOREIGN =
  "This sign-in belongs to another installation, and two that renew it would end it for both: sign in here, or take it over.";

/** Calls go where the vendor told at sign-in, unless a person said otherwise. */
function addressed(connection: Connection): Connection {
  const { apiUrl } = connection.credentials;
  if (apiUrl === undefined || connection.baseUrl !== undefined) return connection;
  return { ...connection, baseUrl: apiUrl };
}
