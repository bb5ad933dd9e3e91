import { isObject } from "../../lib/json.ts";
import type { SettingsFormat } from "./settings-format.ts";

/**
 * TOML, as far as settings need it: values at the top, and whole tables of values. Works on lines, so that all others
 * stay as they are; where a file is written in a way this does not see through, its content comes out wrong, and who
 * calls finds that by reading it again.
 */
export const toml: SettingsFormat = {
  read: (text) => Bun.TOML.parse(text),
  change(text, location, value) {
    const lines = text.split(/\r?\n/);
    const names = location.map(String);
    const changed =
      names.length === 1 && !isObject(value) && !hasTable(lines, names)
        ? withTopValue(lines, names[0]!, value)
        : withTable(lines, names, value);
    return changed.join(text.includes("\r\n") ? "\r\n" : "\n");
  },
  write: (content) => `${tableLines([], content).join("\n").trim()}\n`,
};

function withTopValue(lines: string[], name: string, value: unknown): string[] {
  const end = firstHeader(lines);
  const at = lines.findIndex((line, index) => index < end && setsKey(line, name));
  if (value === undefined) return at < 0 ? lines : lines.toSpliced(at, 1);
  const line = `${bare(name)} = ${literal(value)}`;
  if (at >= 0) return lines.with(at, line);
  const last = lines.slice(0, end).findLastIndex((each) => each.trim() !== "");
  const apart = end < lines.length && lines[last + 1]?.trim() !== "" ? [""] : [];
  return lines.toSpliced(last + 1, 0, line, ...apart);
}

function withTable(lines: string[], names: string[], value: unknown): string[] {
  const start = lines.findIndex((line) => headerOf(line) === keyOf(names));
  const rest = start < 0 ? lines : lines.toSpliced(start, tableLength(lines, start));
  if (value === undefined) return start < 0 ? lines : rest;
  const table = [`[${names.map(bare).join(".")}]`, ...tableLines(names, value)];
  if (start >= 0) return rest.toSpliced(start, 0, ...table, ...(rest[start] === undefined ? [] : [""]));
  const last = rest.findLastIndex((line) => line.trim() !== "");
  return [...rest.slice(0, last + 1), ...(last < 0 ? [] : [""]), ...table, ""];
}

/** The lines of a table: its values, then the tables inside it. */
function tableLines(names: readonly string[], content: unknown): string[] {
  const entries = Object.entries(isObject(content) ? content : {});
  const values = entries.filter(([, value]) => !isObject(value));
  const tables = entries.filter(([, value]) => isObject(value));
  return [
    ...values.map(([name, value]) => `${bare(name)} = ${literal(value)}`),
    ...tables.flatMap(([name, value]) => {
      const inside = tableLines([...names, name], value);
      const holdsOnlyTables = isObject(value) && Object.values(value).every(isObject);
      return holdsOnlyTables ? inside : ["", `[${[...names, name].map(bare).join(".")}]`, ...inside];
    }),
  ];
}

/** Comments above the next header belong to it. */
function tableLength(lines: string[], start: number): number {
  const next = lines.findIndex((line, index) => index > start && headerOf(line) !== undefined);
  if (next < 0) return lines.length - start;
  let end = next;
  while (/^\s*#/.test(lines[end - 1] ?? "")) end--;
  return end - start;
}

function firstHeader(lines: string[]): number {
  const found = lines.findIndex((line) => headerOf(line) !== undefined);
  return found < 0 ? lines.length : found;
}

const hasTable = (lines: string[], names: string[]) => lines.some((line) => headerOf(line) === keyOf(names));

/** The table a line begins, its names one by one; undefined for other lines. */
function headerOf(line: string): string | undefined {
  const [, inside] = /^\s*\[{1,2}([^\]]+)\]{1,2}\s*(?:#.*)?$/.exec(line) ?? [];
  if (inside === undefined) return undefined;
  return keyOf(
    [...inside.matchAll(/"([^"]*)"|'([^']*)'|([\w-]+)/g)].map((part) => part[1] ?? part[2] ?? part[3]!),
  );
}

const keyOf = (names: readonly string[]): string => JSON.stringify(names);

const setsKey = (line: string, name: string): boolean =>
  [name, `"${name}"`, `'${name}'`].some(
    (form) => line.trimStart().startsWith(form) && /^\s*=/.test(line.trimStart().slice(form.length)),
  );

const bare = (name: string): string => (/^[\w-]+$/.test(name) ? name : JSON.stringify(name));

/** Texts, numbers, truths and lists of them are written as in JSON. */
const literal = (value: unknown): string => JSON.stringify(value);
