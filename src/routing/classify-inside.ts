import { TargetFailure } from "../core/errors.ts";
import { classifyResponse, type ErrorAnswer } from "./classify.ts";

/**
 * A failure that was told inside a good answer, read once more from the provider's own words: for its scope, and for
 * the time at which the limit ends. Other failures come back as they are.
 */
export function classifyInside(
  failure: TargetFailure,
  answer: Pick<ErrorAnswer, "headers" | "now" | "detection">,
): TargetFailure {
  if (failure.body === undefined) return failure;
  const read = classifyResponse({
    ...answer,
    status: 200,
    bodyText: JSON.stringify(failure.body),
    error: {
      message: failure.message,
      ...(failure.providerCode !== undefined && { code: failure.providerCode }),
    },
  });
  // That is what an error is taken for that says nothing we know; the format may have known better.
  const kind = read.kind === "overloaded" ? failure.kind : read.kind;
  const until = read.until ?? failure.until;
  const status = failure.status ?? read.status;
  return new TargetFailure(kind, read.message, {
    scope: read.scope,
    ...(status !== undefined && { status }),
    ...(until !== undefined && { until }),
    ...(read.providerCode !== undefined && { providerCode: read.providerCode }),
    ...(failure.providerRequestId !== undefined && { providerRequestId: failure.providerRequestId }),
    cause: failure,
  });
}
