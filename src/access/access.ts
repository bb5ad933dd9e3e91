import { timingSafeEqual } from "node:crypto";
import { isLoopbackHost, type Config } from "../core/config.ts";
import type { ApiKey, Caller, KeyInput } from "../core/key.ts";
import { badRequest, GatewayError } from "../core/errors.ts";
import type { RuleHolder } from "../core/key-group.ts";
import type { RequestRecord } from "../core/record.ts";
import type { Clock } from "../lib/clock.ts";
import { randomToken, sha256 } from "../lib/ids.ts";
import { addAudit, readSettings, readValue, saveValue, type Store } from "../store/index.ts";
import { IpFilter } from "./ip-filter.ts";
import { KeyGate, type BudgetWarning } from "./key-gate.ts";
import { KeyGroups } from "./key-groups.ts";
import { type DeclaredKey, keyedDigest, KeyRing, type KeyRefusal, type NewKey } from "./key-ring.ts";
import { OwnerToken } from "./owner-token.ts";
import { checkNewPassword, PasswordHasher } from "./password.ts";
import { SessionBook, type SessionInfo } from "./session-book.ts";
import type { KeySpending } from "./spending.ts";
import { initialPasswordHash, trustedSecret } from "./start-secrets.ts";
import { Throttle, type Lock } from "./throttle.ts";

const SAVE_EVERY_MS = 60_000;

export type AccessOptions = {
  store: Store;
  config: Pick<Config, "host" | "requireApiKey" | "initialPassword" | "secrets">;
  clock: Clock;
};

/** A fresh sign-in. `token` is the value of the cookie `auth_token`; it is told once. */
export type Login = { token: string; session: SessionInfo };

/** Who may come in: the administrator by password and session, clients by key, the owner's commands by a file. */
export class Access {
  /** Lines to print at the start. */
  readonly warnings: readonly string[];
  readonly #store: Store;
  readonly #config: AccessOptions["config"];
  readonly #clock: Clock;
  readonly #keys: KeyRing;
  readonly #gate: KeyGate;
  /** Addresses that may not call at all. */
  readonly addresses: IpFilter;
  /** Client keys that share rules and spending. */
  readonly groups: KeyGroups;
  readonly #sessions: SessionBook;
  readonly #throttle: Throttle;
  readonly #hasher = new PasswordHasher();
  readonly #owner: OwnerToken;
  #passwordHash: string | undefined;
  #setupToken: string | undefined;
  #cancelSave: () => void;

  constructor({ store, config, clock }: AccessOptions) {
    const warnings: string[] = [];
    this.#store = store;
    this.#config = config;
    this.#clock = clock;
    this.#keys = new KeyRing(
      store,
      keyedDigest(trustedSecret("API_KEY_SECRET", config.secrets.apiKey, store.secrets.apiKey, warnings)),
    );
    this.#gate = new KeyGate(store);
    this.groups = new KeyGroups(store, () => this.#keys.list());
    this.addresses = new IpFilter(store);
    this.#sessions = new SessionBook(
      store,
      trustedSecret("JWT_SECRET", config.secrets.jwt, store.secrets.jwt, warnings),
    );
    this.#throttle = new Throttle(clock);
    this.#owner = new OwnerToken(store.dataDir);
    this.#passwordHash = storedPassword(store);
    const initial = initialPasswordHash(config.initialPassword, this.needsSetup(), warnings);
    if (initial !== undefined) this.#keepPassword(initial);
    if (this.needsSetup()) this.#setupToken = randomToken();
    const unsafe = [this.#keys.secretWarning(), this.#owner.warning, this.#openDoorWarning()];
    this.warnings = [...warnings, ...unsafe.filter((line) => line !== undefined)];
    this.#cancelSave = clock.after(SAVE_EVERY_MS, () => this.#save());
  }

  // Set-up

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
    const right = await this.#throttle.attempt(peer, async () => this.#maySetUp(input));
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

  // Signing in

  /** Signs in. Throws `login_required` (401) when the password is wrong, 429 with a time after too many tries. */
  async login(password: string, peer: string): Promise<Login> {
    const hash = this.#passwordHash;
    if (hash === undefined) {
      throw new GatewayError(
        "setup_required",
        "Choose a password first: the terminal shows the set-up link.",
      );
    }
    const right = await this.#throttle.attempt(peer, () => this.#hasher.matches(password, hash));
    this.#audit("login", peer, right ? "ok" : "failed");
    // A password that was changed meanwhile must not let anybody in.
    if (!right || hash !== this.#passwordHash) {
      throw new GatewayError("login_required", "The password is wrong.");
    }
    return this.#sessions.begin(peer);
  }

  /** Must one sign in to manage? It can be switched off, but only counts while nobody else can reach the server. */
  loginRequired(): boolean {
    return readSettings(this.#store).requireLogin || !isLoopbackHost(this.#config.host);
  }

  /** Whose cookie this is; undefined when it is none of ours or its session has ended. Counts as use. */
  findSession(token: string | undefined): SessionInfo | undefined {
    return this.#sessions.find(token);
  }

  /** True when there was a session to end. */
  logout(token: string | undefined): boolean {
    return this.#sessions.end(token);
  }

  /**
   * Sets a new password; all sessions end but the one of `token`. Throws `bad_request` naming `currentPassword` or
   * `newPassword`, and 429 after too many wrong tries.
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
      const right = await this.#throttle.attempt(peer, () => this.#hasher.matches(current, hash));
      if (!right) {
        this.#audit("password.change", peer, "failed");
        throw badRequest("The current password is wrong.", "currentPassword");
      }
    }
    checkNewPassword(next, "newPassword");
    this.#keepPassword(await this.#hasher.hash(next));
    this.#sessions.endOthers(session?.id);
    this.#audit("password.change", peer, "ok");
  }

  /** Sets a new password without the old one; all sessions end, all locks are lifted. For the owner's command. */
  async resetPassword(next: string): Promise<void> {
    checkNewPassword(next);
    this.#keepPassword(await this.#hasher.hash(next));
    this.#sessions.endOthers(undefined);
    this.#throttle.clear();
    this.#audit("password.reset", undefined, "ok");
  }

  /** Sign-ins, oldest first. */
  listSessions(): SessionInfo[] {
    return this.#sessions.list();
  }

  /** True when there was one. */
  endSession(id: string): boolean {
    return this.#sessions.endById(id);
  }

  /** Addresses that may not try to sign in for now. */
  listLocks(): Lock[] {
    return this.#throttle.locks();
  }

  /** Lets an address try again at once. True when it was locked. */
  unlock(peer: string): boolean {
    return this.#throttle.unlock(peer);
  }

  // Client keys

  /** Must every client show a key? */
  keyRequired(): boolean {
    return this.#config.requireApiKey ?? !isLoopbackHost(this.#config.host);
  }

  /**
   * Who shows this key. `unknown` also when none was shown: where keys are optional both make a keyless caller, while
   * `revoked` and `expired` are refused everywhere. Reads memory only.
   */
  findCaller(presentedKey: string | undefined): Caller | KeyRefusal {
    return this.#keys.find(presentedKey);
  }

  /** What a key is known by in the store. */
  hashKey(key: string): string {
    return this.#keys.hash(key);
  }

  /** Makes a key; its text is told only here. Throws `bad_request`. */
  createKey(input: KeyInput): NewKey {
    return this.#keys.create(input);
  }

  /** Sees to it that a key of a name has this text and these rules; says what it took. */
  declareKey(text: string, input: KeyInput): DeclaredKey {
    return this.#keys.declare(text, input);
  }

  /** Changes what the patch names. Throws `not_found`, `bad_request`. */
  updateKey(id: string, patch: Partial<KeyInput>): ApiKey {
    return this.#keys.update(id, patch);
  }

  /** A new text for a key; the old one works for `graceSeconds` (0 to 604,800) more. Throws `not_found`, `conflict`. */
  rotateKey(id: string, graceSeconds = 0): NewKey {
    return this.#keys.rotate(id, graceSeconds);
  }

  /** Ends a key at once; it stays in the list. Throws `not_found`. */
  revokeKey(id: string): ApiKey {
    return this.#keys.revoke(id);
  }

  /** All keys, also revoked ones, oldest first. Their hashes must not leave a door. */
  listKeys(): ApiKey[] {
    return this.#keys.list();
  }

  /**
   * Holds a caller to the limits and budgets of its key and of the key's group, and counts the call; the result says
   * that it is over. Reads memory only. Throws `budget_exceeded` (402) and `rate_limit_exceeded` (429) with a time.
   */
  admitCall(caller: Caller): () => void {
    return this.#gate.admit(caller);
  }

  /** Adds what a call used to the sums of its key and of the key's group. */
  countCall(record: RequestRecord): void {
    this.#gate.count(record);
  }

  /** Calls back once for each budget and period when its warning is due. */
  onBudgetWarning(listener: (warning: BudgetWarning) => void): void {
    this.#gate.onWarning = listener;
  }

  /** The budgets that are nearly or wholly spent just now. */
  budgetWarnings(): BudgetWarning[] {
    return this.#gate.warnings();
  }

  /** The budgets of a key or group as they stand, and what it spent in the day, week and month. */
  spendingOf(holder: RuleHolder): KeySpending {
    return this.#gate.spending.whole(holder);
  }

  /** Calls and tokens of the last minute and calls in work, as far as limits have them counted. */
  activityOf(holder: RuleHolder): { requests: number; tokens: number; running: number } {
    return this.#gate.activity(holder);
  }

  // The owner's commands

  /** Is this the bearer from `cli-token`? Whoever can read that file may do everything. */
  isOwnerToken(text: string | undefined): boolean {
    return this.#owner.is(text);
  }

  /** Writes what was learned and takes the owner's token away. Before the store is closed. */
  close(): void {
    this.#cancelSave();
    this.#keys.save();
    this.#sessions.save();
    this.#keys.close();
    this.#gate.close();
    this.#owner.remove();
  }

  #openDoorWarning(): string | undefined {
    if (isLoopbackHost(this.#config.host) || readSettings(this.#store).requireLogin) return undefined;
    return `The setting "no login" is ignored while the server listens on ${this.#config.host}.`;
  }

  #maySetUp(input: { token?: string | undefined; loopback: boolean }): boolean {
    if (input.token === undefined || input.token === "") {
      return input.loopback && isLoopbackHost(this.#config.host);
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

  #save(): void {
    if (this.#keys.hasNews) this.#keys.save();
    if (this.#sessions.hasNews) this.#sessions.save();
    this.#cancelSave = this.#clock.after(SAVE_EVERY_MS, () => this.#save());
  }
}

/** Reads who may come in from the store and the configuration; writes the owner's token file. */
export function createAccess(options: AccessOptions): Access {
  return new Access(options);
}

function storedPassword(store: Store): string | undefined {
  const hash = readValue(store, "access", "password");
  return typeof hash === "string" ? hash : undefined;
}

const setUpAlready = () => new GatewayError("conflict", "Set-up is done already: sign in with the password.");
