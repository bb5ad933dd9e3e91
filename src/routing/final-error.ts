import { CODES, FAILURES, GatewayError, type ErrorCode, type TargetFailure } from "../core/errors.ts";
import type { Connection } from "../core/connection.ts";
import type { Exclusion, Plan, Target } from "../core/target.ts";
import { hindrancesOf, inactive, limited } from "./empty-plan.ts";
import { isLimit, isPassing } from "./exclusions.ts";
import { type Hindrance, LimitedError } from "./limited-error.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** One try that failed. `returnsAt`: when the target may be used again, in milliseconds since 1970. */
export type FailedTry = { target: Target; failure: TargetFailure; returnsAt: number | undefined };

/** Words that clients look for before they shorten a conversation. */
const TOO_LONG = "prompt is too long";
const SHORTEST_WAIT_MS = 1000;
const MOST_TOLD = 12;

/**
 * The answer to a request whose plan is spent. All refused: the first refusal. Only limits: 429 with the earliest
 * return. Else the last failure; and when nothing could be tried, why. `passedOver`: targets that had become unusable
 * by their turn.
 */
export function finalError(
  plan: Plan,
  tries: readonly FailedTry[],
  passedOver: readonly Exclusion[],
  now: number,
): GatewayError {
  const last = tries.at(-1);
  if (!last) return nothingTried(plan, passedOver, now);
  const refusal = tries.every(isRefusal) ? tries[0] : undefined;
  if (refusal) return toldError(refusal, tries, {});
  if (tries.every(isLimited)) {
    const others = [...passedOver, ...plan.excluded].filter(isLimit);
    const wait = earliestWait(
      [...tries.map((one) => one.returnsAt), ...others.map(({ until }) => until)],
      now,
    );
    const allQuota = tries.every((one) => one.failure.kind === "quota-exhausted");
    const code = allQuota ? "quota_exhausted" : "rate_limit_exceeded";
    const { message } = toldError(last, tries, { code });
    const own = tries.map(({ target, returnsAt }): Hindrance => ({
      connectionId: target.connection.id,
      kind: "reset",
      ...(returnsAt !== undefined && { until: returnsAt }),
    }));
    const options = { retryAfterMs: wait, cause: last.failure };
    return new LimitedError(code, message, [...own, ...hindrancesOf(others)], options);
  }
  const { status } = CODES[FAILURES[last.failure.kind].code];
  const isTemporary = status === 429 || status === 503;
  return toldError(last, tries, isTemporary ? { retryAfterMs: earliestWait([last.returnsAt], now) } : {});
}

/**
 * One target's failure as the client is told of it: `[status]: message` in the provider's words, without the
 * connection's secrets. Also for failures inside a stream that has begun.
 */
export function clientError(target: Target, failure: TargetFailure, now: number): GatewayError {
  const retryAfterMs =
    failure.until === undefined ? undefined : Math.max(SHORTEST_WAIT_MS, failure.until - now);
  const one = { target, failure, returnsAt: failure.until };
  return toldError(one, [one], retryAfterMs === undefined ? {} : { retryAfterMs });
}

/** A failure's message without anything that stands in the connection's credentials. */
export function safeMessage(connection: Connection, failure: TargetFailure): string {
  return withoutSecrets(failure.message, secretsOf(connection));
}

function toldError(
  one: FailedTry,
  tries: readonly FailedTry[],
  more: { code?: ErrorCode; retryAfterMs?: number },
): GatewayError {
  const { target, failure } = one;
  const code = more.code ?? FAILURES[failure.kind].code;
  const status = keptStatus(failure);
  const shown = failure.status ?? status ?? CODES[code].status;
  const said = safeMessage(target.connection, failure);
  const words = clearer(failure, target, said);
  return new GatewayError(code, `[${shown}]: ${words}${triedList(tries)}`, {
    ...(status !== undefined && { status }),
    ...(failure.param !== undefined && { param: failure.param }),
    ...(more.retryAfterMs !== undefined && { retryAfterMs: more.retryAfterMs }),
    cause: failure,
  });
}

/** The provider's words, and what they leave open for those who did not call it themselves. */
function clearer({ kind }: TargetFailure, { provider }: Target, said: string): string {
  if (kind === "context-length" && !said.toLowerCase().includes(TOO_LONG)) return `${TOO_LONG}: ${said}`;
  if (kind === "credentials")
    return `${said} (This is about the gateway's account at ${provider.name}, not about your API key: it is mended under /dashboard/providers.)`;
  return said;
}

/** A refused request keeps the provider's status, where that cannot be mistaken for the client's own key or model. */
function keptStatus(failure: TargetFailure): number | undefined {
  const { kind, status } = failure;
  if (kind !== "rejected" || status === undefined || status < 400 || status > 499) return undefined;
  return [401, 402, 403, 404, 407, 408, 429].includes(status) ? undefined : status;
}

/** ` (tried cc/… 429, glm/… 500)`, when there was more than one try. */
function triedList(tries: readonly FailedTry[]): string {
  if (tries.length < 2) return "";
  const told: { text: string; count: number }[] = [];
  for (const { target, failure } of tries) {
    const text = `${target.label} ${failure.status ?? failure.kind}`;
    const before = told.at(-1);
    if (before?.text === text) before.count++;
    else told.push({ text, count: 1 });
  }
  const shown = told.slice(0, MOST_TOLD).map(({ text, count }) => (count > 1 ? `${text} ×${count}` : text));
  if (told.length > MOST_TOLD) shown.push("…");
  return ` (tried ${shown.join(", ")})`;
}

function nothingTried(plan: Plan, passedOver: readonly Exclusion[], now: number): GatewayError {
  const passing = [...passedOver, ...plan.excluded.filter(isPassing)];
  return passing.length > 0 && passing.every(isLimit)
    ? limited(plan.requested, passing, now)
    : inactive(plan.requested, [...passedOver, ...plan.excluded], now);
}

const isRefusal = ({ failure }: FailedTry): boolean =>
  failure.kind !== "cancelled" && FAILURES[failure.kind].blame === "nobody";

const isLimited = ({ failure }: FailedTry): boolean => FAILURES[failure.kind].blame === "limit";

function earliestWait(times: readonly (number | undefined)[], now: number): number {
  const first = Math.min(...times.filter((time) => time !== undefined));
  return Number.isFinite(first) ? Math.max(SHORTEST_WAIT_MS, first - now) : SHORTEST_WAIT_MS;
}

const SECRET_FIELD = /key|token|secret|cookie|password|account|project/i;
/** Shorter values are words, not secrets. */
const SHORTEST_SECRET = 8;

function secretsOf(connection: Connection): string[] {
  return Object.entries(connection.credentials)
    .filter(([field]) => SECRET_FIELD.test(field))
    .map(([, value]) => value)
    .filter((value) => typeof value === "string")
    .filter((value) => value.length >= SHORTEST_SECRET);
}
