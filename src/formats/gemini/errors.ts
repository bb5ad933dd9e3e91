import { CODES, type FailureKind, GatewayError, TargetFailure } from "../../core/errors.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { lookUp } from "./wire.ts";

/** An error as Google tells it. https://cloud.google.com/apis/design/errors#error_model */
export function encodeError(error: GatewayError): { [field: string]: unknown } {
  const details: JsonObject[] = [
    { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: error.code, domain: "omniroute" },
  ];
  // Google's own clients wait as long as this says.
  if (error.retryAfterMs !== undefined)
    details.push({
      "@type": "type.googleapis.com/google.rpc.RetryInfo",
      retryDelay: `${Math.max(1, Math.ceil(error.retryAfterMs / 1000))}s`,
    });
  const status = CODES[error.code].google;
  return { error: { code: error.status, message: error.message, status, details, ...error.extra } };
}

/** What an error body says; also the list of one that a stream without server-sent events is. */
export function readError(body: unknown): { message: string; code?: string; type?: string } | undefined {
  const error = errorIn(Array.isArray(body) ? body.find((one) => errorIn(one)) : body);
  if (!error) return undefined;
  const code = reasonOf(error);
  const { message, status } = error;
  const word = typeof status === "string" ? status : "The provider told an error.";
  return {
    message: typeof message === "string" && message !== "" ? message : word,
    ...(code !== undefined && { code }),
    ...(typeof status === "string" && { type: status }),
  };
}

/** The error object of an answer or chunk, bare or inside a Code Assist envelope. */
export function errorIn(body: unknown): JsonObject | undefined {
  if (!isObject(body)) return undefined;
  if (isObject(body["error"])) return body["error"];
  return isObject(body["response"]) ? errorIn(body["response"]) : undefined;
}

function reasonOf(error: JsonObject): string | undefined {
  for (const detail of Array.isArray(error["details"]) ? error["details"] : [])
    if (isObject(detail) && typeof detail["reason"] === "string") return detail["reason"];
  return undefined;
}

/** Google's status words, by what follows from them. https://cloud.google.com/apis/design/errors#error_codes */
const KINDS: { [status: string]: FailureKind } = {
  INVALID_ARGUMENT: "rejected",
  FAILED_PRECONDITION: "rejected",
  OUT_OF_RANGE: "rejected",
  UNIMPLEMENTED: "unsupported",
  UNAUTHENTICATED: "credentials",
  PERMISSION_DENIED: "credentials",
  NOT_FOUND: "no-such-model",
  RESOURCE_EXHAUSTED: "rate-limited",
  DEADLINE_EXCEEDED: "timeout",
  INTERNAL: "overloaded",
  UNAVAILABLE: "overloaded",
  UNKNOWN: "overloaded",
  ABORTED: "overloaded",
  CANCELLED: "overloaded",
};

const STATUS_OF_CODE: { [code: number]: string } = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};

const TOO_LONG =
  /exceeds the maximum number of tokens|token count .*exceeds|input is too long|prompt is too long/i;
const BAD_KEY = /^API_KEY_(?:INVALID|EXPIRED|SERVICE_BLOCKED)$/;
const SPENT = /PerDay|per day|billing|check your plan|exhausted your (?:capacity|quota)/i;
const MOMENTARY = /PerMinute|per minute/i;

/** The failure that an error object inside an answer means. */
export function failureOf(error: JsonObject): TargetFailure {
  const message = typeof error["message"] === "string" ? error["message"] : "The provider told an error.";
  const code = typeof error["code"] === "number" ? error["code"] : undefined;
  const status = typeof error["status"] === "string" ? error["status"] : STATUS_OF_CODE[code ?? 0];
  const reason = reasonOf(error);
  return new TargetFailure(kindOf(status ?? "", reason, message, JSON.stringify(error)), message, {
    ...(code !== undefined && { status: code }),
    ...((reason ?? status) !== undefined && { providerCode: reason ?? status }),
    body: { error },
  });
}

function kindOf(status: string, reason: string | undefined, message: string, all: string): FailureKind {
  const kind = lookUp(KINDS, status) ?? "overloaded";
  if (reason !== undefined && BAD_KEY.test(reason)) return "credentials";
  if (kind === "rejected" && TOO_LONG.test(message)) return "context-length";
  if (kind === "rate-limited" && SPENT.test(all) && !MOMENTARY.test(all)) return "quota-exhausted";
  return kind;
}
