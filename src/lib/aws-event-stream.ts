import type { SseEvent } from "./sse.ts";

/** The bytes are no event stream: a length or a checksum does not hold. */
export class AwsStreamBroken extends Error {}

const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;
const EMPTY = Buffer.alloc(0);

/**
 * Splits `application/vnd.amazon.eventstream` into events: the event's type, and its payload as text. What the
 * service tells of an error comes as an event `exception` or `error` whose data begins with the error's name and a
 * line end. https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html
 */
export class AwsEventSplitter {
  #rest: Buffer = EMPTY;

  constructor(readonly limit: number = 8 * 1024 * 1024) {}

  /** Throws `AwsStreamBroken`. */
  push(chunk: Uint8Array): SseEvent[] {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const events: SseEvent[] = [];
    for (;;) {
      const length = this.#frameLength();
      if (length === undefined || this.#rest.length < length) return events;
      events.push(readFrame(this.#rest.subarray(0, length)));
      this.#rest = this.#rest.subarray(length);
    }
  }

  /** Throws `AwsStreamBroken` when a frame was cut off. */
  end(): SseEvent[] {
    if (this.#rest.length > 0) throw new AwsStreamBroken("The event stream was cut off inside a frame.");
    return [];
  }

  #frameLength(): number | undefined {
    if (this.#rest.length < PRELUDE_BYTES) return undefined;
    const length = this.#rest.readUInt32BE(0);
    if (this.#rest.readUInt32BE(8) !== crc32(this.#rest.subarray(0, 8)))
      throw new AwsStreamBroken("The event stream has a wrong checksum.");
    if (length < PRELUDE_BYTES + CHECKSUM_BYTES || length > this.limit)
      throw new AwsStreamBroken(`The event stream has a frame of ${length} bytes.`);
    return length;
  }
}

function readFrame(frame: Buffer): SseEvent {
  const end = frame.length - CHECKSUM_BYTES;
  if (frame.readUInt32BE(end) !== crc32(frame.subarray(0, end)))
    throw new AwsStreamBroken("The event stream has a wrong checksum.");
  const headersEnd = PRELUDE_BYTES + frame.readUInt32BE(4);
  const headers = readHeaders(frame.subarray(PRELUDE_BYTES, headersEnd));
  const data = frame.toString("utf8", headersEnd, end);
  switch (headers.get(":message-type")) {
    case "exception":
      return { event: "exception", data: `${headers.get(":exception-type") ?? ""}\n${data}` };
    case "error":
      return {
        event: "error",
        data: `${headers.get(":error-code") ?? ""}\n${headers.get(":error-message") ?? data}`,
      };
    default:
      return { event: headers.get(":event-type") ?? "", data };
  }
}

/** Bytes of the values that have a fixed length, by type; texts and byte strings say theirs. */
const FIXED = [0, 0, 1, 2, 4, 8, undefined, undefined, 8, 16];
const TEXT = 7;

/** The headers that are texts; others have no meaning here. */
function readHeaders(bytes: Buffer): Map<string, string> {
  const headers = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    const nameEnd = at + 1 + bytes.readUInt8(at);
    const name = bytes.toString("utf8", at + 1, nameEnd);
    const type = bytes.readUInt8(nameEnd);
    const fixed = FIXED[type];
    const start = nameEnd + (fixed === undefined ? 3 : 1);
    const length = fixed ?? bytes.readUInt16BE(nameEnd + 1);
    if (type === TEXT) headers.set(name, bytes.toString("utf8", start, start + length));
    at = start + length;
  }
  return headers;
}

const crc32 = (bytes: Buffer): number => Bun.hash.crc32(bytes);

/** Writes one frame, as a server does. For tests and mocks of such servers. */
export function awsFrame(headers: Readonly<{ [name: string]: string }>, payload: string): Buffer {
  const written = Buffer.concat(
    Object.entries(headers).map(([name, value]) => {
      const text = Buffer.from(value);
      const head = Buffer.alloc(name.length + 4);
      head.writeUInt8(name.length, 0);
      head.write(name, 1);
      head.writeUInt8(TEXT, name.length + 1);
      head.writeUInt16BE(text.length, name.length + 2);
      return Buffer.concat([head, text]);
    }),
  );
  const body = Buffer.from(payload);
  const frame = Buffer.alloc(PRELUDE_BYTES + written.length + body.length + CHECKSUM_BYTES);
  frame.writeUInt32BE(frame.length, 0);
  frame.writeUInt32BE(written.length, 4);
  frame.writeUInt32BE(crc32(frame.subarray(0, 8)), 8);
  written.copy(frame, PRELUDE_BYTES);
  body.copy(frame, PRELUDE_BYTES + written.length);
  frame.writeUInt32BE(crc32(frame.subarray(0, frame.length - CHECKSUM_BYTES)), frame.length - CHECKSUM_BYTES);
  return frame;
}
