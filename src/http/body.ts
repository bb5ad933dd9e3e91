import { GatewayError } from "../core/errors.ts";

/**
 * Reads a request body of at most `limit` bytes. Refuses before reading where the length is announced; a chunked
 * body is cut off as soon as it grows too large. Throws `GatewayError`: 413, 415 for compressed bodies, 400 when the
 * client stops in the middle.
 */
export async function readBody(request: Request, limit: number): Promise<Uint8Array> {
  const encoding = request.headers.get("content-encoding");
  if (encoding !== null && encoding !== "" && encoding.toLowerCase() !== "identity") {
    throw new GatewayError(
      "unsupported_media_type",
      "Send the body uncompressed: compressed request bodies are not read.",
    );
  }
  const length = request.headers.get("content-length");
  if (length !== null && Number(length) > limit) throw tooLarge(limit);
  try {
    // Asking for `body` makes a stream of it, which is many times the work of taking the bytes as they lie there.
    if (length !== null) return await request.bytes();
    return request.body ? await readCounted(request.body, limit) : new Uint8Array(0);
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    throw new GatewayError("bad_request", "The request body ended before it was complete.", { cause: error });
  }
}

async function readCounted(body: ReadableStream<Uint8Array>, limit: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.byteLength;
    if (size > limit) throw tooLarge(limit);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function tooLarge(limit: number): GatewayError {
  const megabytes = Math.round(limit / 1024 / 1024);
  return new GatewayError("too_large", `The request body is larger than ${megabytes} MB.`);
}
