/** A step of a multipart body as it arrives. Every `part` is followed by its `data` and one `part-end`. */
export type MultipartEvent =
  | { type: "part"; name: string; fileName: string | undefined; mediaType: string | undefined }
  | { type: "data"; bytes: Uint8Array }
  | { type: "part-end" };

/** The body is no multipart form, or one that no client writes. The message is for the person who sent it. */
export class MultipartError extends Error {}

const MAX_HEADER_BYTES = 16 * 1024;
const MAX_PARTS = 200;
const EMPTY = Buffer.alloc(0);
const LINE_END = Buffer.from("\r\n");
const HEAD_END = Buffer.from("\r\n\r\n");

/** The boundary of a `multipart/form-data` content type; undefined for any other type. */
export function boundaryOf(contentType: string | null): string | undefined {
  if (contentType === null || !/^\s*multipart\/form-data\s*;/i.test(contentType)) return undefined;
  const match = /;\s*boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType);
  return match?.[1] ?? match?.[2];
}

/** Reads a multipart form piece by piece, however it is cut. Keeps back no more than a boundary's length of data. */
export class MultipartReader {
  readonly #delimiter: Buffer;
  #rest: Buffer = LINE_END;
  #state: "between" | "head" | "data" | "over" = "data";
  #inPart = false;
  #parts = 0;

  constructor(boundary: string) {
    // The first boundary may open the body without a line end before it; ours is put there to make all alike.
    this.#delimiter = Buffer.from(`\r\n--${boundary}`);
  }

  /** Has the closing boundary come? */
  get isOver(): boolean {
    return this.#state === "over";
  }

  /** Throws `MultipartError`. */
  push(bytes: Uint8Array): MultipartEvent[] {
    const events: MultipartEvent[] = [];
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (this.#step(events));
    return events;
  }

  /** The body has ended. Throws `MultipartError` when it was cut off. */
  end(): void {
    if (!this.isOver) throw new MultipartError("The form ended before its closing boundary.");
  }

  #step(events: MultipartEvent[]): boolean {
    switch (this.#state) {
      case "data":
        return this.#data(events);
      case "between":
        return this.#between();
      case "head":
        return this.#head(events);
      case "over":
        this.#rest = EMPTY;
        return false;
    }
  }

  #data(events: MultipartEvent[]): boolean {
    const at = this.#rest.indexOf(this.#delimiter);
    const end = at >= 0 ? at : Math.max(0, this.#rest.length - this.#delimiter.length + 1);
    if (end > 0 && this.#inPart) events.push({ type: "data", bytes: this.#rest.subarray(0, end) });
    if (at < 0) {
      this.#rest = this.#rest.subarray(end);
      return false;
    }
    this.#rest = this.#rest.subarray(at + this.#delimiter.length);
    if (this.#inPart) events.push({ type: "part-end" });
    this.#inPart = false;
    this.#state = "between";
    return true;
  }

  /** Behind a boundary stands `--` when it was the last, else the end of its line. */
  #between(): boolean {
    if (this.#rest.length < 2) return false;
    if (this.#rest[0] === 45 && this.#rest[1] === 45) {
      this.#state = "over";
      return true;
    }
    const at = this.#rest.indexOf(LINE_END);
    if (at < 0) return this.#tooLong("A boundary of the form has no end of line.");
    this.#rest = this.#rest.subarray(at);
    this.#state = "head";
    return true;
  }

  #head(events: MultipartEvent[]): boolean {
    const at = this.#rest.indexOf(HEAD_END);
    if (at < 0) return this.#tooLong("The headers of a part of the form are too long.");
    const head = this.#rest.toString("utf8", 0, at);
    this.#rest = this.#rest.subarray(at + HEAD_END.length);
    if (++this.#parts > MAX_PARTS) throw new MultipartError(`The form has more than ${MAX_PARTS} parts.`);
    events.push(readHead(head));
    this.#inPart = true;
    this.#state = "data";
    return true;
  }

  #tooLong(message: string): false {
    if (this.#rest.length > MAX_HEADER_BYTES) throw new MultipartError(message);
    return false;
  }
}

function readHead(head: string): MultipartEvent {
  const headers = new Map(
    head
      .split("\r\n")
      .filter((line) => line.includes(":"))
      .map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const;
      }),
  );
  const disposition = headers.get("content-disposition") ?? "";
  const name = parameter(disposition, "name");
  if (!/^form-data\b/i.test(disposition) || name === undefined)
    throw new MultipartError("A part of the form has no name.");
  return {
    type: "part",
    name,
    fileName: extended(disposition) ?? parameter(disposition, "filename"),
    mediaType: headers.get("content-type"),
  };
}

/** `name="value"` or `name=value`; quotes inside are escaped by a backslash or, by browsers, as `%22`. */
function parameter(disposition: string, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;]+))`, "i").exec(disposition);
  const value = match?.[1]?.replace(/\\(["\\])/g, "$1") ?? match?.[2];
  return value?.replaceAll("%22", '"');
}

/** `filename*=UTF-8''na%C3%AFve.mp3` */
function extended(disposition: string): string | undefined {
  const encoded = /;\s*filename\*=utf-8'[^']*'([^\s;]+)/i.exec(disposition)?.[1];
  if (encoded === undefined) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
