export type FileFormat = "toml" | "yaml";
type Path = readonly (string | number)[];

/** The line (from 1) where a value stands, or the nearest thing around it; undefined when nothing of it is there. */
export function lineOf(text: string, format: FileFormat, path: Path): number | undefined {
  const lines = format === "toml" ? tomlLines(text) : yamlLines(text);
  for (let length = path.length; length > 0; length--) {
    const line = lines.get(path.slice(0, length).join("\u0000"));
    if (line !== undefined) return line;
  }
  return undefined;
}

/** Where each key and table of a TOML text begins. */
function tomlLines(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  const counts = new Map<string, number>();
  let table: (string | number)[] = [];
  const note = (path: Path, line: number) => {
    const key = path.join("\u0000");
    if (!lines.has(key)) lines.set(key, line);
  };
  for (const [index, line] of text.split("\n").entries()) {
    const [, list] = /^\s*\[\[\s*([^\]]+?)\s*\]\]/.exec(line) ?? [];
    const [, header] = list === undefined ? (/^\s*\[\s*([^\][]+?)\s*\]/.exec(line) ?? []) : [];
    const [, key] = /^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"))*)\s*=/.exec(line) ?? [];
    if (list !== undefined) {
      const place = (counts.get(list) ?? -1) + 1;
      counts.set(list, place);
      table = [...names(list), place];
      note(table, index + 1);
    } else if (header !== undefined) {
      const [first = "", ...rest] = names(header);
      const open = counts.get(first);
      table = open === undefined ? [first, ...rest] : [first, open, ...rest];
      note(table, index + 1);
    } else if (key !== undefined) note([...table, ...names(key)], index + 1);
  }
  return lines;
}

const names = (dotted: string): string[] =>
  dotted.split(".").map((name) => name.trim().replace(/^["']|["']$/g, ""));

type Level = { indent: number; path: (string | number)[]; items: number };

/** Where each key and item of a YAML text in block style begins. */
function yamlLines(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  let levels: Level[] = [{ indent: -1, path: [], items: 0 }];
  const note = (path: Path, line: number) => {
    const key = path.join("\u0000");
    if (!lines.has(key)) lines.set(key, line);
  };
  for (const [index, raw] of text.split("\n").entries()) {
    if (/^\s*(?:#|$)/.test(raw)) continue;
    let indent = raw.search(/\S/);
    let rest = raw.slice(indent);
    while (/^-(?:\s|$)/.test(rest)) {
      // Items may stand as far left as the key they belong to.
      const parent =
        levels.findLast((level) => level.indent <= indent && !isItem(level, indent)) ?? levels[0]!;
      levels = levels.slice(0, levels.indexOf(parent) + 1);
      const path = [...parent.path, parent.items++];
      note(path, index + 1);
      levels.push({ indent, path, items: -1 });
      const step = rest.slice(1).search(/\S/);
      if (step < 0) break;
      indent += step + 1;
      rest = rest.slice(step + 1);
    }
    const [, key] = /^("[^"]*"|'[^']*'|[^\s:#][^:#]*?)\s*:(?:\s|$)/.exec(rest) ?? [];
    if (key === undefined) continue;
    levels = levels.filter((level) => level.indent < indent);
    const path = [...levels.at(-1)!.path, key.replace(/^["']|["']$/g, "")];
    note(path, index + 1);
    levels.push({ indent, path, items: 0 });
  }
  return lines;
}

const isItem = (level: Level, indent: number): boolean => level.items < 0 && level.indent >= indent;
