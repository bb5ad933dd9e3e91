import type { Mask } from "../lib/mask.ts";

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
