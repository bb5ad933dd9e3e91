import { badRequest, GatewayError } from "../core/errors.ts";
import { readValue, readValues, saveValue, type Store } from "../store/index.ts";

const NAMESPACE = "translatorSamples";
const MOST_SAMPLES = 200;
const MOST_CHARACTERS = 500_000;
const NAME = /^[\w-]{1,64}(?:\.json)?$/;

/** Names of the kept samples. */
export const listSamples = (store: Store): string[] => Object.keys(readValues(store, NAMESPACE));

/** A kept sample's text. Throws `bad_request` for what is no name, `not_found`. */
export function loadSample(store: Store, file: unknown): string {
  const content = readValue(store, NAMESPACE, checkedName(file));
  if (typeof content === "string") return content;
  throw new GatewayError("not_found", `There is no sample \`${String(file)}\`.`, { param: "file" });
}

/** Keeps a sample under a name, in place of an earlier one. JSON objects are kept as text. Throws `bad_request`. */
export function saveSample(store: Store, file: unknown, content: unknown): void {
  const name = checkedName(file);
  const text = typeof content === "string" ? content : JSON.stringify(content, null, 2);
  if (text === undefined) throw badRequest("`content` is missing.", "content");
  if (text.length > MOST_CHARACTERS)
    throw badRequest(`A sample may have at most ${MOST_CHARACTERS} characters.`, "content");
  const names = listSamples(store);
  if (names.length >= MOST_SAMPLES && !names.includes(name))
    throw badRequest(`There are ${MOST_SAMPLES} samples already: remove one first.`, "file");
  saveValue(store, NAMESPACE, name, text);
}

/** Removes a sample; false when there was none. */
export function removeSample(store: Store, file: unknown): boolean {
  const name = checkedName(file);
  const isThere = readValue(store, NAMESPACE, name) !== undefined;
  if (isThere) saveValue(store, NAMESPACE, name, undefined);
  return isThere;
}

function checkedName(file: unknown): string {
  if (typeof file === "string" && NAME.test(file)) return file;
  throw badRequest("`file` must be 1 to 64 letters, digits, _ or -, with or without `.json`.", "file");
}
