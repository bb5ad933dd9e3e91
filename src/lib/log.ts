import { systemClock, type Clock } from "./clock.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFields = { [field: string]: unknown };

/** One line of the log, already cleaned: safe to show to a person. `at` in milliseconds since 1970. */
export type LogEntry = {
  at: number;
  level: LogLevel;
  component: string;
  message: string;
  fields: { [field: string]: string | number | boolean | null };
};

/** `component` is the room that speaks: `store`, `net`, `relay`. */
export interface Log {
  debug(component: string, message: string, fields?: LogFields): void;
  info(component: string, message: string, fields?: LogFields): void;
  warn(component: string, message: string, fields?: LogFields): void;
  error(component: string, message: string, fields?: LogFields): void;
}

export type LogOptions = {
  /** Lines below this level are not made. */
  level: LogLevel;
  format: "text" | "json";
  /** Takes one line without a line end. Default: standard error. */
  write?: (line: string) => void;
  clock?: Clock;
  /** Sees every entry that is written, for a live view. */
  onEntry?: (entry: LogEntry) => void;
};

const LONGEST_MESSAGE = 2000;
const LONGEST_FIELD = 1000;
const MOST_FIELDS = 32;

/**
 * A structured log. Control characters are escaped, so that no text from outside can forge a line or steer a
 * terminal; whatever looks like a credential is struck out as the last defence, not as a licence to log one.
 */
export function createLog(options: LogOptions): Log {
  const clock = options.clock ?? systemClock;
  const write = options.write ?? writeToStandardError;
  const lowest = LOG_LEVELS.indexOf(options.level);
  const spell = options.format === "json" ? jsonLine : spellText;

  const at = (level: LogLevel) => (component: string, message: string, fields?: LogFields) => {
    if (LOG_LEVELS.indexOf(level) < lowest) return;
    const entry: LogEntry = {
      at: clock.now(),
      level,
      component: cleaned(component, 50),
      message: cleaned(message, LONGEST_MESSAGE),
      fields: cleanedFields(fields),
    };
    write(spell(entry));
    options.onEntry?.(entry);
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** Strikes out what looks like a credential: bearer and basic values, vendor keys, tokens in addresses. */
export function redact(text: string): string {
  let clean = text;
  for (const [pattern, replacement] of SECRETS) clean = clean.replace(pattern, replacement);
  return clean;
}

/** Like `redact`, but with a star for each character, so that nothing moves. */
export function maskCredentials(text: string): string {
  let masked = text;
  for (const [pattern] of SECRETS) {
    masked = masked.replace(pattern, (match: string, head: unknown) => {
      const kept = typeof head === "string" ? head : "";
      return kept + "*".repeat(match.length - kept.length);
    });
  }
  return masked;
}

/** Makes control, line-separating and direction-changing characters visible as `\u….` */
export function escapeControls(text: string): string {
  return text.replace(CONTROLS, (character) => {
    if (character === "\n") return "\\n";
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

const STRUCK = "[redacted]";
/**
 * Each pattern ends at the first character that cannot belong to a credential. What may begin anew inside its own match
 * is bounded, so that megabytes of nothing but beginnings take no longer than other megabytes.
 */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${STRUCK}`],
  [
    /\b(?:sk|pk|rk|gsk|xai|nvapi|pplx|csk|fw|ghp|gho|ghu|ghs|github_pat|hf|AIza|AKIA|ya29)[-_.]?[\w.-]{12,}/g,
    STRUCK,
  ],
  [/\beyJ[\w-]{8,2000}\.[\w-]{4,}(?:\.[\w-]*)?/g, STRUCK],
  [/([?&#](?:[\w-]*(?:key|token|secret|password|code|sig|signature))=)[^&\s#"']+/gi, `$1${STRUCK}`],
  [/\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/@:]*:[^\s/@]+(?=@)/gi, `$1${STRUCK}`],
];

const SECRET_FIELD = /(?:^|[_-]|[a-z])(?:key|token|secret|password|authorization|cookie|credentials?)$/i;
/** A name that ends like a secret and is none. */
const HARMLESS_FIELD = /^(?:healthKey|cacheKey)$/;

// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

function cleaned(text: string, longest: number): string {
  const short = text.length > longest ? `${text.slice(0, longest)}… (${text.length} characters)` : text;
  return escapeControls(redact(short));
}

function cleanedFields(fields: LogFields | undefined): LogEntry["fields"] {
  const clean: LogEntry["fields"] = {};
  if (!fields) return clean;
  for (const [name, value] of Object.entries(fields).slice(0, MOST_FIELDS)) {
    if (value === undefined) continue;
    clean[cleaned(name, 50)] = cleanedValue(name, value);
  }
  return clean;
}

function cleanedValue(name: string, value: unknown): string | number | boolean | null {
  if (value === null || typeof value === "number" || typeof value === "boolean") return value;
  if (SECRET_FIELD.test(name) && !HARMLESS_FIELD.test(name)) return STRUCK;
  if (typeof value === "string") return cleaned(value, LONGEST_FIELD);
  if (value instanceof Error) return cleaned(errorText(value), LONGEST_FIELD);
  return cleaned(asJson(value), LONGEST_FIELD);
}

/** An error with its causes and the place where it arose, in one line. */
function errorText(error: Error): string {
  const causes: string[] = [];
  let current: unknown = error;
  while (current instanceof Error && causes.length < 4) {
    causes.push(`${current.name}: ${current.message}`);
    current = current.cause;
  }
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return [causes.join(" ← "), ...frames.slice(0, 4).map((line) => line.trim())].join(" ");
}

function asJson(value: unknown): string {
  try {
    return (
      JSON.stringify(value, (name, inner: unknown) =>
        typeof inner === "string" && SECRET_FIELD.test(name) ? STRUCK : inner,
      ) ?? typeof value
    );
  } catch {
    return "[cannot be written as JSON]";
  }
}

/** An entry as one JSON object, without a line end. */
export function jsonLine(entry: LogEntry): string {
  const { at, level, component, message, fields } = entry;
  return JSON.stringify({ time: new Date(at).toISOString(), level, component, message, ...prefixed(fields) });
}

/** A field may not pose as one of the four names every line has. */
function prefixed(fields: LogEntry["fields"]): LogEntry["fields"] {
  const free: LogEntry["fields"] = {};
  for (const [name, value] of Object.entries(fields)) {
    free[/^(?:time|level|component|message)$/.test(name) ? `field_${name}` : name] = value;
  }
  return free;
}

function spellText(entry: LogEntry): string {
  const { at, level, component, message, fields } = entry;
  const head = `${new Date(at).toISOString()} ${level.toUpperCase().padEnd(5)} ${component.padEnd(8)} ${message}`;
  const tail = Object.entries(fields).map(([name, value]) => `${name}=${quoted(value)}`);
  return [head, ...tail].join("  ");
}

const quoted = (value: string | number | boolean | null): string =>
  typeof value === "string" && /[\s"=]/.test(value) ? JSON.stringify(value) : String(value);

const MOST_WAITING_BYTES = 1024 * 1024;

/** A reader that stalls (a full pipe) costs lines, never memory. */
export function writeToStandardError(line: string): void {
  if (process.stderr.writableLength > MOST_WAITING_BYTES) return;
  process.stderr.write(`${line}\n`);
}
