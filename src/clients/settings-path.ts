import { isObject, type JsonObject } from "../lib/json.ts";

/** A way into a settings file: names of fields, and entries of lists by what one of their fields says. */
export type SettingsPath = readonly (string | ListEntry)[];
export type ListEntry = { readonly field: string; readonly is: string };

/** A way with places of lists as numbers; -1 for an entry that is not there yet. */
export type Location = readonly (string | number)[];

/** Where a way leads to in a file that holds `content`. */
export function locate(content: unknown, path: SettingsPath): Location {
  const location: (string | number)[] = [];
  let here = content;
  for (const step of path) {
    const place = typeof step === "string" ? step : placeOf(here, step);
    location.push(place);
    here = childOf(here, place);
  }
  return location;
}

/** What stands there; undefined for nothing. */
export function valueAt(content: unknown, path: SettingsPath): unknown {
  let here = content;
  for (const place of locate(content, path)) here = childOf(here, place);
  return here;
}

/** The content with another value there, or, for undefined, with nothing there. The content itself stays as it is. */
export function withValue(content: unknown, location: Location, value: unknown): unknown {
  const [place, ...rest] = location;
  if (place === undefined) return value;
  if (typeof place === "number") {
    const list = Array.isArray(content) ? content : [];
    if (place < 0)
      return value === undefined && rest.length === 0 ? list : [...list, withValue({}, rest, value)];
    if (value === undefined && rest.length === 0) return list.toSpliced(place, 1);
    return list.with(place, withValue(list[place], rest, value));
  }
  const { [place]: old, ...others } = isObject(content) ? content : ({} as JsonObject);
  if (value === undefined && rest.length === 0) return others;
  if (!isObject(content)) return { [place]: withValue(old, rest, value) };
  return { ...content, [place]: withValue(old, rest, value) };
}

function placeOf(list: unknown, { field, is }: ListEntry): number {
  return Array.isArray(list) ? list.findIndex((entry) => isObject(entry) && entry[field] === is) : -1;
}

function childOf(content: unknown, place: string | number): unknown {
  if (typeof place === "number") return Array.isArray(content) ? (content[place] as unknown) : undefined;
  return isObject(content) && Object.hasOwn(content, place) ? content[place] : undefined;
}
