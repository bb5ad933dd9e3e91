/** What fills the gaps of a message. */
export type Values = { readonly [name: string]: string | number };

type Plural = { name: string; forms: Map<string, Piece[]> };
type Piece = string | { gap: string } | { plural: Plural } | { count: true };

/**
 * Fills a message: `{name}` is a gap, `{name, plural, one {# file} other {# files}}` picks a form by the language's
 * rules and writes the number at `#`. A gap without a value stays as it is written.
 */
export function fillMessage(message: string, values: Values, language: string): string {
  return fillPieces(message, language, values, (piece) => String(values[piece] ?? `{${piece}}`)).join("");
}

/** Like `fillMessage`, but gaps may hold anything; gives the pieces in order. */
export function fillPieces<T>(
  message: string,
  language: string,
  counts: Values,
  gap: (name: string) => T,
): (string | T)[] {
  return written(parse(message), language, counts, gap, undefined);
}

/** The names of a message's gaps, sorted, each once. */
export function gapsOf(message: string): string[] {
  const names = new Set<string>();
  const walk = (pieces: readonly Piece[]): void => {
    for (const piece of pieces) {
      if (typeof piece === "string" || "count" in piece) continue;
      if ("gap" in piece) names.add(piece.gap);
      else {
        names.add(piece.plural.name);
        for (const form of piece.plural.forms.values()) walk(form);
      }
    }
  };
  walk(parse(message));
  return [...names].sort();
}

function written<T>(
  pieces: readonly Piece[],
  language: string,
  counts: Values,
  gap: (name: string) => T,
  count: number | undefined,
): (string | T)[] {
  return pieces.flatMap((piece): (string | T)[] => {
    if (typeof piece === "string") return [piece];
    if ("count" in piece) return [new Intl.NumberFormat(language).format(count ?? 0)];
    if ("gap" in piece) return [gap(piece.gap)];
    const { name, forms } = piece.plural;
    const number = Number(counts[name] ?? 0);
    const form =
      forms.get(`=${number}`) ??
      forms.get(new Intl.PluralRules(language).select(number)) ??
      forms.get("other");
    return form ? written(form, language, counts, gap, number) : [];
  });
}

const parsed = new Map<string, Piece[]>();

function parse(message: string): Piece[] {
  let pieces = parsed.get(message);
  if (!pieces) {
    pieces = parsePieces(message, false);
    // Messages are the constants of this program, so this grows no further than their list.
    parsed.set(message, pieces);
  }
  return pieces;
}

function parsePieces(text: string, isForm: boolean): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf("{", at);
    const plain = text.slice(at, open < 0 ? text.length : open);
    if (plain !== "") pieces.push(...(isForm ? withCount(plain) : [plain]));
    if (open < 0) break;
    const close = closingOf(text, open);
    pieces.push(parseGap(text.slice(open + 1, close)));
    at = close + 1;
  }
  return pieces;
}

function parseGap(inside: string): Piece {
  const match = /^(\w+)\s*,\s*plural\s*,([\s\S]*)$/.exec(inside);
  if (!match) return { gap: inside.trim() };
  const [, name = "", rest = ""] = match;
  const forms = new Map<string, Piece[]>();
  let at = 0;
  for (;;) {
    const open = rest.indexOf("{", at);
    if (open < 0) break;
    const close = closingOf(rest, open);
    forms.set(rest.slice(at, open).trim(), parsePieces(rest.slice(open + 1, close), true));
    at = close + 1;
  }
  return { plural: { name, forms } };
}

function withCount(text: string): Piece[] {
  return text
    .split(/(#)/)
    .filter((piece) => piece !== "")
    .map((piece) => (piece === "#" ? { count: true } : piece));
}

function closingOf(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === "{") depth++;
    else if (text[at] === "}" && --depth === 0) return at;
  }
  throw new Error(`A brace of this message is never closed: ${text}`);
}
