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

/** Headers of the connection and of browsers: their values are words such as `document`, which bodies hold as well. */
const PLAIN =
  /^(?:host|connection|keep-alive|accept-encoding|cache-control|pragma|priority|dnt|te|transfer-encoding|upgrade-insecure-requests|expect|origin|referer|sec-.*)$/i;

const TELLS = /auth|key|token|secret|cookie|password/i;
const SHORT_WORD = /^[a-z]{1,12}$/i;

/** What stands in those headers, without the word before a token. */
export function secretsIn(headers: Iterable<[string, string]>): string[] {
  return [...headers]
    .filter(([name]) => !HARMLESS.test(name.toLowerCase()) && !PLAIN.test(name))
    .filter(([name, value]) => TELLS.test(name) || !SHORT_WORD.test(value))
    .map(([, value]) => value.replace(/^(?:Bearer|Basic|Token)\s+/i, ""));
}

/** An address without user and password, and with harmless query values only. */
export function harmlessUrl(address: string, mask: Mask): string {
  if (!URL.canParse(address)) return "";
  const url = new URL(address);
  url.username = "";
  url.password = "";
  hideQuery(url.searchParams);
  return mask.text(url.href);
}

/** A path of ours, likewise. */
export function harmlessPath(path: string, search: string, mask: Mask): string {
  const query = new URLSearchParams(search);
  hideQuery(query);
  return mask.text(query.size === 0 ? path : `${path}?${query}`);
}

function hideQuery(query: URLSearchParams): void {
  for (const name of new Set(query.keys())) if (name !== "alt") query.set(name, HIDDEN);
}

/** Values of a query that may name somebody. */
export const secretsInQuery = (search: string): string[] =>
  [...new URLSearchParams(search)].filter(([name]) => name !== "alt").map(([, value]) => value);
