import type { Connection } from "../core/connection.ts";
import { TargetFailure } from "../core/errors.ts";
import type { Target } from "../core/target.ts";
import type { Clock } from "../lib/clock.ts";
import {
  classifyInside,
  type HealthBoard,
  type LimitBoard,
  profileOf,
  type QuotaBook,
  readPauses,
  readQuotas,
  type ResilienceProfile,
  tellsLimits,
} from "../routing/index.ts";

export type ArrivalDeps = { clock: Clock; health: HealthBoard; limits: LimitBoard; quotas: QuotaBook };

/** How eagerly limits are seen in a connection's answers. */
export function detectionFor(
  deps: Pick<ArrivalDeps, "health" | "limits">,
  connection: Connection,
): ResilienceProfile["rateLimitDetection"] {
  if (!deps.limits.isProtected(connection.id)) return "off";
  return profileOf(deps.health.profiles, connection).rateLimitDetection;
}

/** Takes from an answer's headers what later plans should know: what is spent, and what is left. */
export function noteHeaders(deps: ArrivalDeps, target: Target, headers: Headers): void {
  if (!tellsLimits(headers)) return;
  const now = deps.clock.now();
  const { connection } = target;
  deps.quotas.noteHeaders(connection.id, readQuotas(headers, now));
  for (const pause of readPauses(headers, detectionFor(deps, connection), now))
    deps.health.pause(target, pause.scope, pause.kind, pause.until);
}

/** A failure inside an answer that had begun, read for its scope and reset; anything else as it is. */
export function readInside<Fault>(deps: ArrivalDeps, target: Target, headers: Headers, error: Fault): Fault;
export function readInside(deps: ArrivalDeps, target: Target, headers: Headers, error: unknown): unknown {
  if (!(error instanceof TargetFailure)) return error;
  const detection = detectionFor(deps, target.connection);
  return classifyInside(error, { headers, now: deps.clock.now(), detection });
}
