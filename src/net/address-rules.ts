import { isIP } from "node:net";

/** What an installation lets people point base URLs at. */
export type AddressPolicy = {
  /** May loopback and LAN addresses be dialled (`ALLOW_PRIVATE_UPSTREAMS`)? */
  allowPrivate: boolean;
  /** The port this gateway listens on: never dialled on this machine, for a call would come back to us. */
  ownPort?: number;
  /** Addresses of this machine beside loopback. */
  ownAddresses?: readonly string[];
};

type AddressKind = "public" | "private" | "loopback" | "never";
type Verdict = { kind: AddressKind; what: string };

/** Names of cloud metadata services, which hand out the machine's own credentials. */
const METADATA_NAMES = new Set([
  "metadata",
  "metadata.google.internal",
  "metadata.goog",
  "instance-data",
  "instance-data.ec2.internal",
]);

/** Why this address must not be dialled on this port, as a clause; undefined when it may be. */
export function whyNotAddress(address: string, port: number, policy: AddressPolicy): string | undefined {
  const { kind, what } = classifyAddress(address);
  if (kind === "never") return `${address} is ${what}, which is never called`;
  if (port === policy.ownPort && (kind === "loopback" || isOwn(address, policy)))
    return `${address}:${port} is this gateway itself`;
  if (kind !== "public" && !policy.allowPrivate)
    return `${address} is ${what}, and ALLOW_PRIVATE_UPSTREAMS is off`;
  return undefined;
}

/** Why this host name must not be called, whatever it resolves to; undefined when it may be. */
export function whyNotName(name: string): string | undefined {
  return METADATA_NAMES.has(bareName(name))
    ? `${name} is a metadata service, which is never called`
    : undefined;
}

/** A host name in lower case, without brackets and the dot at the end. */
export function bareName(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "");
}

/** Names that mean this machine and need no resolver (RFC 6761). */
export function isLocalhostName(name: string): boolean {
  const bare = bareName(name);
  return bare === "localhost" || bare.endsWith(".localhost");
}

/** Sorts an IP address (as `URL` or a resolver writes it) by where it leads. Unreadable text is never dialled. */
export function classifyAddress(address: string): Verdict {
  const bare = bareName(address).replace(/%.*$/, "");
  const version = isIP(bare);
  if (version === 4) return classifyV4(bare.split(".").map(Number));
  if (version === 6) return classifyV6(groupsOf(bare));
  return { kind: "never", what: "no IP address" };
}

const verdict = (kind: AddressKind, what: string): Verdict => ({ kind, what });
const PUBLIC = verdict("public", "a public address");
const PRIVATE = verdict("private", "an address of a private network");
const LOOPBACK = verdict("loopback", "a loopback address");
const LINK_LOCAL = verdict("never", "a link-local address");
const METADATA = verdict("never", "a metadata service");
const MULTICAST = verdict("never", "a multicast address");
const UNSPECIFIED = verdict("never", "the unspecified address");
const RESERVED = verdict("never", "a reserved address");

/** https://www.iana.org/assignments/iana-ipv4-special-registry */
function classifyV4(bytes: readonly number[]): Verdict {
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  const text = bytes.join(".");
  // Alibaba Cloud and Azure keep theirs outside the link-local range.
  if (text === "100.100.100.200" || text === "168.63.129.16") return METADATA;
  if (a === 0) return UNSPECIFIED;
  if (a === 127) return LOOPBACK;
  if (a === 169 && b === 254) return c === 169 && d === 254 ? METADATA : LINK_LOCAL;
  if (a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168)) return PRIVATE;
  if (a === 100 && b >= 64 && b <= 127) return PRIVATE;
  if (a === 198 && (b === 18 || b === 19)) return PRIVATE;
  if (a === 192 && b === 0 && c === 0) return RESERVED;
  if (a >= 224 && a <= 239) return MULTICAST;
  if (a >= 240) return RESERVED;
  return PUBLIC;
}

/** https://www.iana.org/assignments/iana-ipv6-special-registry; addresses that carry an IPv4 one count as that one. */
function classifyV6(groups: readonly number[]): Verdict {
  const [g0 = 0, g1 = 0, g2 = 0, , g4 = 0, g5 = 0, g6 = 0, g7 = 0] = groups;
  const zeros = (count: number) => groups.slice(0, count).every((group) => group === 0);
  const tail = () => classifyV4([g6 >> 8, g6 & 255, g7 >> 8, g7 & 255]);
  if (zeros(8)) return UNSPECIFIED;
  if (zeros(7) && g7 === 1) return LOOPBACK;
  if (zeros(5) && g5 === 0xffff) return tail(); // mapped
  if (zeros(4) && g4 === 0xffff && g5 === 0) return tail(); // translated (SIIT)
  if (zeros(6)) return tail(); // compatible
  if (g0 === 0x64 && g1 === 0xff9b) return tail(); // NAT64
  if (g0 === 0x2002) return classifyV4([g1 >> 8, g1 & 255, g2 >> 8, g2 & 255]); // 6to4
  if (g0 === 0x2001 && g1 === 0) return RESERVED; // Teredo, whose inner address is scrambled
  if ((g0 & 0xffc0) === 0xfe80) return LINK_LOCAL;
  if ((g0 & 0xff00) === 0xff00) return MULTICAST;
  if (g0 === 0xfd00 && g1 === 0xec2) return METADATA; // AWS
  if ((g0 & 0xfe00) === 0xfc00 || (g0 & 0xffc0) === 0xfec0) return PRIVATE;
  if ((g4 & 0xfdff) === 0 && g5 === 0x5efe) return tail(); // ISATAP
  return PUBLIC;
}

/** The eight groups of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const text = dotted
    ? `${dotted[1]}${hexPair(dotted[2], dotted[3])}:${hexPair(dotted[4], dotted[5])}`
    : address;
  const [head = "", tail] = text.split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const gap = tail === undefined ? 0 : 8 - front.length - back.length;
  return [...front, ...Array<string>(gap).fill("0"), ...back].map((group) => Number.parseInt(group, 16));
}

const hexPair = (high: string | undefined, low: string | undefined): string =>
  (Number(high) * 256 + Number(low)).toString(16);

function isOwn(address: string, policy: AddressPolicy): boolean {
  const own = unmapped(address);
  return (policy.ownAddresses ?? []).some((candidate) => unmapped(candidate) === own);
}

/** One spelling per address, so that spellings can be compared. */
function unmapped(address: string): string {
  const bare = bareName(address).replace(/%.*$/, "");
  if (isIP(bare) !== 6) return bare;
  const groups = groupsOf(bare);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  const [high = 0, low = 0] = groups.slice(6);
  return isMapped ? [high >> 8, high & 255, low >> 8, low & 255].join(".") : groups.join(":");
}
