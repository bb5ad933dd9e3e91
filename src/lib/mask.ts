import { isUtf8 } from "node:buffer";
import { maskCredentials } from "./log.ts";
import { boundaryOf } from "./multipart.ts";

const STAR = 0x2a;
const SHORTEST_SECRET = 6;

/** Puts stars over what must not be kept: the same number of bytes, so that nothing moves. */
export class Mask {
  readonly #secrets: Buffer[];

  /** `secrets`: known values; each is also looked for as it stands in JSON, in addresses and in base64. */
  constructor(secrets: Iterable<string>) {
    const spelled = [...secrets]
      .filter((secret) => secret.length >= SHORTEST_SECRET)
      .flatMap((secret) => [
        secret,
        JSON.stringify(secret).slice(1, -1),
        encodeURIComponent(secret),
        Buffer.from(secret).toString("base64").replace(/=+$/, ""),
      ]);
    this.#secrets = [...new Set(spelled)]
      .toSorted((left, right) => right.length - left.length)
      .map((secret) => Buffer.from(secret));
  }

  /**
   * Known secrets everywhere, and in text whatever looks like a credential. `type`: the body's content type; the parts
   * of a form are looked at one by one.
   */
  bytes(bytes: Uint8Array, type = ""): Buffer {
    const masked = Buffer.from(bytes);
    for (const _pass of this.passes(masked, type));
    return masked;
  }

  /** The same in place, in steps between which others may have their turn. */
  *passes(masked: Buffer, type = ""): Generator<void> {
    for (const secret of this.#secrets) {
      for (let at = masked.indexOf(secret); at >= 0; at = masked.indexOf(secret, at + secret.length))
        masked.fill(STAR, at, at + secret.length);
      yield;
    }
    const boundary = boundaryOf(type);
    if (boundary === undefined) maskText(masked, type);
    else for (const part of partsOf(masked, boundary)) maskText(part, typeOfPart(part));
  }

  text(text: string): string {
    return this.bytes(Buffer.from(text)).toString();
  }

  /** The same with every text in it masked. */
  value<T>(value: T): T {
    if (typeof value === "string") return this.text(value) as T;
    if (Array.isArray(value)) return value.map((item: unknown) => this.value(item)) as T;
    if (typeof value !== "object" || value === null) return value;
    const fields = Object.entries(value).map(([name, inner]) => [name, this.value<unknown>(inner)]);
    return Object.fromEntries(fields) as T;
  }
}

/** Sound and pictures stay as they are: what looks like a credential in them is chance. */
function maskText(bytes: Buffer, type: string): void {
  if (/^(?:audio|image|video)\/|^application\/octet-stream/i.test(type) && !isUtf8(bytes)) return;
  // One character for each byte, whatever the bytes mean: what looks like a credential is plain ASCII.
  const text = bytes.toString("latin1");
  const masked = maskCredentials(text);
  if (masked !== text) bytes.write(masked, "latin1");
}

/** The parts of a form, as views on its bytes; each holds its own head. */
function* partsOf(bytes: Buffer, boundary: string): Generator<Buffer> {
  const mark = Buffer.from(`--${boundary}`);
  let start = 0;
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + mark.length)) {
    yield bytes.subarray(start, at);
    start = at + mark.length;
  }
  yield bytes.subarray(start);
}

const LONGEST_HEAD = 4096;

function typeOfPart(part: Buffer): string {
  const head = part.subarray(0, LONGEST_HEAD).toString("latin1").split("\r\n\r\n", 1)[0]!;
  return /^content-type:\s*(\S+)/im.exec(head)?.[1] ?? "";
}
