import { healthKey, type Target } from "../core/target.ts";
import type { Clock } from "../lib/clock.ts";
import { Lru } from "../lib/lru.ts";
import { SlidingWindow } from "./sliding-window.ts";
import { type Ticket, WaitingRoom } from "./waiting-room.ts";

/** What a connection may be asked to do; 0 is off. */
export type ConnectionLimits = {
  requestsPerMinute: number;
  /** Milliseconds. */
  minTimeBetweenRequests: number;
  concurrentRequests: number;
  /** How long a call may wait for its turn at the connection, in milliseconds. */
  maxWaitMs: number;
};

export type LimitOptions = {
  /** For every connection. */
  defaults: ConnectionLimits;
  /** Overrides by connection id. `enabled: false`: no limit of any kind holds there. */
  connections: {
    readonly [connectionId: string]: (Partial<ConnectionLimits> & { enabled?: boolean }) | undefined;
  };
};

export const NO_LIMITS: LimitOptions = {
  defaults: { requestsPerMinute: 0, minTimeBetweenRequests: 0, concurrentRequests: 0, maxWaitMs: 0 },
  connections: {},
};

/** Which limit is reached, and when there is room again (milliseconds since 1970) where that is known. */
export type Full = { limit: Exclude<keyof ConnectionLimits, "maxWaitMs"> | "queue"; until?: number };

type Use = {
  inFlight: number;
  /** Starts within the last minute, on the steady clock. */
  starts: SlidingWindow;
};

const MINUTE_MS = 60_000;
/** Enough to show a rate; limits above it are kept by as many as they need. */
const MOST_STARTS = 6000;
const LEAST_REPEATS = 3;
const REPEAT_SHARE = 0.2;

/** Counts what is in flight and how often each connection is used, and keeps to the limits people set. */
export class LimitBoard {
  #options: LimitOptions;
  readonly room: WaitingRoom;
  readonly #uses = new Lru<string, Use>(10_000);
  readonly #targets = new Map<string, number>();
  #requests = 0;
  #repeats = 0;

  constructor(
    readonly clock: Clock,
    options: LimitOptions = NO_LIMITS,
  ) {
    this.#options = options;
    this.room = new WaitingRoom(clock, { room: (connectionId) => this.#full(connectionId, 0) });
  }

  get options(): LimitOptions {
    return this.#options;
  }

  /** New limits hold at once. */
  configure(options: LimitOptions): void {
    this.#options = options;
    this.room.lookAll();
  }

  /**
   * The limit that keeps a connection from one more call; undefined when there is room. Nobody overtakes those who
   * wait for it, but the holder of a ticket.
   */
  full(connectionId: string, ticket?: Ticket): Full | undefined {
    const isHolder = ticket?.connectionId === connectionId;
    if (!isHolder && this.room.waiting(connectionId) > 0) return { limit: "queue" };
    return this.#full(connectionId, isHolder ? 1 : 0);
  }

  /** `own`: places kept for the asker himself. */
  #full(connectionId: string, own: number): Full | undefined {
    const use = this.#uses.get(connectionId);
    const kept = Math.max(0, this.room.kept(connectionId) - own);
    if (!use && kept === 0) return undefined;
    const limits = this.limitsOf(connectionId);
    if (limits.concurrentRequests > 0 && (use?.inFlight ?? 0) + kept >= limits.concurrentRequests)
      return { limit: "concurrentRequests" };
    const now = this.clock.monotonic();
    if (limits.minTimeBetweenRequests > 0) {
      if (kept > 0) return { limit: "minTimeBetweenRequests" };
      const wait = (use?.starts.last ?? -Infinity) + limits.minTimeBetweenRequests - now;
      if (wait > 0) return { limit: "minTimeBetweenRequests", until: this.clock.now() + wait };
    }
    if (limits.requestsPerMinute <= 0) return undefined;
    if (kept >= limits.requestsPerMinute) return { limit: "requestsPerMinute" };
    const oldest = use?.starts.fromEnd(limits.requestsPerMinute - kept, now);
    if (oldest === undefined) return undefined;
    return { limit: "requestsPerMinute", until: this.clock.now() + oldest + MINUTE_MS - now };
  }

  /** Counts a call to a target from now on; undefined when its connection is full. Call the result once it is over. */
  claim(target: Target, ticket?: Ticket): (() => void) | undefined {
    const connectionId = target.connection.id;
    if (this.full(connectionId, ticket)) return undefined;
    if (ticket?.connectionId === connectionId) ticket.use();
    const use = this.#uses.get(connectionId) ?? { inFlight: 0, starts: new SlidingWindow(MINUTE_MS) };
    const most = Math.max(MOST_STARTS, this.limitsOf(connectionId).requestsPerMinute);
    use.starts.add(this.clock.monotonic(), most);
    use.inFlight++;
    this.#uses.set(connectionId, use);
    const key = healthKey(target);
    this.#targets.set(key, (this.#targets.get(key) ?? 0) + 1);
    return once(() => {
      use.inFlight--;
      const left = (this.#targets.get(key) ?? 1) - 1;
      if (left > 0) this.#targets.set(key, left);
      else this.#targets.delete(key);
      this.room.look(connectionId);
    });
  }

  /** Counts a client's request as in flight until the result is called. */
  enter(): () => void {
    this.#requests++;
    return once(() => {
      this.#requests--;
    });
  }

  /**
   * Leave to ask a target again within a request; undefined when too many repeats are in flight already (more than a
   * fifth of the requests, and more than 3). Call the result once the repeat is over.
   */
  repeat(): (() => void) | undefined {
    if (this.#repeats >= Math.max(LEAST_REPEATS, Math.floor(REPEAT_SHARE * this.#requests))) return undefined;
    this.#repeats++;
    return once(() => {
      this.#repeats--;
    });
  }

  /** Client requests in flight. */
  get requestsInFlight(): number {
    return this.#requests;
  }

  /** Calls in flight over a connection, how many began in the last minute, and how many wait for it. */
  read(connectionId: string): { inFlight: number; rpm: number; waiting: number } {
    const use = this.#uses.get(connectionId);
    return {
      inFlight: use?.inFlight ?? 0,
      rpm: use?.starts.count(this.clock.monotonic()) ?? 0,
      waiting: this.room.waiting(connectionId),
    };
  }

  /** Calls in flight to one model over one connection. */
  inFlight(target: Target): number {
    return this.#targets.get(healthKey(target)) ?? 0;
  }

  /** The limits that hold for a connection. */
  limitsOf(connectionId: string): ConnectionLimits {
    const { defaults, connections } = this.#options;
    const own = connections[connectionId];
    if (!own) return defaults;
    return own.enabled === false
      ? { ...NO_LIMITS.defaults, maxWaitMs: defaults.maxWaitMs }
      : { ...defaults, ...own };
  }

  /** May limits keep calls from this connection: ours, and those its answers' headers tell of? */
  isProtected(connectionId: string): boolean {
    return this.#options.connections[connectionId]?.enabled !== false;
  }
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}
