import { TargetFailure, type FailureKind } from "../core/errors.ts";
import { tryParseJson } from "../lib/json.ts";
import { isWebPage, readErrorBody, type ProviderError } from "./error-body.ts";
import {
  CONTENT_TEXTS,
  CONTEXT_CODES,
  CONTEXT_TEXTS,
  CREDENTIAL_CODES,
  CREDENTIAL_TEXTS,
  LONG_CONTEXT_EXTRA,
  MODEL_CODES,
  MODEL_QUOTA_TEXTS,
  MODEL_TEXTS,
  OVERLOAD_CODES,
  OVERLOAD_DESPITE_429,
  OVERLOAD_TEXTS,
  QUOTA_CODES,
  QUOTA_TEXTS,
  RATE_CODES,
  RATE_TEXTS,
  REQUEST_TOO_LARGE,
  UNSUPPORTED_CODES,
  UNSUPPORTED_TEXTS,
} from "./error-words.ts";
import type { ResilienceProfile } from "./profiles.ts";
import { readHeaderWindows, readReset } from "./reset-time.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** An answer that is no success: an HTTP error, or an error inside a 200. */
export type ErrorAnswer = {
  /** The HTTP status; 200 for an error inside a good answer. */
  status: number;
  headers: Headers;
  /** The error as the format read it. */
  error?: ProviderError;
  bodyText?: string;
  /** Milliseconds since 1970. */
  now: number;
  /** How eagerly limits are seen in answers that do not say 429. Default: `normal`. */
  detection?: ResilienceProfile["rateLimitDetection"];
};

const LONGEST_TEXT = 8000;
const DAY_MS = 86_400_000;
const SHORTEST_WAIT_MS = 1000;

/**
 * Reads from a provider's error what failed, what it counts against and until when. Knows no provider by name; the
 * words of all of them stand in `error-words.ts`. The message is the provider's own, without secrets.
 */
export function classifyResponse(answer: ErrorAnswer): TargetFailure {
  const { status, headers, now } = answer;
  const body = answer.bodyText === undefined ? undefined : tryParseJson(answer.bodyText.slice(0, 262_144));
  const error = readErrorBody(body, answer.bodyText, answer.error);
  const words = wordsOf(error, headers, body);
  const verdict = judge(answer, words, body);
  const until =
    isLimit(verdict.kind) || verdict.kind === "overloaded" ? resetOf(answer, body, error.message) : undefined;
  const requestId = REQUEST_ID_HEADERS.map((name) => headers.get(name)).find((id) => id !== null);
  return new TargetFailure(verdict.kind, messageOf(error, status, verdict), {
    ...(status !== 200 && { status }),
    scope: verdict.scope ?? "model",
    ...(until !== undefined && { until: bounded(until, verdict.kind, now) }),
    ...(error.code !== undefined && { providerCode: withoutSecrets(error.code).slice(0, 100) }),
    ...(requestId !== undefined && { providerRequestId: requestId.slice(0, 200) }),
  });
}

const REQUEST_ID_HEADERS = ["request-id", "x-request-id", "x-amzn-requestid", "x-groq-request-id"];

/** What an error says, ready for comparing. */
type Words = { codes: readonly string[]; text: string };

type Verdict = {
  kind: FailureKind;
  scope?: "model" | "connection";
  /** What people should know beside the provider's own words. */
  hint?: string;
};

const WRONG_PATH = "The provider does not know this address: is the connection's base URL right?";
const WALL =
  "Firewalls and bot checks send such pages: the account itself may be fine, the way to the provider is not.";

function wordsOf(error: ProviderError, headers: Headers, body: unknown): Words {
  const awsType = headers.get("x-amzn-errortype")?.split(":", 1)[0];
  const codes = [error.code, error.type, awsType, ...googleReasons(body)]
    .filter((code) => code !== undefined)
    .map((code) => code.toLowerCase());
  return { codes, text: error.message.slice(0, LONGEST_TEXT).toLowerCase() };
}

function judge(answer: ErrorAnswer, words: Words, body: unknown): Verdict {
  const status = effectiveStatus(answer.status, words);
  const detects = (answer.detection ?? "normal") !== "off" || status === 429;
  if (status === 413 || isTooLong(status, words)) return { kind: "context-length" };
  if (detects || status === 402) {
    const limit = limitOf(status, words, body, answer);
    if (limit) return limit;
  }
  switch (status) {
    case 401:
      return isAboutModel(words) ? { kind: "no-such-model" } : { kind: "credentials" };
    case 403:
      // A provider refuses in its own words; a page comes from what stands in front of it.
      return isWebPage(answer.bodyText) ? { kind: "unreachable", hint: WALL } : forbidden(words);
    case 404:
    case 405:
    case 410:
      return missing(words);
    case 408:
      return { kind: "timeout" };
    case 425:
    case 499:
      return { kind: "overloaded" };
    case 501:
      return { kind: "unsupported" };
    default:
      return byRange(status, words);
  }
}

function byRange(status: number, words: Words): Verdict {
  if (status >= 500) return { kind: "overloaded" };
  if (status < 400) return { kind: "malformed" };
  if (any(words, MODEL_CODES, MODEL_TEXTS)) return { kind: "no-such-model" };
  if (any(words, CREDENTIAL_CODES, CREDENTIAL_TEXTS)) return { kind: "credentials" };
  if (any(words, UNSUPPORTED_CODES, UNSUPPORTED_TEXTS)) return { kind: "unsupported" };
  return { kind: "rejected" };
}

/** Errors inside a 200 carry their status as a number or a word of their own. */
function effectiveStatus(status: number, words: Words): number {
  if (status < 200 || status > 299) return status;
  const number = words.codes.map(Number).find((code) => code >= 400 && code <= 599);
  if (number !== undefined) return number;
  if (any(words, RATE_CODES, []) || any(words, QUOTA_CODES, [])) return 429;
  if (any(words, CREDENTIAL_CODES, [])) return 401;
  if (
    any(words, MODEL_CODES, []) ||
    words.codes.includes("not_found_error") ||
    words.codes.includes("not_found")
  )
    return 404;
  if (words.codes.some((code) => PERMISSION_CODES.includes(code))) return 403;
  if (words.codes.some((code) => REQUEST_CODES.includes(code))) return 400;
  if (any(words, OVERLOAD_CODES, OVERLOAD_TEXTS)) return 503;
  if (any(words, [], RATE_TEXTS) || any(words, [], QUOTA_TEXTS)) return 429;
  if (any(words, [], CONTEXT_TEXTS)) return 400;
  return 500;
}

const PERMISSION_CODES = ["permission_error", "permission_denied"];
const REQUEST_CODES = ["invalid_request_error", "invalid_argument", "bad_request", "invalid_prompt", "2013"];

function isTooLong(status: number, words: Words): boolean {
  const tooLarge = REQUEST_TOO_LARGE.exec(words.text);
  if (tooLarge && digits(tooLarge[2]) > digits(tooLarge[1])) return true;
  if (LONG_CONTEXT_EXTRA.test(words.text)) return true;
  // At these statuses the same words speak of throttling or access.
  if ([401, 402, 403, 404, 429, 529].includes(status)) return false;
  return any(words, CONTEXT_CODES, CONTEXT_TEXTS);
}

const digits = (text: string | undefined): number => Number((text ?? "").replaceAll(",", ""));

/** Is it a limit or a spent quota, and of what? Also behind 200, 400, 403, 412 and 5xx, where some providers say so. */
function limitOf(status: number, words: Words, body: unknown, answer: ErrorAnswer): Verdict | undefined {
  if (status === 402) return { kind: "quota-exhausted", scope: "connection" };
  if (status === 429 && any(words, OVERLOAD_DESPITE_429, [])) return { kind: "overloaded" };
  const google = googleQuota(body);
  if (google && (status === 429 || status === 403)) return google;
  const window = status === 429 ? spentQuotaWindow(answer) : undefined;
  if (window) return window;
  if (any(words, QUOTA_CODES, [])) return { kind: "quota-exhausted", scope: "connection" };
  if (status === 401 || status === 404 || status === 529) return undefined;
  const refuses = status === 429 || status === 403;
  if (any(words, [], MODEL_QUOTA_TEXTS) && (refuses || any(words, RATE_CODES, RATE_TEXTS)))
    return { kind: "quota-exhausted", scope: "model" };
  if (any(words, [], QUOTA_TEXTS)) return { kind: "quota-exhausted", scope: "connection" };
  if (status === 429) return { kind: "rate-limited", scope: "model" };
  const saysSo = any(words, RATE_CODES, status < 500 ? RATE_TEXTS : []);
  return saysSo ? { kind: "rate-limited", scope: "model" } : undefined;
}

/** A plan's window that headers show as spent (Claude, Codex). One for some models only does not bar the account. */
function spentQuotaWindow(answer: ErrorAnswer): Verdict | undefined {
  const spent = readHeaderWindows(answer.headers, answer.now).filter(
    (window) => window.left <= 0 && window.quota,
  );
  const account = spent.some((window) => window.scope === "connection");
  return spent.length === 0
    ? undefined
    : { kind: "quota-exhausted", scope: account ? "connection" : "model" };
}

/** Google names the quota: `GenerateRequestsPerDayPerProjectPerModel-FreeTier`. */
function googleQuota(body: unknown): Verdict | undefined {
  const ids = [...stringsUnder(body, "quotaId")];
  if (ids.length === 0) return undefined;
  const scope = ids.every((id) => /PerModel/i.test(id)) ? "model" : "connection";
  return ids.some((id) => /PerDay|PerMonth|PerWeek/i.test(id))
    ? { kind: "quota-exhausted", scope }
    : { kind: "rate-limited", scope };
}

function forbidden(words: Words): Verdict {
  if (isAboutModel(words)) return { kind: "no-such-model" };
  if (any(words, [], CONTENT_TEXTS)) return { kind: "rejected" };
  return { kind: "credentials" };
}

function missing(words: Words): Verdict {
  if (any(words, [], [/no endpoints found that (?:support|can handle)/])) return { kind: "unsupported" };
  const named = isAboutModel(words) || /\bmodel/.test(words.text);
  return named ? { kind: "no-such-model" } : { kind: "no-such-model", hint: WRONG_PATH };
}

const isAboutModel = (words: Words): boolean => any(words, MODEL_CODES, MODEL_TEXTS);

function any(words: Words, codes: readonly string[], texts: readonly RegExp[]): boolean {
  return words.codes.some((code) => codes.includes(code)) || texts.some((text) => text.test(words.text));
}

const isLimit = (kind: FailureKind): boolean => kind === "rate-limited" || kind === "quota-exhausted";

function resetOf(answer: ErrorAnswer, body: unknown, message: string): number | undefined {
  return readReset({ headers: answer.headers, body, message, now: answer.now });
}

/** Keeps a named time within 1 s and a day; within a month for a typed quota. */
function bounded(until: number, kind: FailureKind, now: number): number {
  const longest = kind === "quota-exhausted" ? 31 * DAY_MS : DAY_MS;
  return Math.min(now + longest, Math.max(now + SHORTEST_WAIT_MS, until));
}

function messageOf(error: ProviderError, status: number, verdict: Verdict): string {
  const said = withoutSecrets(error.message).slice(0, 2000);
  if (verdict.hint !== undefined) return `${said} (${verdict.hint})`;
  if (status >= 300 && status < 400) return `${said} (Redirects are not followed: is the base URL right?)`;
  return said;
}

function googleReasons(body: unknown): string[] {
  return [...stringsUnder(body, "reason")].slice(0, 10);
}

/** Every text under a key, anywhere in a small body. */
function* stringsUnder(value: unknown, key: string, depth = 0): Generator<string> {
  if (typeof value !== "object" || value === null || depth > 6) return;
  for (const [name, inner] of Object.entries(value).slice(0, 50)) {
    if (name === key && typeof inner === "string") yield inner;
    else yield* stringsUnder(inner, key, depth + 1);
  }
}
