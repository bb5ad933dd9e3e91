import { maskCredentials } from "../lib/log.ts";

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

/** Headers whose values say nothing of anybody; the values of others are not kept. */
const HARMLESS =
  /^(?:accept|accept-language|content-type|content-length|user-agent|anthropic-(?:version|beta|ratelimit-.*)|openai-(?:beta|version|processing-ms)|x-ratelimit-.*|retry-after(?:-ms)?|request-id|x-request-id|x-stainless-.*|x-omniroute-(?!connection).*|x-goog-api-client|date|server|cf-ray)$/;
const HIDDEN = "[not kept]";

export function harmlessHeaders(headers: Iterable<[string, string]>, mask: Mask): { [name: string]: string } {
  const kept = [...headers].map(([name, value]): [string, string] => [
    name.toLowerCase(),
    HARMLESS.test(name.toLowerCase()) ? mask.text(value) : HIDDEN,
  ]);
  return Object.fromEntries(kept.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

/** What stands in those headers, without the word before a token. */
export function secretsIn(headers: Iterable<[string, string]>): string[] {
  return [...headers]
    .filter(
      ([name]) => !HARMLESS.test(name.toLowerCase()) && !/^(?:host|connection|accept-encoding)$/i.test(name),
    )
    .map(([, value]) => value.replace(/^(?:Bearer|Basic|Token)\s+/i, ""));
}

/** An address without user and password, and with harmless query values only. */
export function harmlessUrl(address: string, mask: Mask): string {
  if (!URL.canParse(address)) return "";
  const url = new URL(address);
  url.username = "";
  url.password = "";
  for (const name of [...url.searchParams.keys()]) if (name !== "alt") url.searchParams.set(name, HIDDEN);
  return mask.text(url.href);
}
