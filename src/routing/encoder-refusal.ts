import { GatewayError, TargetFailure } from "../core/errors.ts";

/** What an encoder refuses to write for a target is that target's refusal; other errors are not the target's. */
export function failureOf(error: unknown): TargetFailure | undefined {
  if (error instanceof TargetFailure) return error;
  if (!(error instanceof GatewayError)) return undefined;
  if (error.code === "unsupported") return new TargetFailure("unsupported", error.message, { cause: error });
  if (error.code === "context_length_exceeded")
    return new TargetFailure("context-length", error.message, { cause: error });
  return undefined;
}
