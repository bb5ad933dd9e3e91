/** A line of an env file that cannot be read. The line itself is not repeated: it may hold a secret. */
export class EnvFileError extends Error {
  constructor(
    /** Counted from 1. */
    readonly line: number,
    reason: string,
  ) {
    super(`line ${line}: ${reason}`);
  }
}

/**
 * Reads `NAME=value` lines. Empty lines, `#` comments, a leading `export` and either kind of quotes are understood;
 * inside double quotes `\n`, `\t`, `\"` and `\\` are escapes. Nothing is substituted: `$NAME` stays as it stands.
 * Throws `EnvFileError` at the first line that is none of these.
 */
export function parseEnvFile(text: string): { [name: string]: string } {
  const values: { [name: string]: string } = {};
  for (const [index, raw] of text
    .replace(/^\uFEFF/, "")
    .split(/\r\n|\n|\r/)
    .entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const match = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/.exec(line);
    if (!match) throw new EnvFileError(index + 1, "expected NAME=value");
    values[match[1]!] = readValue(match[2]!, index + 1);
  }
  return values;
}

const ESCAPES: { [letter: string]: string } = { n: "\n", t: "\t", r: "\r", '"': '"', "\\": "\\" };

function readValue(text: string, line: number): string {
  const quote = text[0];
  if (quote !== '"' && quote !== "'") return text.replace(/(?:^|\s+)#.*$/, "").trimEnd();
  const quoted = quote === '"' ? /^"((?:[^"\\]|\\.)*)"\s*(?:#.*)?$/ : /^'([^']*)'\s*(?:#.*)?$/;
  const match = quoted.exec(text);
  if (!match) throw new EnvFileError(line, "a quote is not closed, or something follows it");
  if (quote === "'") return match[1]!;
  return match[1]!.replace(/\\(.)/g, (whole, letter: string) => ESCAPES[letter] ?? whole);
}
