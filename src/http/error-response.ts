import type { GatewayError } from "../core/errors.ts";
import type { ClientFormat } from "../core/format.ts";

/** Writes an error body in one protocol's shape. */
export type ErrorShape = Pick<ClientFormat, "encodeError">;

/** An error as an answer: status, shape, `Retry-After` on every 429 and 503. */
export function errorResponse(
  error: GatewayError,
  shape: ErrorShape,
  requestId: string,
  headers: { [name: string]: string } = {},
): Response {
  return new Response(JSON.stringify(shape.encodeError(error, requestId)), {
    status: error.status,
    headers: {
      "content-type": "application/json",
      "cache-control": "no-store",
      "x-request-id": requestId,
      "x-omniroute-request-id": requestId,
      ...retryAfter(error),
      ...headers,
    },
  });
}

/** Whole seconds, at least one. */
function retryAfter(error: GatewayError): { [name: string]: string } {
  if (error.status !== 429 && error.status !== 503 && error.retryAfterMs === undefined) return {};
  return { "retry-after": String(Math.max(1, Math.ceil((error.retryAfterMs ?? 1000) / 1000))) };
}
