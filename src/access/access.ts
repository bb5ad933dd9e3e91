import { isLoopbackHost, type Config } from "../core/config.ts";
import type { ApiKey, Caller, KeyInput } from "../core/key.ts";
import type { RuleHolder } from "../core/key-group.ts";
import type { RequestRecord } from "../core/record.ts";
import type { Clock } from "../lib/clock.ts";
import { readSettings, type Store } from "../store/index.ts";
import { Administrator, type Login } from "./administrator.ts";
import { IpFilter } from "./ip-filter.ts";
import { KeyGate, type BudgetWarning } from "./key-gate.ts";
import { KeyGroups } from "./key-groups.ts";
import { type DeclaredKey, keyedDigest, KeyRing, type KeyRefusal, type NewKey } from "./key-ring.ts";
import { OwnerToken } from "./owner-token.ts";
import { SessionBook, type SessionInfo } from "./session-book.ts";
import type { KeySpending } from "./spending.ts";
import { trustedSecret } from "./start-secrets.ts";
import type { Lock } from "./throttle.ts";

const SAVE_EVERY_MS = 60_000;

export type AccessOptions = {
  store: Store;
  config: Pick<Config, "host" | "requireApiKey" | "initialPassword" | "secrets">;
  clock: Clock;
};

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
  readonly #administrator: Administrator;
  readonly #owner: OwnerToken;
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
    this.#administrator = new Administrator({ store, config, clock, sessions: this.#sessions, warnings });
    this.#owner = new OwnerToken(store.dataDir);
    const unsafe = [this.#keys.secretWarning(), this.#owner.warning, this.#openDoorWarning()];
    this.warnings = [...warnings, ...unsafe.filter((line) => line !== undefined)];
    this.#cancelSave = clock.after(SAVE_EVERY_MS, () => this.#save());
  }

  // Set-up

  /** Has nobody chosen a password yet? */
  needsSetup(): boolean {
    return this.#administrator.needsSetup();
  }

  /** The one-time token of the set-up link; undefined once set-up is done. */
  setupToken(): string | undefined {
    return this.#administrator.setupToken();
  }

  /** A fresh one in place of the old. Throws `conflict` once set-up is done. */
  newSetupToken(): string {
    return this.#administrator.newSetupToken();
  }

  /** Sets the first password and signs in; see `Administrator`. */
  completeSetup(input: Parameters<Administrator["completeSetup"]>[0]): Promise<Login> {
    return this.#administrator.completeSetup(input);
  }

  // Signing in

  /** Signs in. Throws `login_required` (401) when the password is wrong, 429 with a time after too many tries. */
  login(password: string, peer: string): Promise<Login> {
    return this.#administrator.login(password, peer);
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

  /** Sets a new password; all sessions end but the one of `token`. See `Administrator` for what it throws. */
  changePassword(current: string, next: string, token?: string): Promise<void> {
    return this.#administrator.changePassword(current, next, token);
  }

  /** Sets a new password without the old one; all sessions end, all locks are lifted. For the owner's command. */
  resetPassword(next: string): Promise<void> {
    return this.#administrator.resetPassword(next);
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
    return this.#administrator.throttle.locks();
  }

  /** Lets an address try again at once. True when it was locked. */
  unlock(peer: string): boolean {
    return this.#administrator.throttle.unlock(peer);
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
