import { isIP } from "node:net";
import { matchesNetwork, plainAddress } from "../lib/networks.ts";

/**
 * The address that throttles and logs go by: the connection's peer, or, behind a trusted proxy, the right-most
 * address of `X-Forwarded-For` that is not itself a trusted proxy. The header of a stranger is ignored.
 */
export function clientAddress(peer: string, headers: Headers, trustedProxies: readonly string[]): string {
  const direct = plainAddress(peer);
  if (!isTrusted(direct, trustedProxies)) return direct;
  const forwarded =
    headers
      .get("x-forwarded-for")
      ?.split(",")
      .map((entry) => plainAddress(withoutPort(entry.trim()))) ?? [];
  for (const address of forwarded.toReversed()) {
    if (isIP(address) === 0) break;
    if (!isTrusted(address, trustedProxies)) return address;
  }
  return direct;
}

/** Some proxies write the port as well: `203.0.113.7:4711`, `[2001:db8::7]:4711`. */
function withoutPort(entry: string): string {
  const bare = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(entry) ?? /^([\d.]+):\d{1,5}$/.exec(entry);
  return bare?.[1] ?? entry;
}

/** What proxies write into the calls they pass on, each its own. */
const MARKS_OF_PROXIES = [
  "x-forwarded-for",
  "forwarded",
  "x-real-ip",
  "x-forwarded-host",
  "x-forwarded-proto",
  "via",
  "cf-connecting-ip",
];

/** Does a call show that it came over a proxy? Then a peer on loopback says nothing of where it began. */
export function isPassedOn(headers: Headers): boolean {
  return MARKS_OF_PROXIES.some((name) => headers.has(name));
}

/** Is this an address only the machine itself has? */
export function isLoopbackAddress(address: string): boolean {
  const plain = plainAddress(address);
  return plain === "::1" || plain.startsWith("127.");
}

function isTrusted(address: string, trusted: readonly string[]): boolean {
  return trusted.some((rule) => matchesNetwork(address, rule));
}
