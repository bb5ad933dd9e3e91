import type { Units } from "../core/reply.ts";
import type { Target } from "../core/target.ts";
import type { Clock } from "../lib/clock.ts";
import type { HealthBoard } from "./health.ts";
import type { LimitBoard } from "./limits.ts";
import type { RoutingMemory } from "./memory.ts";
import type { Ticket } from "./waiting-room.ts";
import type { QuotaBook } from "./quota-book.ts";
import type { PriceReading, RoutingView, Standing } from "./view.ts";

export type ViewSources = {
  clock: Clock;
  /** A number from 0 up to, not including, 1. */
  random: () => number;
  health: HealthBoard;
  limits: LimitBoard;
  memory: RoutingMemory;
  /** What a request of so many input tokens is expected to cost at a target. */
  price: (target: Target, inputTokens: number, units?: Units) => PriceReading | undefined;
  quotas?: QuotaBook;
  /** The call has waited for its turn at a connection. */
  ticket?: Ticket;
};

/** The moment as it is now, for a plan to read. */
export function liveView(sources: ViewSources): RoutingView {
  const { health, limits, memory } = sources;
  return {
    now: sources.clock.now(),
    random: sources.random,
    turn: (counter) => memory.turn(counter),
    uses: (comboId, label) => memory.uses(comboId, label),
    lastUsedAt: (connectionId) => memory.lastUsedAt(connectionId),
    servedBy: (sessionKey, providerId) => memory.servedBy(sessionKey, providerId),
    standing: (target) => standingOf(target, health, limits, sources.ticket),
    vitals: (target) => ({ ...health.recent(target), inFlight: limits.inFlight(target) }),
    price: sources.price,
    quotaLeft: (connectionId) => sources.quotas?.left(connectionId),
    quotas: (connectionId) => sources.quotas?.windows(connectionId) ?? [],
  };
}

/** How a target stands by its health and by the limits of its connection. */
export function standingOf(
  target: Target,
  health: HealthBoard,
  limits: LimitBoard,
  ticket?: Ticket,
): Standing {
  const standing = health.standing(target);
  if (!standing.usable) return standing;
  const full = limits.full(target.connection.id, ticket);
  if (!full) return standing;
  return { usable: false, reason: "limit", ...(full.until !== undefined && { until: full.until }) };
}
