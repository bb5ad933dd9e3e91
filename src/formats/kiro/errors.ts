import { TargetFailure } from "../../core/errors.ts";
import { isObject, tryParseJson } from "../../lib/json.ts";

/** What an AWS JSON error body says: `{message, reason}` or `{__type, message}`. */
export function readError(body: unknown): { message: string; code?: string } | undefined {
  if (!isObject(body)) return undefined;
  const message = body.message ?? body.Message;
  if (typeof message !== "string") return undefined;
  const type = body.reason ?? body.__type;
  const code = typeof type === "string" ? type.split("#").at(-1) : undefined;
  return { message, ...(code !== undefined && { code }) };
}

/** The failure that an exception inside a stream amounts to: its name, a line end, its body. */
export function failureOf(data: string): TargetFailure {
  const cut = data.indexOf("\n");
  const name = data.slice(0, cut).split("#").at(-1) ?? "";
  const rest = data.slice(cut + 1);
  const message =
    readError(tryParseJson(rest))?.message ?? (rest || "The provider ended its answer with an error.");
  return new TargetFailure(kindOf(name, message), message, { providerCode: name });
}

function kindOf(name: string, message: string): TargetFailure["kind"] {
  if (/Throttling|TooManyRequests/.test(name)) return "rate-limited";
  if (/Quota|LimitExceeded/.test(name)) return "quota-exhausted";
  if (/AccessDenied|Unauthorized|ExpiredToken/.test(name)) return "credentials";
  if (/CONTENT_LENGTH_EXCEEDS|too long/i.test(`${name} ${message}`)) return "context-length";
  return /Validation/.test(name) ? "rejected" : "overloaded";
}
