/** A body as it lies in memory: text, bytes, or pieces of bytes that follow one another. */
export type StaticBody = string | Uint8Array | readonly Uint8Array[];

/** Larger bodies get memory of their own. */
const MOST_SHARED = 2 * 1024 * 1024;
let shared: Buffer | undefined;

/**
 * Pieces as one, for a call that copies it before anything else runs, as `fetch` does
 * (https://fetch.spec.whatwg.org/#concept-bodyinit-extract). Most bodies are large and differ from the client's in a
 * few bytes: memory of their own for each would keep the garbage collector busier than all the rest of a call.
 */
export function joinedForNow(pieces: readonly Uint8Array[]): Uint8Array {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (length > MOST_SHARED) return Buffer.concat(pieces, length);
  shared ??= Buffer.allocUnsafeSlow(MOST_SHARED);
  let at = 0;
  for (const piece of pieces) {
    shared.set(piece, at);
    at += piece.length;
  }
  return shared.subarray(0, length);
}

/** A body as bytes. */
export function bodyBytes(body: StaticBody): Buffer {
  if (typeof body === "string") return Buffer.from(body);
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return Buffer.concat(body);
}

/** A body as text. */
export const bodyText = (body: StaticBody): string =>
  typeof body === "string" ? body : bodyBytes(body).toString();

/** A copy of a body's first bytes, `most` at most, and how long all of it is. */
export function beginningOf(body: StaticBody, most: number): { bytes: Buffer; size: number } {
  if (typeof body === "string")
    return { bytes: Buffer.from(body.slice(0, most)).subarray(0, most), size: Buffer.byteLength(body) };
  const pieces = body instanceof Uint8Array ? [body] : body;
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return { bytes: Buffer.concat(pieces, Math.min(size, most)), size };
}
