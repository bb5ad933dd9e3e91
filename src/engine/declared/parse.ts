import { isObject } from "../../lib/json.ts";
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
    content = format === "toml" ? Bun.TOML.parse(text) : Bun.YAML.parse(text);
  } catch (error) {
    return { faults: [syntaxFault(error)] };
  }
  content ??= {};
  if (!isObject(content)) return { faults: [{ path: "", message: "the file must hold names and values" }] };
  const faults: FileFault[] = [];
  const fault = (path: Path, message: string) => {
    if (faults.some((known) => known.path === path.join("."))) return;
    const line = lineOf(text, format, path);
    faults.push({ path: path.join("."), message, ...(line !== undefined && { line }) });
  };
  refusePlainSecrets(content, fault);
  const filled = fillIn(content, [], reference, fault);
  const checked = declarationShape.safeParse(filled);
  if (!checked.success)
    for (const issue of checked.error.issues) {
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

/** The line where a parser stopped, where it says so. */
function syntaxFault(error: unknown): FileFault {
  const {
    message = "it cannot be read",
    line,
    position,
  } = error as {
    message?: string;
    line?: number;
    position?: { line?: number };
  };
  const at = position?.line ?? line;
  return {
    path: "",
    message: message.split("\n")[0]!,
    ...(typeof at === "number" && at > 0 && { line: at }),
  };
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
    keys: declaration.keys.map(({ name }) => name),
  };
  for (const [list, names] of Object.entries(lists))
    for (const [index, name] of names.entries())
      if (names.indexOf(name) < index) fault([list, index], "another one above has the same name");
}
