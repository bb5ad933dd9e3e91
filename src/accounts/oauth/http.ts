import { TargetFailure } from "../../core/errors.ts";
import { isObject, type JsonObject, tryParseJson } from "../../lib/json.ts";
import { redact } from "../../lib/log.ts";
import type { FlowContext } from "./context.ts";
import { SignInError } from "./sign-in-error.ts";

/** Longest time for one call of a sign-in or renewal, body included. */
const PATIENCE_MS = 10_000;
const MAX_BYTES = 1024 * 1024;
const LONGEST_WORDS = 300;

export type VendorCall = {
  /** Default: POST with a body, else GET. */
  method?: string;
  url: string;
  /** Names in lower case. */
  headers?: { readonly [name: string]: string };
  form?: { readonly [field: string]: string } | URLSearchParams;
  json?: { readonly [field: string]: unknown };
};

export type VendorAnswer = {
  status: number;
  headers: Headers;
  /** The body where it is a JSON object, else empty. */
  body: JsonObject;
  isJson: boolean;
  /** What was sent and may be secret; vendors like to repeat it. */
  sent: readonly string[];
};

/** Asks a vendor and gives whatever it answers. Throws `SignInError` (`unavailable`) when no answer came in time. */
export async function callVendor(context: FlowContext, request: VendorCall): Promise<VendorAnswer> {
  const controller = new AbortController();
  const onAbort = () => controller.abort();
  if (context.signal.aborted) onAbort();
  context.signal.addEventListener("abort", onAbort, { once: true });
  const cancelTimer = context.clock.after(PATIENCE_MS, onAbort);
  try {
    const body = bodyOf(request);
    const response = await context.outbound.send({
      method: request.method ?? (body ? "POST" : "GET"),
      url: request.url,
      headers: {
        accept: "application/json",
        ...(body && { "content-type": body.type }),
        ...request.headers,
      },
      ...(body && { body: body.text }),
      signal: controller.signal,
      userEntered: context.isOwnAddress(request.url),
      headersTimeoutMs: PATIENCE_MS,
      via: {
        provider: context.flow.provider,
        ...(context.connectionId !== undefined && { connectionId: context.connectionId }),
      },
    });
    const parsed = tryParseJson(await response.text(MAX_BYTES));
    return {
      status: response.status,
      headers: response.headers,
      body: isObject(parsed) ? parsed : {},
      isJson: isObject(parsed),
      sent: secretsIn(request),
    };
  } catch (error) {
    if (!(error instanceof TargetFailure)) throw error;
    const late = error.kind === "cancelled" && !context.signal.aborted;
    const words = late ? `${new URL(request.url).host} did not answer within 10 s.` : error.message;
    throw new SignInError("unavailable", words);
  } finally {
    cancelTimer();
    context.signal.removeEventListener("abort", onAbort);
  }
}

function bodyOf({ form, json }: VendorCall): { type: string; text: string } | undefined {
  if (json) return { type: "application/json", text: JSON.stringify(json) };
  if (!form) return undefined;
  return { type: "application/x-www-form-urlencoded", text: new URLSearchParams(form).toString() };
}

/** Fields that are no secret; everything else that is sent counts as one. */
const PLAIN_FIELDS =
  /^(?:grant_?type|scopes?|redirect_uri|client_?type|client_?id|clientName|resource|startUrl|tierId|code_challenge_method)$/i;

function secretsIn({ form, json, headers = {} }: VendorCall): string[] {
  const fields = json ?? Object.fromEntries(new URLSearchParams(form));
  const values = Object.entries(fields).filter(([name]) => !PLAIN_FIELDS.test(name));
  const bearer = headers.authorization?.replace(/^\S+ /, "");
  return [...values.map(([, value]) => value), bearer].filter(
    (value): value is string => typeof value === "string" && value.length >= 4,
  );
}

/** The answer's body when the vendor said yes. Throws `SignInError` for every other answer. */
export async function callForJson(context: FlowContext, request: VendorCall): Promise<JsonObject> {
  const answer = await callVendor(context, request);
  const refusal = refusalOf(answer, context.clock.now());
  if (refusal) throw refusal;
  if (!answer.isJson) throw malformed(request.url);
  return answer.body;
}

/** A vendor that answered, but not in the form its sign-in has. */
export function malformed(url: string): SignInError {
  return new SignInError("malformed", `${new URL(url).host} answered with something unexpected.`);
}

/** Words by which a vendor says that it may work later. */
const PASSING = new Set(["temporarily_unavailable", "server_error", "slow_down", "authorization_pending"]);

/** What an answer refuses, also with status 200 as GitHub does; undefined when it is a good one. */
export function refusalOf(answer: VendorAnswer, now: number): SignInError | undefined {
  const { status, headers, sent } = answer;
  const said = errorIn(answer.body, sent);
  if (status < 300 && !said?.code) return undefined;
  const retryAfterMs = retryAfter(headers, now);
  const options = {
    status,
    ...(said?.code !== undefined && { code: said.code }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
  return new SignInError(kindOf(answer, said?.code), wordsOf(answer, said), options);
}

function kindOf({ status, isJson, headers }: VendorAnswer, code: string | undefined): SignInError["kind"] {
  if (code === "access_denied" || code === "authorization_declined") return "denied";
  if (code === "expired_token") return "expired";
  if (status >= 500 || status === 429 || status === 408 || (code !== undefined && PASSING.has(code)))
    return "unavailable";
  // A web page is the word of something in between (a proxy, a bot check), which knows nothing of tokens.
  if (!isJson && /html/i.test(headers.get("content-type") ?? "")) return "unavailable";
  if (status === 401 || status === 403) return "refused";
  return code === undefined ? "malformed" : "refused";
}

function wordsOf({ status }: VendorAnswer, said: { code?: string; words?: string } | undefined): string {
  const words = said?.words ?? said?.code;
  return words === undefined
    ? `The vendor answered with status ${status}.`
    : `The vendor says: ${plain(words)}`;
}

/** A vendor's words, short, on one line and without what looks like a credential. */
export function plain(words: string): string {
  const clean = redact(words.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ")).trim();
  return clean.length > LONGEST_WORDS ? `${clean.slice(0, LONGEST_WORDS)}…` : clean;
}

/** `{error, error_description}` of the standard, `{error:{code,message}}` of OpenAI and Anthropic, AWS's exceptions. */
function errorIn(body: JsonObject, sent: readonly string[]): { code?: string; words?: string } | undefined {
  const { error } = body;
  const text = (value: unknown): string | undefined =>
    typeof value === "string" && value !== ""
      ? sent.reduce((words, secret) => words.replaceAll(secret, "[redacted]"), value)
      : undefined;
  const inner = isObject(error) ? error : undefined;
  const code = text(error) ?? text(inner?.code) ?? text(inner?.type) ?? awsCode(text(body.__type));
  const words = text(body.error_description) ?? text(inner?.message) ?? text(body.message);
  if (code === undefined && words === undefined) return undefined;
  return { ...(code !== undefined && { code }), ...(words !== undefined && { words }) };
}

/** `com.amazonaws.ssooidc#AuthorizationPendingException` → `authorization_pending`. */
function awsCode(type: string | undefined): string | undefined {
  const name = /([A-Za-z]+)Exception$/.exec(type ?? "")?.[1];
  return name?.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
}

/** Milliseconds to wait, from `retry-after-ms` or `Retry-After` in seconds or as a date. */
function retryAfter(headers: Headers, now: number): number | undefined {
  const ms = Number(headers.get("retry-after-ms") ?? Number.NaN);
  if (ms >= 0) return ms;
  const text = headers.get("retry-after") ?? "";
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  const wait = Date.parse(text) - now;
  return wait >= 0 ? wait : undefined;
}

/**
 * How long something that ends at a moment of the vendor's clock is still good, in milliseconds. The vendor's own
 * `Date` tells what its clock says now, so that ours may be wrong.
 */
export function lifetimeUntil(momentMs: number, headers: Headers, now: number): number {
  const theirs = Date.parse(headers.get("date") ?? "");
  return Math.max(0, momentMs - (Number.isFinite(theirs) ? theirs : now));
}
