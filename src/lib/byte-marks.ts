/**
 * Looks for any of several texts in bytes. Made once and kept: a search for a text would turn it into bytes each
 * time, which costs more than the search.
 */
export function byteMarks(...texts: string[]): (bytes: Buffer) => boolean {
  const marks = texts.map((text) => Buffer.from(text));
  return (bytes) => marks.some((mark) => bytes.includes(mark));
}
