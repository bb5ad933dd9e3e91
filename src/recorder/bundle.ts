import { badRequest } from "../core/errors.ts";
import { isObject } from "../lib/json.ts";
import { type Recording, recordingShape } from "./recording.ts";

/** A bundle is read whole into memory. */
export const LARGEST_BUNDLE_BYTES = 128 * 1024 * 1024;

const VERSION = 2;

/** A recording as a file's text: the same recording always gives the same bytes. */
export function writeBundle(recording: Recording): string {
  return `${JSON.stringify(sorted(recording), null, 1)}\n`;
}

/** Reads a bundle. Throws `bad_request` for what is none, or of a later release's making. */
export function readBundle(text: string): Recording {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw badRequest("This file is no bundle: it is not JSON.");
  }
  if (!isObject(parsed) || parsed["format"] !== "omniroute-recording")
    throw badRequest("This file is no bundle of OmniRoute.");
  if (parsed["version"] !== VERSION) {
    const which = Number(parsed["version"]) > VERSION ? "a later" : "an earlier";
    throw badRequest(`This bundle was made by ${which} release, which plays it.`);
  }
  const checked = recordingShape.safeParse(parsed);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw badRequest(`This bundle is damaged: ${issue?.path.join(".")}: ${issue?.message}`);
}

/** Fields in the order of their names, at every level. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const fields = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(fields.map(([name, inner]) => [name, sorted(inner)]));
}
