import { type FailureKind, FAILURES, TargetFailure } from "../core/errors.ts";
import { BROKEN, type KeptFault } from "./recording.ts";

/** A failure on the way to a provider, as it is kept. */
export function keptFault(error: unknown): KeptFault {
  const failure = error instanceof TargetFailure ? error : undefined;
  return {
    kind: failure?.kind ?? BROKEN,
    message: error instanceof Error ? error.message : "The connection broke.",
    ...(failure?.status !== undefined && { status: failure.status }),
    ...(failure?.providerCode !== undefined && { providerCode: failure.providerCode }),
    ...(failure?.brokeEarly && { brokeEarly: true }),
    ...(failure?.underWay && { underWay: true }),
  };
}

/** The same failure again. */
export function failureOf({ kind, message, status, providerCode, brokeEarly, underWay }: KeptFault): Error {
  if (kind === BROKEN) return new Error(message);
  return new TargetFailure(isKind(kind) ? kind : "unreachable", message, {
    ...(status !== undefined && { status }),
    ...(providerCode !== undefined && { providerCode }),
    ...(brokeEarly && { brokeEarly }),
    ...(underWay && { underWay }),
  });
}

const isKind = (kind: string): kind is FailureKind => Object.hasOwn(FAILURES, kind);
