import { isIP } from "node:net";

/** IPv4 addresses mapped into IPv6, in digits or in hex, are the same address. */
export function plainAddress(address: string): string {
  const hex = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address);
  if (!hex) return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
  return hex
    .slice(1)
    .map((group) => Number.parseInt(group, 16))
    .flatMap((group) => [group >> 8, group & 0xff])
    .join(".");
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

/** Is this an address, or an address with a number of bits (`10.0.0.0/8`, `fd00::/8`)? */
export function isNetwork(text: string): boolean {
  const [base = "", ...rest] = text.trim().split("/");
  const version = isIP(base);
  if (version === 0 || base.includes("%") || rest.length > 1) return false;
  const [bits] = rest;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}
