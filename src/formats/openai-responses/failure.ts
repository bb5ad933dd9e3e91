import { CODES, type FailureKind, type GatewayError, TargetFailure } from "../../core/errors.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";

/** What a provider's error body says, in OpenAI's shape or the plainer ones beside it. */
export function readError(body: unknown): { message: string; code?: string; type?: string } | undefined {
  if (!isObject(body)) return undefined;
  const error = body["error"] ?? body["detail"] ?? body;
  if (typeof error === "string") return { message: error };
  if (!isObject(error)) return undefined;
  const message = error["message"] ?? error["detail"];
  if (typeof message !== "string") return undefined;
  const { code, type } = error;
  return {
    message,
    ...((typeof code === "string" || typeof code === "number") && { code: String(code) }),
    ...(typeof type === "string" && type !== "error" && { type }),
  };
}

/** The failure that an error inside an answer (an `error` event, `response.failed`) stands for. */
export function failureOf(error: unknown): TargetFailure {
  const said = readError(error) ?? { message: "The provider failed without saying why." };
  const words = [said.code, said.type].filter((word) => word !== undefined);
  const kind =
    words.flatMap((word) => CODE_KINDS.find(([pattern]) => pattern.test(word))?.[1] ?? [])[0] ??
    kindOfMessage(said.message);
  const until = resetOf(error);
  return new TargetFailure(kind, said.message, {
    ...(words[0] !== undefined && { providerCode: words[0] }),
    ...(until !== undefined && { until }),
    ...(error !== undefined && { body: error }),
  });
}

/** OpenAI's code and type words, and those of services that answer in its format. The first that fits counts. */
const CODE_KINDS: readonly (readonly [RegExp, FailureKind])[] = [
  [/quota|usage_limit|usage_not_included|billing|credit/i, "quota-exhausted"],
  [/rate_limit|too_many_requests|^429$/i, "rate-limited"],
  [/context_length|context_window|^string_above_max_length$/i, "context-length"],
  [/model_not_found|model_not_available/i, "no-such-model"],
  [/api_key|authenticat|unauthorized|permission|^40[13]$/i, "credentials"],
  [/timeout|^504$/i, "timeout"],
  [/overloaded|slow_down|server_error|internal|unavailable|^5\d\d$/i, "overloaded"],
  [/invalid|image|policy|prompt|bad_request|unsupported|^4\d\d$/i, "rejected"],
];

function kindOfMessage(message: string): FailureKind {
  return /context (?:window|length)|prompt is too long/i.test(message) ? "context-length" : "overloaded";
}

/** The ChatGPT backend names the second at which a used-up plan works again. */
function resetOf(error: unknown): number | undefined {
  const inner = isObject(error) && isObject(error["error"]) ? error["error"] : error;
  const at = isObject(inner) ? inner["resets_at"] : undefined;
  return typeof at === "number" ? at * 1000 : undefined;
}

/** The body of an error answer. */
export function encodeError(error: GatewayError): JsonObject {
  return {
    error: {
      message: error.message,
      type: CODES[error.code].openai,
      code: error.code,
      param: error.param ?? null,
      ...error.extra,
    },
  };
}

/**
 * The error inside a response. Clients know a closed list of words here: Codex tries again on all but the ones for
 * a full context, a used-up quota and a bad prompt.
 */
export function responseError(error: GatewayError): JsonObject {
  return { code: RESPONSE_CODES[error.code] ?? plainCode(error), message: error.message };
}

const RESPONSE_CODES: Readonly<{ [code: string]: string }> = {
  context_length_exceeded: "context_length_exceeded",
  rate_limit_exceeded: "rate_limit_exceeded",
  quota_exhausted: "insufficient_quota",
  budget_exceeded: "insufficient_quota",
};

const plainCode = (error: GatewayError): string => (error.status < 500 ? "invalid_prompt" : "server_error");
