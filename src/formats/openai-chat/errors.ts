import { CODES, TargetFailure, type FailureKind, type GatewayError } from "../../core/errors.ts";
import { isObject, tryParseJson, type JsonObject } from "../../lib/json.ts";
import { objectsOf, textOf } from "./wire.ts";

export type ReadError = { message: string; code?: string; type?: string };

/**
 * What an error body of an OpenAI-compatible service says: OpenAI's `error` object, a bare string, Mistral's and
 * FastAPI's `detail`, MiniMax's `base_resp`, a `message` or `msg` on top, or a list with one of these in it. Undefined
 * for anything else.
 */
export function readError(body: unknown): ReadError | undefined {
  if (Array.isArray(body)) return readError(body[0]);
  if (!isObject(body)) return undefined;
  const { error } = body;
  if (typeof error === "string" && error !== "") return { message: error, ...words(body) };
  if (isObject(error)) return { message: errorMessage(error), ...words(error) };
  const detail = body["detail"];
  if (typeof detail === "string") return { message: detail, ...words(body) };
  if (Array.isArray(detail)) return { message: validationMessage(detail), ...words(body) };
  if (isObject(detail)) return { message: errorMessage(detail), ...words(detail) };
  const status = body["base_resp"];
  if (isObject(status) && typeof status["status_code"] === "number" && status["status_code"] !== 0)
    return { message: textOf(status["status_msg"]), ...words({ code: status["status_code"] }) };
  const said = textOf(body["message"]) || textOf(body["msg"]);
  return said !== "" && !Array.isArray(body["choices"]) ? { message: said, ...words(body) } : undefined;
}

/** The message of an error object; OpenRouter hides what its upstream said in `metadata.raw`. */
function errorMessage(error: JsonObject): string {
  const message = textOf(error["message"]) || textOf(error["detail"]) || textOf(error["error"]);
  const metadata = error["metadata"];
  const raw = isObject(metadata) ? textOf(metadata["raw"]) : "";
  const inner = raw.startsWith("{") ? (readError(tryParseJson(raw))?.message ?? raw) : raw;
  return (
    [message, inner].filter((text) => text !== "").join(": ") ||
    "The provider gave an error without a message."
  );
}

const validationMessage = (details: unknown[]): string =>
  objectsOf(details)
    .map((detail) =>
      [Array.isArray(detail["loc"]) ? detail["loc"].join(".") : "", textOf(detail["msg"])].join(": "),
    )
    .join("; ");

function words(error: JsonObject): { code?: string; type?: string } {
  const { code, type } = error;
  return {
    ...((typeof code === "string" || typeof code === "number") && code !== "" && { code: String(code) }),
    ...(typeof type === "string" && type !== "" && { type }),
  };
}

/** The failure that an error told inside an answer amounts to. */
export function failureOf({ message, code, type }: ReadError, body?: unknown): TargetFailure {
  const status = code !== undefined && /^[45]\d\d$/.test(code) ? Number(code) : undefined;
  return new TargetFailure(kindOf(message, code ?? "", type ?? "", status), message, {
    ...(status !== undefined && { status }),
    ...((code ?? type) !== undefined && { providerCode: code ?? type }),
    ...(body !== undefined && { body }),
  });
}

function kindOf(message: string, code: string, type: string, status: number | undefined): FailureKind {
  for (const [kind, pattern] of KIND_BY_MESSAGE) if (pattern.test(message)) return kind;
  // The code says more than the type: DeepSeek and OpenAI call everything `invalid_request_error`.
  for (const word of [code, type])
    for (const [kind, pattern] of KIND_BY_WORD) if (pattern.test(word)) return kind;
  return status === undefined ? "overloaded" : kindOfStatus(status);
}

/** Context overflow has no code of its own at most providers; clients compact when they see it. */
const KIND_BY_MESSAGE: readonly [FailureKind, RegExp][] = [
  [
    "context-length",
    /maximum context length|context (?:window|length)|prompt (?:is )?too long|input (?:is )?too long|too many (?:input )?tokens/i,
  ],
];

const KIND_BY_WORD: readonly [FailureKind, RegExp][] = [
  ["context-length", /context_length|context_window|string_above_max_length/i],
  ["quota-exhausted", /insufficient_quota|quota_?exceeded|billing|credit|payment|insufficient_balance/i],
  ["rate-limited", /rate_?limit|too_?many_?requests|throttl|resource_exhausted/i],
  ["no-such-model", /model_not_found|unknown_model|model_not_exist/i],
  ["credentials", /api_key|authentication|unauthorized|unauthenticated|permission|forbidden/i],
  ["timeout", /timeout|timed_out|deadline/i],
  ["overloaded", /overload|server_error|internal|unavailable|capacity|api_error/i],
  ["unsupported", /unsupported|not_supported/i],
  ["rejected", /invalid|bad_request|tool_use_failed|validation/i],
];

function kindOfStatus(status: number): FailureKind {
  if (status === 401 || status === 403) return "credentials";
  if (status === 402) return "quota-exhausted";
  if (status === 404) return "no-such-model";
  if (status === 408 || status === 504) return "timeout";
  if (status === 413) return "context-length";
  if (status === 429) return "rate-limited";
  return status >= 500 ? "overloaded" : "rejected";
}

/** An error as OpenAI's clients read it. */
export function encodeError(error: GatewayError): { [field: string]: unknown } {
  return {
    error: {
      message: errorText(error),
      type: CODES[error.code].openai,
      param: error.param ?? null,
      code: error.code,
      ...error.extra,
    },
  };
}

/** Clients compact a conversation that has grown too long when they find these words. */
function errorText(error: GatewayError): string {
  if (error.code !== "context_length_exceeded" || /prompt is too long/i.test(error.message))
    return error.message;
  return `${error.message} (prompt is too long)`;
}
