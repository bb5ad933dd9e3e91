/** Where the value of a top-level field stands in the bytes: `[start, end)`. */
export type Span = { start: number; end: number };

/** What a look over a JSON object's bytes tells, without building it. */
export type Scan = { fields: Map<string, Span>; /** just behind the opening brace */ bodyStart: number };

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const COMMA = 44;
const COLON = 58;

/**
 * Finds the top-level fields of a JSON object by walking its bytes once. Checks the nesting of brackets and strings
 * (so a cut or doubled body is found), not the spelling of numbers and words. Gives undefined for anything that is
 * not one object, or that is nested deeper than `maxDepth`. A repeated field counts where it stands last, as
 * `JSON.parse` has it.
 */
export function scanObject(bytes: Buffer, maxDepth = 512): Scan | undefined {
  let at = skipSpace(bytes, 0);
  if (bytes[at] !== OPEN_BRACE) return undefined;
  const fields = new Map<string, Span>();
  const bodyStart = ++at;
  at = skipSpace(bytes, at);
  if (bytes[at] === CLOSE_BRACE)
    return skipSpace(bytes, at + 1) === bytes.length ? { fields, bodyStart } : undefined;
  for (;;) {
    if (bytes[at] !== QUOTE) return undefined;
    const keyEnd = stringEnd(bytes, at);
    if (keyEnd < 0) return undefined;
    const key = bytes.toString("utf8", at + 1, keyEnd - 1);
    at = skipSpace(bytes, keyEnd);
    if (bytes[at] !== COLON) return undefined;
    const start = skipSpace(bytes, at + 1);
    const end = valueEnd(bytes, start, maxDepth);
    if (end <= start) return undefined;
    fields.set(key, { start, end });
    at = skipSpace(bytes, end);
    if (bytes[at] === COMMA) {
      at = skipSpace(bytes, at + 1);
      continue;
    }
    if (bytes[at] !== CLOSE_BRACE) return undefined;
    return skipSpace(bytes, at + 1) === bytes.length ? { fields, bodyStart } : undefined;
  }
}

/** The elements of a scanned array, one by one; nothing for a value that is no array. */
export function* scanElements(bytes: Buffer, array: Span): Generator<Span> {
  if (bytes[array.start] !== OPEN_BRACKET) return;
  let at = skipSpace(bytes, array.start + 1);
  while (at < array.end - 1) {
    const end = valueEnd(bytes, at, Number.POSITIVE_INFINITY);
    if (end <= at) return;
    yield { start: at, end };
    at = skipSpace(bytes, end);
    if (bytes[at] !== COMMA) return;
    at = skipSpace(bytes, at + 1);
  }
}

/** The value of a scanned field, parsed; undefined when it is not there or not JSON. */
export function scannedValue(bytes: Buffer, scan: Scan, field: string): unknown {
  const span = scan.fields.get(field);
  if (!span) return undefined;
  try {
    return JSON.parse(bytes.toString("utf8", span.start, span.end));
  } catch {
    return undefined;
  }
}

/** A span and the text that takes its place. */
export type Edit = Span & { text: string };

/** The bytes with some spans replaced, in pieces; nothing else changes. Edits come in the order of their places. */
export function withEdits(bytes: Buffer, edits: readonly Edit[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const { start, end, text } of edits) {
    pieces.push(bytes.subarray(at, start), Buffer.from(text));
    at = end;
  }
  pieces.push(bytes.subarray(at));
  return pieces;
}

function skipSpace(bytes: Buffer, at: number): number {
  while (at < bytes.length) {
    const byte = bytes[at];
    if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) break;
    at++;
  }
  return at;
}

/** Index behind the closing quote of the string that begins at `at`; -1 when it never closes. */
function stringEnd(bytes: Buffer, at: number): number {
  let from = at + 1;
  for (;;) {
    const quote = bytes.indexOf(QUOTE, from);
    if (quote < 0) return -1;
    let backslashes = 0;
    while (bytes[quote - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
    from = quote + 1;
  }
}

/** Index behind the value that begins at `at`; -1 when it is broken or too deep. */
function valueEnd(bytes: Buffer, at: number, maxDepth: number): number {
  const first = bytes[at];
  if (first === QUOTE) return stringEnd(bytes, at);
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return wordEnd(bytes, at);
  const closers: number[] = [];
  for (;;) {
    const byte = bytes[at];
    if (byte === undefined) return -1;
    if (byte === QUOTE) {
      at = stringEnd(bytes, at);
      if (at < 0) return -1;
      continue;
    }
    at++;
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (closers.push(byte + 2) > maxDepth) return -1;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (closers.pop() !== byte) return -1;
      if (closers.length === 0) return at;
    }
  }
}

function wordEnd(bytes: Buffer, at: number): number {
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0;
    const isWord =
      (byte >= 97 && byte <= 122) ||
      (byte >= 48 && byte <= 57) ||
      byte === 43 ||
      byte === 45 ||
      byte === 46 ||
      byte === 69;
    if (!isWord) break;
    at++;
  }
  return at;
}
