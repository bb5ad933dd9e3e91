import { createHmac, timingSafeEqual } from "node:crypto";
import type { Clock } from "../lib/clock.ts";
import { newId, randomToken, sha256 } from "../lib/ids.ts";
import {
  listSessions,
  removeOldSessions,
  removeSessions,
  saveSession,
  saveSessionSightings,
  type Session,
  type Store,
} from "../store/index.ts";
import { unlessDiskFull } from "./disk-full.ts";

const IDLE_MS = 24 * 60 * 60_000;
const LONGEST_MS = 7 * IDLE_MS;
const MOST_SESSIONS = 1000;

/** A sign-in as lists show it. Times in milliseconds since 1970. */
export type SessionInfo = { id: string; peer: string; createdAt: number; lastSeenAt: number };

/**
 * The sign-ins, in memory and in the store. What a browser carries is a random token with a keyed hash behind it, so
 * that a made-up value is refused by arithmetic alone; the store knows only a hash of the token.
 */
export class SessionBook {
  readonly #byHash = new Map<string, Session>();
  readonly #seen = new Map<string, number>();
  /** Ended here, but not yet in the store, which refused. */
  readonly #ended = new Set<string>();
  readonly #clock: Clock;

  constructor(
    readonly store: Store,
    readonly secret: string,
  ) {
    this.#clock = store.clock;
    const now = this.#clock.now();
    unlessDiskFull(() =>
      removeOldSessions(store, { createdAt: now - LONGEST_MS, lastSeenAt: now - IDLE_MS }),
    );
    for (const session of listSessions(store)) this.#byHash.set(session.hash, session);
  }

  /** Begins a session; the token is for the browser and is not kept. With the disk full it lasts until a restart. */
  begin(peer: string): { token: string; session: SessionInfo } {
    const token = randomToken();
    const now = this.#clock.now();
    const session: Session = { id: newId(), hash: sha256(token), peer, createdAt: now, lastSeenAt: now };
    unlessDiskFull(() => saveSession(this.store, session));
    this.#byHash.set(session.hash, session);
    this.#dropSurplus();
    return { token: `${token}.${this.#signature(token)}`, session: infoOf(session) };
  }

  /** Whose token this is; undefined when it is none of ours, or its session has ended. Counts as use. */
  find(signed: string | undefined): SessionInfo | undefined {
    const session = this.#sessionOf(signed);
    if (!session) return undefined;
    const now = this.#clock.now();
    const fromTheFuture = session.createdAt > now + IDLE_MS; // the clock was set back: its end may never come
    if (now - session.lastSeenAt > IDLE_MS || now - session.createdAt > LONGEST_MS || fromTheFuture) {
      this.#end([session]);
      return undefined;
    }
    if (now > session.lastSeenAt) {
      session.lastSeenAt = now;
      this.#seen.set(session.id, now);
    }
    return infoOf(session);
  }

  /** Ends the session of a token. True when there was one. */
  end(signed: string | undefined): boolean {
    const session = this.#sessionOf(signed);
    if (session) this.#end([session]);
    return session !== undefined;
  }

  endById(id: string): boolean {
    const session = this.#all().find((candidate) => candidate.id === id);
    if (session) this.#end([session]);
    return session !== undefined;
  }

  /** Ends all sessions but one. */
  endOthers(keptId: string | undefined): void {
    this.#end(this.#all().filter((session) => session.id !== keptId));
  }

  list(): SessionInfo[] {
    return this.#all().map(infoOf);
  }

  /** Is there anything the store has not been told of? */
  get hasNews(): boolean {
    return this.#seen.size > 0 || this.#ended.size > 0;
  }

  /** Tells the store when sessions were last used and which have ended. */
  save(): void {
    unlessDiskFull(() => {
      removeSessions(this.store, [...this.#ended]);
      this.#ended.clear();
      saveSessionSightings(this.store, this.#seen);
      this.#seen.clear();
    });
  }

  #sessionOf(signed: string | undefined): Session | undefined {
    if (signed === undefined || signed.length > 200) return undefined;
    const [token = "", signature = ""] = signed.split(".");
    const expected = Buffer.from(this.#signature(token));
    const given = Buffer.from(signature);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    return this.#byHash.get(sha256(token));
  }

  /** In memory first: an ended session must not come back because the disk refused. */
  #end(ended: Session[]): void {
    for (const session of ended) {
      this.#byHash.delete(session.hash);
      this.#seen.delete(session.id);
    }
    const ids = ended.map((session) => session.id);
    if (!unlessDiskFull(() => removeSessions(this.store, ids))) for (const id of ids) this.#ended.add(id);
  }

  #dropSurplus(): void {
    const surplus = this.#byHash.size - MOST_SESSIONS;
    if (surplus > 0) this.#end(this.#all().slice(0, surplus));
  }

  /** Oldest first. */
  #all(): Session[] {
    return [...this.#byHash.values()];
  }

  #signature(token: string): string {
    return createHmac("sha256", this.secret).update(`session ${token}`).digest("base64url");
  }
}

function infoOf({ id, peer, createdAt, lastSeenAt }: Session): SessionInfo {
  return { id, peer, createdAt, lastSeenAt };
}
