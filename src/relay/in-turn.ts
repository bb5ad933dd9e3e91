import type { Settings } from "../core/settings.ts";
import { GatewayError } from "../core/errors.ts";
import type { Clock } from "../lib/clock.ts";
import { type LimitBoard, LimitedError, type Ticket, type Wish } from "../routing/index.ts";

export type TurnDeps = { clock: Clock; limits: LimitBoard; settings(): Settings };

/** What the client itself allows, in milliseconds; undefined when it does not say. */
export function waitAsked(headers: Headers): number | undefined {
  const text = headers.get("x-omniroute-wait")?.trim() ?? "";
  return /^\d{1,9}$/.test(text) ? Math.min(Number(text), LONGEST_ASKED_MS) : undefined;
}

const LONGEST_ASKED_MS = 60_000;

/**
 * Does the work, and where everything is limited and waiting was opted in to, waits for its turn and does it again.
 * Nothing waits by default. Throws what the work throws once no wait is left that could help.
 */
export async function inTurn<Answer>(
  deps: TurnDeps,
  headers: Headers,
  signal: AbortSignal,
  work: (ticket: Ticket | undefined, waitedMs: number) => Promise<Answer>,
): Promise<Answer> {
  const patience = new Patience(deps, waitAsked(headers));
  let ticket: Ticket | undefined;
  let waitedMs = 0;
  for (;;) {
    let limited: LimitedError;
    try {
      return await work(ticket, waitedMs);
    } catch (error) {
      if (!(error instanceof LimitedError)) throw error;
      limited = error;
    } finally {
      ticket?.done();
    }
    const { wishes, ms } = patience.wishes(limited);
    if (wishes.length === 0) throw limited;
    const since = deps.clock.monotonic();
    ticket = await deps.limits.room.wait(wishes, ms, signal);
    waitedMs += deps.clock.monotonic() - since;
    if (signal.aborted) throw new GatewayError("cancelled", "The client left.");
    if (!ticket) throw limited;
  }
}

/** How long one call may still wait, and for what. */
class Patience {
  readonly #since: number;
  #resets = 0;

  constructor(
    readonly deps: TurnDeps,
    readonly askedMs: number | undefined,
  ) {
    this.#since = deps.clock.monotonic();
  }

  /** The connections worth waiting for, and for how long at most. */
  wishes(limited: LimitedError): { wishes: Wish[]; ms: number } {
    const waited = this.deps.clock.monotonic() - this.#since;
    const now = this.deps.clock.now();
    const wishes = new Map<string, Wish>();
    let longest = 0;
    for (const { connectionId, kind, until } of limited.hindrances) {
      const left = (kind === "slot" ? this.#slotMs(connectionId) : this.#resetMs()) - waited;
      // A reset nobody named, or one that comes too late, is not worth a wait.
      if (left <= 0 || (until !== undefined && until - now > left)) continue;
      if (kind === "reset" && until === undefined) continue;
      longest = Math.max(longest, left);
      const known = wishes.get(connectionId);
      if (known && (known.readyAt ?? 0) <= (until ?? 0)) continue;
      wishes.set(connectionId, { connectionId, ...(until !== undefined && { readyAt: until }) });
    }
    if (limited.hindrances.some(({ kind }) => kind === "reset")) this.#resets++;
    return { wishes: [...wishes.values()], ms: longest };
  }

  #slotMs(connectionId: string): number {
    return this.askedMs ?? this.deps.limits.limitsOf(connectionId).maxWaitMs;
  }

  /** Each wait for a reset counts; the time allowed grows with their number. */
  #resetMs(): number {
    if (this.askedMs !== undefined) return this.askedMs;
    const { enabled, maxRetries, maxRetryWaitSec } = this.deps.settings().waitForCooldown;
    if (!enabled || this.#resets >= maxRetries) return 0;
    return (this.#resets + 1) * maxRetryWaitSec * 1000;
  }
}
