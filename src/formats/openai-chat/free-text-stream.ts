import { FREE_TEXT_FIELD, unwrapFreeText } from "../../core/free-text.ts";
import { tryParseJson } from "../../lib/json.ts";

const OPENING = new RegExp(`^\\s*\\{\\s*"${FREE_TEXT_FIELD}"\\s*:\\s*"`);

/**
 * Unwraps `{"input":"…"}` while it streams, so that a client sees the text grow. Arguments that turn out to have
 * another shape are held until their end.
 */
export class FreeTextStream {
  #seen = "";
  #at = 0;
  #state: "start" | "inside" | "done" = "start";

  /** Takes a piece of the arguments and gives the text it completes. */
  push(delta: string): string {
    if (this.#state === "done") return "";
    this.#seen += delta;
    if (this.#state === "start") {
      const opening = OPENING.exec(this.#seen);
      if (!opening) return "";
      this.#at = opening[0].length;
      this.#state = "inside";
    }
    return this.#inside();
  }

  /** The arguments are over: gives what is left. */
  end(): string {
    return this.#state === "start" ? unwrapFreeText(this.#seen) : "";
  }

  /** Gives what has come of the string, up to an escape that is not complete yet. */
  #inside(): string {
    let end = this.#at;
    while (end < this.#seen.length && this.#seen[end] !== '"') {
      const length = this.#seen[end] !== "\\" ? 1 : this.#seen[end + 1] === "u" ? 6 : 2;
      if (end + length > this.#seen.length) break;
      end += length;
    }
    if (this.#seen[end] === '"') this.#state = "done";
    const raw = this.#seen.slice(this.#at, end);
    this.#at = end;
    return decodeString(raw);
  }
}

/** Decodes the inside of a JSON string. Line breaks that a model forgot to escape are taken as they are. */
function decodeString(raw: string): string {
  if (!raw.includes("\\")) return raw;
  const escaped = raw.replace(/[\n\r\t]/g, (char) => JSON.stringify(char).slice(1, -1));
  const value = tryParseJson(`"${escaped}"`);
  return typeof value === "string" ? value : raw;
}
