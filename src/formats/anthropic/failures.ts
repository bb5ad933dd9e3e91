import { CODES, TargetFailure, type FailureKind, type GatewayError } from "../../core/errors.ts";
import { isObject } from "../../lib/json.ts";
import type { Fields } from "./wire.ts";

/** An error answer in this protocol's shape. https://platform.claude.com/docs/en/api/errors */
export function encodeError(error: GatewayError, requestId: string): Fields {
  return {
    type: "error",
    error: { type: CODES[error.code].anthropic, message: messageFor(error), ...error.extra },
    request_id: requestId,
  };
}

/** Clients compact their history when they read these words. */
function messageFor(error: GatewayError): string {
  if (error.code !== "context_length_exceeded" || /prompt is too long/i.test(error.message))
    return error.message;
  return `prompt is too long: ${error.message}`;
}

/** What an error body says; undefined when it holds no error object. */
export function readError(body: unknown): { message: string; code?: string; type?: string } | undefined {
  if (!isObject(body) || !isObject(body["error"])) return undefined;
  const { message, type, code, details } = body["error"];
  if (typeof message !== "string") return undefined;
  const detail = isObject(details) ? details["error_code"] : code;
  return {
    message,
    ...(typeof type === "string" && { type }),
    ...(typeof detail === "string" && { code: detail }),
  };
}

/** The failure that an error object inside an answer stands for. */
export function failureOf(body: unknown): TargetFailure {
  const error = readError(body) ?? { message: "The provider reported an error without saying which." };
  const requestId = isObject(body) ? body["request_id"] : undefined;
  return new TargetFailure(failureKind(error.type, error.message), error.message, {
    ...(error.type !== undefined && { providerCode: error.type }),
    ...(typeof requestId === "string" && { providerRequestId: requestId }),
    body,
  });
}

function failureKind(type: string | undefined, message: string): FailureKind {
  switch (type) {
    case "rate_limit_error":
      return "rate-limited";
    case "billing_error":
      return "quota-exhausted";
    case "authentication_error":
      return "credentials";
    case "permission_error":
      return /\bmodel\b/i.test(message) ? "no-such-model" : "credentials";
    case "not_found_error":
      return "no-such-model";
    case "request_too_large":
      return "context-length";
    case "timeout_error":
      return "timeout";
    case "invalid_request_error":
      return refusalKind(message);
    default:
      return "overloaded";
  }
}

/** Anthropic says several things with one type word; the message tells them apart. */
function refusalKind(message: string): FailureKind {
  if (
    /prompt is too long|context window|context limit|maximum context|exceed.*context|too many tokens/i.test(
      message,
    )
  )
    return "context-length";
  if (/credit balance|billing|usage limit/i.test(message)) return "quota-exhausted";
  return /not supported|does not support|unsupported/i.test(message) ? "unsupported" : "rejected";
}
