import { maskCredentials } from "./log.ts";

const STAR = 0x2a;
const SHORTEST_SECRET = 6;

/** Puts stars over what must not be kept: the same number of bytes, so that nothing moves. */
export class Mask {
  readonly #secrets: Buffer[];

  /** `secrets`: known values; each is also looked for as it stands in JSON and in addresses. */
  constructor(secrets: Iterable<string>) {
    const spelled = [...secrets]
      .filter((secret) => secret.length >= SHORTEST_SECRET)
      .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]);
    this.#secrets = [...new Set(spelled)]
      .toSorted((left, right) => right.length - left.length)
      .map((secret) => Buffer.from(secret));
  }

  /** Known secrets, and whatever looks like a credential. */
  bytes(bytes: Uint8Array): Buffer {
    const masked = Buffer.from(bytes);
    for (const secret of this.#secrets) {
      for (let at = masked.indexOf(secret); at >= 0; at = masked.indexOf(secret, at + secret.length))
        masked.fill(STAR, at, at + secret.length);
    }
    // One character for each byte, whatever the bytes mean: what looks like a credential is plain ASCII.
    return Buffer.from(maskCredentials(masked.toString("latin1")), "latin1");
  }

  text(text: string): string {
    return this.bytes(Buffer.from(text)).toString();
  }
}
