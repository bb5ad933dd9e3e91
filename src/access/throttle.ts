import { GatewayError } from "../core/errors.ts";
import type { Clock } from "../lib/clock.ts";
import { Lru } from "../lib/lru.ts";

const WRONG_TRIES = 5;
const WITHIN_MS = 5 * 60_000;
const LOCKED_MS = 15 * 60_000;
const MOST_PEERS = 10_000;

/** A peer that may not try for now. `until` in milliseconds since 1970. */
export type Lock = { peer: string; until: number };

/** Wrong tries of one peer; times of a clock that never jumps. */
type Tries = { peer: string; wrong: number[]; pending: number; lockedUntil: number };

/** Five wrong tries within five minutes from one address: fifteen minutes of rest. */
export class Throttle {
  readonly #peers = new Lru<string, Tries>(MOST_PEERS);

  constructor(readonly clock: Clock) {}

  /**
   * Runs one try, which says whether it was right. Throws `rate_limit_exceeded` (429) when the peer may not try.
   * Tries under way count as wrong until they are known to be right, so that many at once gain nothing.
   */
  async attempt(peer: string, work: () => Promise<boolean>): Promise<boolean> {
    const tries = this.#triesOf(peer);
    this.#refuseLocked(tries);
    tries.pending++;
    let right: boolean | undefined;
    try {
      right = await work();
    } finally {
      tries.pending--;
      if (right === false) this.#count(tries);
    }
    if (right) tries.wrong = [];
    return right;
  }

  locks(): Lock[] {
    const now = this.clock.monotonic();
    return [...this.#peers.entries()]
      .filter(([, tries]) => tries.lockedUntil > now)
      .map(([, tries]) => ({
        peer: tries.peer,
        until: Math.ceil(this.clock.now() + tries.lockedUntil - now),
      }));
  }

  /** Lets a peer try again at once. True when it was locked. */
  unlock(peer: string): boolean {
    const tries = this.#peers.get(networkOf(peer));
    if (!tries || tries.lockedUntil <= this.clock.monotonic()) return false;
    this.#peers.delete(networkOf(peer));
    return true;
  }

  clear(): void {
    this.#peers.clear();
  }

  #triesOf(peer: string): Tries {
    const network = networkOf(peer);
    const known = this.#peers.get(network);
    if (known) return known;
    const tries = { peer: network, wrong: [], pending: 0, lockedUntil: 0 };
    this.#peers.set(network, tries);
    return tries;
  }

  #refuseLocked(tries: Tries): void {
    const now = this.clock.monotonic();
    const rest = tries.lockedUntil - now;
    if (rest > 0) {
      throw new GatewayError(
        "rate_limit_exceeded",
        `Too many wrong tries from this address: try again in ${Math.ceil(rest / 60_000)} minutes.`,
        { retryAfterMs: rest },
      );
    }
    tries.wrong = tries.wrong.filter((time) => time > now - WITHIN_MS);
    if (tries.wrong.length + tries.pending >= WRONG_TRIES) {
      throw new GatewayError("rate_limit_exceeded", "Too many tries at once: try again in a moment.", {
        retryAfterMs: 1000,
      });
    }
  }

  #count(tries: Tries): void {
    const now = this.clock.monotonic();
    tries.wrong.push(now);
    if (tries.wrong.length < WRONG_TRIES) return;
    tries.wrong = [];
    tries.lockedUntil = now + LOCKED_MS;
  }
}

/** One peer: an IPv4 address, or the /64 network that an IPv6 user has for himself. */
function networkOf(peer: string): string {
  const plain = peer.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
  if (!plain.includes(":")) return plain;
  const [head = "", tail] = plain.split("%")[0]!.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail ? tail.split(":") : [];
  const gap =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0");
  const groups = [...left, ...gap, ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}
