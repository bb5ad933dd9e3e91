import { isIP } from "node:net";

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
      .map((entry) => plainAddress(entry.trim())) ?? [];
  for (const address of forwarded.toReversed()) {
    if (isIP(address) === 0) break;
    if (!isTrusted(address, trustedProxies)) return address;
  }
  return direct;
}

/** Is this an address only the machine itself has? */
export function isLoopbackAddress(address: string): boolean {
  const plain = plainAddress(address);
  return plain === "::1" || plain.startsWith("127.");
}

/** IPv4 addresses mapped into IPv6 are the same address. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
}

function isTrusted(address: string, trusted: readonly string[]): boolean {
  return trusted.some((rule) => matchesNetwork(address, rule));
}

/** Does an address lie in a network, given as an address or as `address/bits`? */
export function matchesNetwork(address: string, network: string): boolean {
  const [base = "", bits] = network.trim().split("/");
  const version = isIP(base);
  if (version === 0 || isIP(address) !== version) return false;
  const width = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? width : Number(bits);
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > width) return false;
  const shift = BigInt(width - prefix);
  return toNumber(address, version) >> shift === toNumber(base, version) >> shift;
}

function toNumber(address: string, version: number): bigint {
  if (version === 4) return address.split(".").reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n);
  const [head = "", tail = ""] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === "" ? [] : tail.split(":");
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right];
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}
