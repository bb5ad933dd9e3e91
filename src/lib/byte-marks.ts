/**
 * Looks for any of several texts in bytes. Made once and kept: a search for a text would turn it into bytes each
 * time, which costs more than the search.
 */
export function byteMarks(...texts: string[]): (bytes: Uint8Array) => boolean {
  const marks = texts.map((text) => Buffer.from(text));
  return (bytes) => {
    for (const mark of marks) if (includes.call(bytes, mark)) return true;
    return false;
  };
}

/** Called on whatever bytes come: to make them a `Buffer` first would cost more than the search. */
const includes: (this: Uint8Array, mark: Buffer) => boolean = Buffer.prototype.includes;
