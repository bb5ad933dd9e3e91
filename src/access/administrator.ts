import { timingSafeEqual } from "node:crypto";
import { isLoopbackHost, type Config } from "../core/config.ts";
import { badRequest, GatewayError } from "../core/errors.ts";
import type { Clock } from "../lib/clock.ts";
import { randomToken, sha256 } from "../lib/ids.ts";
import { addAudit, readValue, saveValue, type Store } from "../store/index.ts";
import { checkNewPassword, PasswordHasher } from "./password.ts";
import type { SessionBook, SessionInfo } from "./session-book.ts";
import { initialPasswordHash } from "./start-secrets.ts";
import { Throttle } from "./throttle.ts";

export type AdministratorDeps = {
  store: Store;
  config: Pick<Config, "host" | "initialPassword">;
  clock: Clock;
  sessions: SessionBook;
  /** Takes lines to print at the start. */
  warnings: string[];
};

/** A fresh sign-in. `token` is the value of the cookie `auth_token`; it is told once. */
export type Login = { token: string; session: SessionInfo };

/** The one who manages: chooses a password with the set-up link, signs in with it, changes it. */
export class Administrator {
  /** Who tried too often. */
  readonly throttle: Throttle;
  readonly #store: Store;
  readonly #host: string;
  readonly #sessions: SessionBook;
  readonly #hasher = new PasswordHasher();
  #passwordHash: string | undefined;
  #setupToken: string | undefined;

  constructor({ store, config, clock, sessions, warnings }: AdministratorDeps) {
    this.#store = store;
    this.#host = config.host;
    this.#sessions = sessions;
    this.throttle = new Throttle(clock);
    this.#passwordHash = storedPassword(store);
    const initial = initialPasswordHash(config.initialPassword, this.needsSetup(), warnings);
    if (initial !== undefined) this.#keepPassword(initial);
    if (this.needsSetup()) this.#setupToken = randomToken();
  }

  /** Has nobody chosen a password yet? */
  needsSetup(): boolean {
    return this.#passwordHash === undefined;
  }

  /** The one-time token of the set-up link; undefined once set-up is done. */
  setupToken(): string | undefined {
    return this.#setupToken;
  }

  /** A fresh one in place of the old. Throws `conflict` once set-up is done. */
  newSetupToken(): string {
    if (!this.needsSetup()) throw setUpAlready();
    return (this.#setupToken = randomToken());
  }

  /**
   * Sets the first password and signs in. A loopback client of a server on loopback needs no token. Throws `conflict`
   * (409) when it is done already, `forbidden` (403) for a wrong token, 429 after too many, `bad_request` for a weak
   * password.
   */
  async completeSetup(input: {
    token?: string | undefined;
    password: string;
    /** Does the call come from this machine, with nothing in between? */
    loopback: boolean;
    peer?: string;
  }): Promise<Login> {
    const peer = input.peer ?? "local";
    if (!this.needsSetup()) throw setUpAlready();
    const right = await this.throttle.attempt(peer, async () => this.#maySetUp(input));
    if (!right) {
      throw new GatewayError(
        "forbidden",
        "The set-up link is not valid (any more): the terminal shows the current one, as does `omniroute setup-link`.",
      );
    }
    checkNewPassword(input.password);
    const hash = await this.#hasher.hash(input.password);
    if (!this.needsSetup()) throw setUpAlready();
    this.#keepPassword(hash);
    this.#audit("setup", peer, "ok");
    return this.#sessions.begin(peer);
  }

  /** Signs in. Throws `login_required` (401) when the password is wrong, 429 with a time after too many tries. */
  async login(password: string, peer: string): Promise<Login> {
    const hash = this.#passwordHash;
    if (hash === undefined) {
      throw new GatewayError(
        "setup_required",
        "Choose a password first: the terminal shows the set-up link.",
      );
    }
    const right = await this.throttle.attempt(peer, () => this.#hasher.matches(password, hash));
    this.#audit("login", peer, right ? "ok" : "failed");
    // A password that was changed meanwhile must not let anybody in.
    if (!right || hash !== this.#passwordHash) {
      throw new GatewayError("login_required", "The password is wrong.");
    }
    return this.#sessions.begin(peer);
  }

  /**
   * Sets a new password; all sessions end but the one of `token`. Throws `bad_request` naming `currentPassword` or
   * `newPassword`, `conflict` when somebody else was quicker, and 429 after too many wrong tries.
   */
  async changePassword(current: string, next: string, token?: string): Promise<void> {
    const session = this.#sessions.find(token);
    const hash = this.#passwordHash;
    const peer = session?.peer ?? "local";
    if (hash !== undefined) {
      if (current === "")
        throw badRequest(
          "Changing the password takes the current one, as `currentPassword`.",
          "currentPassword",
        );
      const right = await this.throttle.attempt(peer, () => this.#hasher.matches(current, hash));
      if (!right) {
        this.#audit("password.change", peer, "failed");
        throw badRequest("The current password is wrong.", "currentPassword");
      }
    }
    checkNewPassword(next, "newPassword");
    const made = await this.#hasher.hash(next);
    // Whoever knew the password of before must not undo a reset that came meanwhile.
    if (hash !== this.#passwordHash)
      throw new GatewayError("conflict", "The password was changed meanwhile: try again with the new one.");
    this.#keepPassword(made);
    this.#sessions.endOthers(session?.id);
    this.#audit("password.change", peer, "ok");
  }

  /** Sets a new password without the old one; all sessions end, all locks are lifted. For the owner's command. */
  async resetPassword(next: string): Promise<void> {
    checkNewPassword(next);
    this.#keepPassword(await this.#hasher.hash(next));
    this.#sessions.endOthers(undefined);
    this.throttle.clear();
    this.#audit("password.reset", undefined, "ok");
  }

  #maySetUp(input: { token?: string | undefined; loopback: boolean }): boolean {
    if (input.token === undefined || input.token === "") {
      return input.loopback && isLoopbackHost(this.#host);
    }
    if (this.#setupToken === undefined) return false;
    return timingSafeEqual(Buffer.from(sha256(input.token)), Buffer.from(sha256(this.#setupToken)));
  }

  #keepPassword(hash: string): void {
    saveValue(this.#store, "access", "password", hash);
    this.#passwordHash = hash;
    this.#setupToken = undefined;
  }

  #audit(action: string, ip: string | undefined, result: "ok" | "failed"): void {
    addAudit(this.#store, { action, actor: "admin", result, ...(ip !== undefined && { ip }) });
  }
}

function storedPassword(store: Store): string | undefined {
  const hash = readValue(store, "access", "password");
  return typeof hash === "string" ? hash : undefined;
}

const setUpAlready = () => new GatewayError("conflict", "Set-up is done already: sign in with the password.");
