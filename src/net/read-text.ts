import { TargetFailure } from "../core/errors.ts";

/**
 * Reads a body as text, at most `limitBytes` of it. Beyond that an error's body is cut off and an answer throws
 * `TargetFailure` (`malformed`); a body that breaks off throws `unreachable`, or `cancelled` when `signal` did it.
 */
export async function readText(
  response: Response,
  limitBytes: number,
  signal: AbortSignal,
  close: () => void,
): Promise<string> {
  try {
    if (isKnownShort(response.headers, limitBytes)) return await response.text();
    return await readLimited(response, limitBytes, close);
  } catch (error) {
    if (error instanceof TargetFailure) throw error;
    if (signal.aborted) throw new TargetFailure("cancelled", "The call was given up while it was answered.");
    throw new TargetFailure("unreachable", "The provider's answer broke off.", { cause: error });
  }
}

function isKnownShort(headers: Headers, limitBytes: number): boolean {
  const length = headers.get("content-length");
  return length !== null && Number(length) <= limitBytes && !headers.has("content-encoding");
}

async function readLimited(response: Response, limitBytes: number, close: () => void): Promise<string> {
  if (!response.body) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body as ReadableStream<Uint8Array>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size <= limitBytes) continue;
    close();
    if (response.status >= 400) break;
    throw new TargetFailure("malformed", `The provider's answer is larger than ${limitBytes} bytes.`);
  }
  return new TextDecoder().decode(Buffer.concat(chunks, Math.min(size, limitBytes)));
}
