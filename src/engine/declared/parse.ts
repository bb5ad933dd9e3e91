import { isObject } from "../../lib/json.ts";
import { mostTelling, plainWords } from "../../core/parse-input.ts";
import { type Declaration, declarationShape, SECRET_FIELDS } from "./declaration.ts";
import { type FileFormat, lineOf } from "./locate.ts";

/** Something wrong in a file, and where. */
export type FileFault = { line?: number; path: string; message: string };
export type Parsed = { declaration: Declaration } | { faults: FileFault[] };

/** Gives a variable of the environment. */
export type Reference = (name: string) => string | undefined;

type Path = (string | number)[];

/**
 * Reads what a file declares. `${NAME}` anywhere in a text stands for a variable of the environment, `$${` for itself.
 * Every fault is told with its line, all at once.
 */
export function parseDeclaration(text: string, format: FileFormat, reference: Reference): Parsed {
  let content: unknown;
  try {
    content = parseText(text, format) ?? {};
  } catch (error) {
    return { faults: [syntaxFault(text, format, error)] };
  }
  if (!isObject(content)) return { faults: [{ path: "", message: "the file must hold names and values" }] };
  if (isDeeperThan(content, DEEPEST))
    return {
      faults: [{ path: "", message: "values stand too deep in one another; does an anchor hold itself?" }],
    };
  const faults: FileFault[] = [];
  const fault = (path: Path, message: string) => {
    if (faults.some((known) => known.path === path.join("."))) return;
    const line = lineOf(text, format, path);
    faults.push({ path: path.join("."), message, ...(line !== undefined && { line }) });
  };
  if (format === "yaml") refuseDoubledSections(text, faults);
  refusePlainSecrets(content, fault);
  const filled = fillIn(content, [], reference, fault);
  const checked = declarationShape.safeParse(filled, { error: plainWords });
  if (!checked.success)
    for (const issue of checked.error.issues.map(mostTelling)) {
      const names = issue.code === "unrecognized_keys" ? issue.keys : [undefined];
      for (const name of names)
        fault(
          [...(issue.path as Path), ...(name === undefined ? [] : [name])],
          name === undefined ? issue.message : "there is no such setting",
        );
    }
  else refuseTwins(checked.data, fault);
  return faults.length > 0 || !checked.success ? { faults } : { declaration: checked.data };
}

const parseText = (text: string, format: FileFormat): unknown =>
  format === "toml" ? Bun.TOML.parse(text) : Bun.YAML.parse(text);

/** The parsers of Bun do not say where they stopped: it is after the longest beginning that can be read. */
function syntaxFault(text: string, format: FileFormat, error: unknown): FileFault {
  const message = (error as Error).message.split("\n")[0]!;
  const lines = text.split("\n");
  if (lines.length * text.length > MOST_LOOKED_THROUGH) return { path: "", message };
  const isReadable = (count: number): boolean => {
    try {
      parseText(lines.slice(0, count).join("\n"), format);
      return true;
    } catch {
      return false;
    }
  };
  let readable = lines.length - 1;
  while (readable > 0 && !isReadable(readable)) readable--;
  return { path: "", message, line: readable + 1 };
}

const MOST_LOOKED_THROUGH = 20_000_000;

/** What a file declares is flat; a value that holds itself never ends. */
const DEEPEST = 20;

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeperThan(inner, levels - 1));
}

/** YAML's parser takes the last of two sections and drops the first; TOML's refuses them. */
function refuseDoubledSections(text: string, faults: FileFault[]): void {
  const seen = new Set<string>();
  for (const [index, line] of text.split("\n").entries()) {
    const [, name] = /^(\w+)\s*:(?:\s|$)/.exec(line) ?? [];
    if (name === undefined) continue;
    if (seen.has(name))
      faults.push({ line: index + 1, path: name, message: "this section stands above already" });
    seen.add(name);
  }
}

function refusePlainSecrets(
  content: { [name: string]: unknown },
  fault: (path: Path, message: string) => void,
): void {
  for (const [list, field] of SECRET_FIELDS) {
    const rows = content[list];
    if (!Array.isArray(rows)) continue;
    for (const [index, row] of rows.entries()) {
      const value = isObject(row) ? row[field] : undefined;
      if (typeof value === "string" && !/^\$\{\w+\}$/.test(value))
        fault(
          [list, index, field],
          "a secret stands in the environment: write ${NAME} here, and set NAME there",
        );
    }
  }
}

function fillIn(
  value: unknown,
  path: Path,
  reference: Reference,
  fault: (path: Path, message: string) => void,
): unknown {
  if (Array.isArray(value))
    return value.map((each, index) => fillIn(each, [...path, index], reference, fault));
  if (isObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name, fillIn(each, [...path, name], reference, fault)]),
    );
  if (typeof value !== "string") return value;
  return value.replaceAll(/\$\$\{|\$\{([A-Za-z_]\w*)\}/g, (whole, name: string | undefined) => {
    if (name === undefined) return "${";
    const found = reference(name);
    if (found !== undefined) return found;
    fault(path, `the variable ${name} is not set`);
    return whole;
  });
}

/** Things are known by their names: two of one name would overwrite each other. */
function refuseTwins(declaration: Declaration, fault: (path: Path, message: string) => void): void {
  const lists = {
    connections: declaration.connections.map(({ provider, name }) => `${provider} ${name}`),
    nodes: declaration.nodes.map(({ prefix }) => prefix),
    combos: declaration.combos.map(({ name }) => name),
    keyGroups: declaration.keyGroups.map(({ name }) => name),
    keys: declaration.keys.map(({ name }) => name),
  };
  for (const [list, names] of Object.entries(lists))
    for (const [index, name] of names.entries())
      if (names.indexOf(name) < index) fault([list, index], "another one above has the same name");
}
