import { isObject } from "../lib/json.ts";
import { readDuration, readSpokenDuration } from "./duration.ts";

/**
 * When a provider says that a limit ends, in milliseconds since 1970. Order of trust: the body's own fields, the
 * vendor's header with an absolute time, `retry-after-ms`, `Retry-After`, the vendor's header with a duration, prose.
 * Times that are past, and what is no time, are passed over.
 */
export function readReset(answer: {
  headers: Headers;
  /** The parsed error body. */
  body?: unknown;
  message?: string;
  now: number;
}): number | undefined {
  const { headers, body, message = "", now } = answer;
  const spent = spentWindows(headers, now);
  const readings = [
    () => fromBody(body, now),
    () => latest(spent.filter((window) => window.absolute).map((window) => window.until)),
    () => fromMs(headers.get("retry-after-ms"), now),
    () => fromRetryAfter(headers.get("retry-after"), now),
    () => latest(spent.filter((window) => !window.absolute).map((window) => window.until)),
    () => fromProse(message, now),
  ];
  for (const read of readings) {
    const until = read();
    if (until !== undefined && Number.isFinite(until) && until >= now) return until;
  }
  return undefined;
}

/** A limit whose headers say that nothing (or how little) is left of it. */
export type HeaderWindow = {
  /** `requests`, `tokens-minute`, `5h` …, as the vendor calls it. */
  name: string;
  /** Share that is left, 0 to 1; 0 for windows that the vendor calls rejected. */
  left: number;
  /** When it is full again, in milliseconds since 1970. */
  until: number;
  /** The header named a moment, not a duration. */
  absolute: boolean;
  /** It speaks of the whole account, or of some models only. */
  scope: "model" | "connection";
  /** It is a plan's window (hours, days), not a short rate limit. */
  quota: boolean;
  /** How long a whole window lasts, in milliseconds, where the vendor says. */
  lengthMs?: number;
};

/** Every limit of which the answer's headers tell both what is left and when it resets. */
export function readHeaderWindows(headers: Headers, now: number): HeaderWindow[] {
  if (!tellsLimits(headers)) return [];
  return [...unifiedWindows(headers, now), ...codexWindows(headers, now), ...pairedWindows(headers, now)];
}

/** Do headers say anything of limits? Most answers do not, and one look at the names is enough to know. */
export function tellsLimits(headers: Headers): boolean {
  for (const name in headers.toJSON()) if (LIMIT_HEADER.test(name)) return true;
  return false;
}

const LIMIT_HEADER = /^(?:anthropic|x)-(?:ratelimit|codex)-/;

/** Windows with nothing left; a lone reset header without its `remaining` counts, on an error answer. */
function spentWindows(headers: Headers, now: number): { until: number; absolute: boolean }[] {
  const windows = readHeaderWindows(headers, now).filter((window) => window.left <= 0);
  const account = windows.filter((window) => window.scope === "connection");
  if (windows.length > 0) return account.length > 0 ? account : windows;
  for (const name of ["x-ratelimit-reset", "x-ratelimit-reset-after", "ratelimit-reset"]) {
    const moment = readMoment(headers.get(name), now);
    if (moment) return [moment];
  }
  return [];
}

/**
 * Claude subscriptions: `anthropic-ratelimit-unified-<window>-status` and `-reset` (unix seconds or RFC 3339). A
 * window with a suffix (`7d_oi`) holds for some models only.
 */
function unifiedWindows(headers: Headers, now: number): HeaderWindow[] {
  const windows: HeaderWindow[] = [];
  for (const [header, status] of headers) {
    const [, name] = /^anthropic-ratelimit-unified-(\d+[hdwm](?:_\w+)?)-status$/.exec(header) ?? [];
    if (!name) continue;
    const moment = readMoment(headers.get(`anthropic-ratelimit-unified-${name}-reset`), now);
    if (!moment) continue;
    const used = Number(headers.get(`anthropic-ratelimit-unified-${name}-utilization`) ?? "0");
    windows.push({
      name,
      left: status === "rejected" ? 0 : Math.max(0.01, 1 - (Number.isFinite(used) ? used : 0)),
      until: Math.min(moment.until, now + windowMs(name)),
      absolute: moment.absolute,
      scope: name.includes("_") ? "model" : "connection",
      quota: true,
      ...(Number.isFinite(windowMs(name)) && { lengthMs: windowMs(name) }),
    });
  }
  if (windows.length > 0) return windows;
  const moment = readMoment(headers.get("anthropic-ratelimit-unified-reset"), now);
  if (!moment || headers.get("anthropic-ratelimit-unified-status") !== "rejected") return [];
  return [{ name: "unified", left: 0, ...moment, scope: "connection", quota: true }];
}

/** Codex: `x-codex-<window>-used-percent` with `-reset-at` (unix seconds) or, on older servers, `-reset-after-seconds`. */
function codexWindows(headers: Headers, now: number): HeaderWindow[] {
  const windows: HeaderWindow[] = [];
  for (const [header, value] of headers) {
    const [, name] = /^x-codex-([\w-]+)-used-percent$/.exec(header) ?? [];
    const used = Number(value);
    if (!name || !Number.isFinite(used)) continue;
    const moment =
      readMoment(headers.get(`x-codex-${name}-reset-at`), now) ??
      readMoment(headers.get(`x-codex-${name}-reset-after-seconds`), now);
    if (!moment) continue;
    const minutes = Number(headers.get(`x-codex-${name}-window-minutes`) ?? "");
    const longest = minutes > 0 ? now + minutes * 60_000 : Infinity;
    const left = Math.max(0, 1 - used / 100);
    // Families of their own (`x-codex-<limit>-primary-…`) meter single models.
    const scope = /^(?:primary|secondary)$/.test(name) ? "connection" : "model";
    windows.push({
      name,
      left,
      ...moment,
      until: Math.min(moment.until, longest),
      scope,
      quota: true,
      ...(minutes > 0 && { lengthMs: minutes * 60_000 }),
    });
  }
  return windows;
}

/**
 * `x-ratelimit-remaining-<what>` beside `x-ratelimit-reset-<what>` (OpenAI, Groq, Cerebras and kin), and Anthropic's
 * `anthropic-ratelimit-<what>-remaining` beside `-reset`.
 */
function pairedWindows(headers: Headers, now: number): HeaderWindow[] {
  const windows: HeaderWindow[] = [];
  for (const [header, value] of headers) {
    const [, openai] = /^x-ratelimit-remaining(-[\w-]+)?$/.exec(header) ?? [];
    const [, anthropic] = /^anthropic-ratelimit-([a-z-]+)-remaining$/.exec(header) ?? [];
    if (!header.startsWith("x-ratelimit-remaining") && !anthropic) continue;
    const remaining = Number(value);
    if (value.trim() === "" || !(remaining >= 0)) continue;
    const other = (word: string): string =>
      anthropic ? `anthropic-ratelimit-${anthropic}-${word}` : `x-ratelimit-${word}${openai ?? ""}`;
    const moment = readMoment(headers.get(other("reset")), now);
    if (!moment) continue;
    const limit = Number(headers.get(other("limit")) ?? "");
    windows.push({
      name: anthropic ?? openai?.slice(1) ?? "requests",
      left: limit > 0 ? Math.min(1, remaining / limit) : remaining > 0 ? 1 : 0,
      ...moment,
      scope: "model",
      quota: moment.until - now > HOUR_MS,
    });
  }
  return windows;
}

const HOUR_MS = 3_600_000;
const WINDOW_UNITS: Readonly<{ [unit: string]: number }> = {
  m: 60_000,
  h: HOUR_MS,
  d: 24 * HOUR_MS,
  w: 168 * HOUR_MS,
};

/** `5h` → five hours in milliseconds. */
function windowMs(name: string): number {
  const [, amount, unit] = /^(\d+)([hdwm])/.exec(name) ?? [];
  return Number(amount) * (WINDOW_UNITS[unit ?? ""] ?? Infinity);
}

/** Fields of error bodies that name a moment or a wait, the most trusted first. */
const BODY_FIELDS: readonly (readonly [name: string, unit: "s" | "ms"])[] = [
  ["resets_at", "s"],
  ["reset_at", "s"],
  ["resetsat", "s"],
  ["resets_in_seconds", "s"],
  ["reset_after_seconds", "s"],
  ["retrydelay", "s"],
  ["quotaresettimestamp", "s"],
  ["quotaresetdelay", "s"],
  ["resettime", "s"],
  ["reset_time", "s"],
  ["nextresettime", "s"],
  ["nextdatereset", "s"],
  ["retry_after_ms", "ms"],
  ["remains_time", "ms"],
  ["retry_after_seconds", "s"],
  ["retry_after", "s"],
  ["retryafter", "s"],
  ["x-ratelimit-reset", "s"],
];

/** Looks for the fields above anywhere in an error body, which is small and of many shapes. */
function fromBody(body: unknown, now: number): number | undefined {
  const found = new Map<string, number>();
  collect(body, now, found, { left: 300 }, 0);
  for (const [name] of BODY_FIELDS) {
    const until = found.get(name);
    if (until !== undefined) return until;
  }
  return undefined;
}

function collect(
  value: unknown,
  now: number,
  found: Map<string, number>,
  budget: { left: number },
  depth: number,
): void {
  if (depth > 6 || budget.left-- <= 0) return;
  if (Array.isArray(value)) {
    for (const item of value.slice(0, budget.left)) collect(item, now, found, budget, depth + 1);
    return;
  }
  if (!isObject(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    if (budget.left <= 0) return;
    const name = key.toLowerCase();
    const unit = BODY_FIELDS.find(([field]) => field === name)?.[1];
    if (unit === undefined) {
      collect(inner, now, found, budget, depth + 1);
      continue;
    }
    const text = typeof inner === "number" || typeof inner === "string" ? String(inner) : null;
    const until = unit === "ms" ? fromMs(text, now) : readMoment(text, now)?.until;
    if (until !== undefined && until >= now) found.set(name, Math.max(until, found.get(name) ?? 0));
  }
}

/** A wait in milliseconds; a moment when the number is one. */
function fromMs(text: string | null, now: number): number | undefined {
  const ms = readNumber(text);
  if (ms === undefined) return undefined;
  return ms >= UNIX_MS ? ms : now + ms;
}

/** `Retry-After`: seconds (fractions allowed) or an HTTP date. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function fromRetryAfter(text: string | null, now: number): number | undefined {
  return readMoment(text, now)?.until;
}

const UNIX_SECONDS = 1e9;
const UNIX_MS = 1e12;

/**
 * Reads a moment in any notation: RFC 3339, HTTP date, unix seconds or milliseconds, seconds from now, or a duration.
 * Negative numbers and other words are no moment.
 */
export function readMoment(
  text: string | null,
  now: number,
): { until: number; absolute: boolean } | undefined {
  if (text === null) return undefined;
  const trimmed = text.trim();
  const number = readNumber(trimmed);
  if (number !== undefined) {
    if (number >= UNIX_MS) return { until: number, absolute: true };
    if (number >= UNIX_SECONDS) return { until: number * 1000, absolute: true };
    return { until: now + number * 1000, absolute: false };
  }
  const duration = readDuration(trimmed);
  if (duration !== undefined) return { until: now + duration, absolute: false };
  if (!ISO_DATE.test(trimmed) && !HTTP_DATE.test(trimmed)) return undefined;
  const parsed = Date.parse(trimmed);
  return Number.isFinite(parsed) ? { until: parsed, absolute: true } : undefined;
}

const ISO_DATE = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/i;
const HTTP_DATE = /^[A-Z][a-z]{2,8}, \d\d[ -][A-Z][a-z]{2}[ -]\d{2,4} \d\d:\d\d:\d\d (?:GMT|UTC)$/;

function readNumber(text: string | null): number | undefined {
  return text !== null && /^\d{1,20}(?:\.\d{1,20})?$/.test(text.trim()) ? Number(text) : undefined;
}

/** "try again in 5.2s", "reset after 2h7m23s", "Please retry in 20 seconds", "will reset at 2026-11-21 18:00:00", "reached|1795260600". */
function fromProse(message: string, now: number): number | undefined {
  const text = message.slice(0, 4000);
  for (const match of text.matchAll(
    /\b(?:in|after|for|wait|within)[: ]{1,2}(?:about |approximately |~)?(?=\d)/gi,
  )) {
    const before = text.slice(Math.max(0, match.index - 60), match.index + match[0].length);
    if (!/\b(?:again|retry|retrying|resets?|wait|refresh\w*|available|back)\b/i.test(before)) continue;
    const rest = text.slice(match.index + match[0].length);
    const ms = readSpokenDuration(rest);
    if (ms !== undefined) return now + ms;
  }
  const [, stamp] = /limit reached\|(\d{10})\b/i.exec(text) ?? [];
  if (stamp !== undefined) return Number(stamp) * 1000;
  const [, moment] =
    /\b(?:resets?|again|available|retry|until)\b[^0-9]{0,20}(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)/i.exec(
      text,
    ) ?? [];
  return moment === undefined ? undefined : readLooseDate(moment);
}

/**
 * A date in prose. One without a zone is read as China's time, where the one vendor that writes it (GLM) sits; for
 * others this errs towards asking too early, which costs one refusal, not hours.
 */
function readLooseDate(text: string): number | undefined {
  const withT = text.replace(" ", "T");
  const parsed = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/i.test(withT) ? withT : `${withT}+08:00`);
  return Number.isFinite(parsed) ? parsed : undefined;
}

function latest(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : Math.max(...times);
}
