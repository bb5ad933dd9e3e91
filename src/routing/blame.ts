import { FAILURES, type TargetFailure } from "../core/errors.ts";
import type { AttemptRecord } from "../core/record.ts";
import type { Target } from "../core/target.ts";
import {
  behindLength,
  CREDENTIALS_MS,
  type Length,
  limitLength,
  NO_SUCH_MODEL_MS,
} from "./cooldown-length.ts";
import { connectionOf, type CooldownKind, modelOf, type Subject } from "./cooldowns.ts";
import type { ResilienceProfile } from "./profiles.ts";

/** What a failure sets aside, or (`transient`) moves behind the others, and for how long. */
export type Held = { subject: Subject; kind: CooldownKind; length: Length };

/**
 * What a failure is held against; undefined where nobody is to blame. `named`: milliseconds to the time that the
 * provider itself named.
 */
export function heldAgainst(
  target: Target,
  failure: TargetFailure,
  profile: ResilienceProfile,
  named: number | undefined,
): Held | undefined {
  const subject = modelOf(target);
  switch (FAILURES[failure.kind].blame) {
    case "nobody":
      return undefined;
    case "model":
      return { subject, kind: "no-such-model", length: () => NO_SUCH_MODEL_MS };
    case "connection":
      return { subject, kind: "credentials", length: () => CREDENTIALS_MS };
    case "limit":
      return {
        subject: failure.scope === "connection" ? connectionOf(target) : subject,
        kind: failure.kind === "quota-exhausted" ? "quota" : "rate-limit",
        length: limitLength(failure, profile, named),
      };
    case "provider":
      return { subject, kind: "transient", length: behindLength(profile, named) };
  }
}

/** What a failure counts against, as receipts tell it. */
export function blamedFor({ kind, scope }: TargetFailure): AttemptRecord["blamed"] {
  switch (FAILURES[kind].blame) {
    case "nobody":
      return undefined;
    // Until a test has shown that it is the credential itself.
    case "connection":
    case "model":
      return "model";
    case "limit":
      return scope;
    case "provider":
      return "provider";
  }
}
