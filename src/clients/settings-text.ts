import { GatewayError } from "../core/errors.ts";
import { isObject } from "../lib/json.ts";
import type { Entry, Place, SettingsFile } from "./client-tool.ts";
import { SETTINGS_FORMATS } from "./formats/index.ts";
import type { SettingsFormat } from "./formats/settings-format.ts";
import { locate, type SettingsPath, valueAt, withValue } from "./settings-path.ts";

/** The content of a settings file's text. Throws 409 with the place of the fault for text that is not understood. */
export function contentOf(file: SettingsFile, text: string): unknown {
  try {
    return formatOf(file).read(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    const why = error instanceof Error ? error.message : "it is not understood";
    throw conflict(`The file ~/${file.paths[0]} is broken (${why}). Mend it, or put the lines in by hand.`);
  }
}

/** The text with our settings in it; everything else stays. Throws 409 where that cannot be promised. */
export function withEntries(file: SettingsFile, text: string | undefined, place: Place): string {
  const entries = file.entries(place);
  if (text === undefined || text.trim() === "") return formatOf(file).write(freshContent(entries));
  return entries.reduce((changed, { path, value, ifMissing }) => {
    const kept = ifMissing && valueAt(contentOf(file, changed), path) !== undefined;
    return kept ? changed : changedText(file, changed, path, value);
  }, text);
}

/** What a new file would hold: the lines to copy by hand. */
export function snippetOf(file: SettingsFile, place: Place): string {
  return formatOf(file)
    .write(freshContent(file.entries(place)))
    .trimEnd();
}

/** A file before and after we wrote it; undefined where there was none. */
export type Written = { before: string | undefined; after: string | undefined };

/**
 * The text without our settings: what stood in their place comes back. What its owner has changed since stays, also
 * where it was ours. Undefined when nothing is left of a file that we made.
 */
export function withoutEntries(file: SettingsFile, text: string, written: Written): string | undefined {
  const before = written.before === undefined ? {} : contentOf(file, written.before);
  const after = written.after === undefined ? {} : contentOf(file, written.after);
  const paths = file.entries({ base: "", key: "", model: "" }).map(({ path }) => path);
  let left = text;
  for (const path of paths.toReversed()) {
    const now = valueAt(contentOf(file, left), path);
    const isOurs = typeof now === "object" || Bun.deepEquals(now, valueAt(after, path));
    if (now === undefined || !isOurs) continue;
    left = changedText(file, left, path, valueAt(before, path));
    left = withoutHusks(file, left, path, before);
  }
  const isEmpty = Object.keys(contentOf(file, left) as object).length === 0;
  return isEmpty && written.before === undefined ? undefined : left;
}

/** Takes away what held nothing but our setting and was not there before. */
function withoutHusks(file: SettingsFile, text: string, path: SettingsPath, before: unknown): string {
  let left = text;
  for (let depth = path.length - 1; depth > 0; depth--) {
    const above = path.slice(0, depth);
    const now = valueAt(contentOf(file, left), above);
    const isEmpty = typeof now === "object" && now !== null && Object.keys(now).length === 0;
    if (!isEmpty || valueAt(before, above) !== undefined) break;
    left = changedText(file, left, above, undefined);
  }
  return left;
}

/** Changes one place and reads the result again: what comes out must be what was meant, to the last setting. */
function changedText(file: SettingsFile, text: string, path: SettingsPath, value: unknown): string {
  const content = contentOf(file, text);
  const location = locate(content, path);
  if (Bun.deepEquals(valueAt(content, path), value)) return text;
  const changed = formatOf(file).change(text.replace(/^\uFEFF/, ""), location, value);
  const [wanted, found] = [withValue(content, location, value), contentOf(file, changed)];
  const isRight =
    value === undefined ? Bun.deepEquals(inhabited(found), inhabited(wanted)) : Bun.deepEquals(found, wanted);
  if (isRight) return changed;
  throw conflict(
    `The file ~/${file.paths[0]} is written in a way that cannot be changed safely by a program. Put the lines in by hand.`,
  );
}

/** Without objects that hold nothing: TOML forgets a table with the last thing in it. */
function inhabited(content: unknown): unknown {
  if (!isObject(content)) return content;
  const parts = Object.entries(content).map(([name, value]) => [name, inhabited(value)] as const);
  return Object.fromEntries(parts.filter(([, value]) => !isObject(value) || Object.keys(value).length > 0));
}

const freshContent = (entries: readonly Entry[]): unknown =>
  entries.reduce<unknown>((content, { path, value }) => withValue(content, locate(content, path), value), {});

const formatOf = (file: SettingsFile): SettingsFormat => SETTINGS_FORMATS[file.format];

const conflict = (message: string) => new GatewayError("conflict", message, { param: "settingsFile" });
