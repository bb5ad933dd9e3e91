import { GatewayError } from "../core/errors.ts";

/** What kept a call from one connection, and until when (milliseconds since 1970) where that is known. */
export type Hindrance = {
  connectionId: string;
  /** `slot`: a limit of ours; `reset`: a limit or quota of the provider's. */
  kind: "slot" | "reset";
  until?: number;
};

/** Everything that could serve a call is limited: the answer is 429, unless the call may wait. */
export class LimitedError extends GatewayError {
  constructor(
    code: "rate_limit_exceeded" | "quota_exhausted",
    message: string,
    readonly hindrances: readonly Hindrance[],
    options: { retryAfterMs: number; cause?: unknown },
  ) {
    super(code, message, options);
  }
}
