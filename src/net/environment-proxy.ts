import { isIP } from "node:net";
import type { Config } from "../core/config.ts";
import { bareName, classifyAddress, isLocalhostName } from "./address-rules.ts";
import { portOf } from "./base-url.ts";

/**
 * The proxy that the environment's variables name for a URL; undefined when the call goes out directly. Calls to
 * this machine never take it, for a proxy elsewhere could not reach us.
 */
export function environmentProxy(proxy: Config["proxy"], url: URL): string | undefined {
  const chosen = (url.protocol === "https:" ? proxy.https : proxy.http) ?? proxy.all;
  if (chosen === undefined || isThisMachine(url)) return undefined;
  if (isExempt(proxy.no, url)) return undefined;
  return chosen.includes("://") ? chosen : `http://${chosen}`;
}

function isThisMachine(url: URL): boolean {
  const host = bareName(url.hostname);
  return isLocalhostName(host) || (isIP(host) !== 0 && classifyAddress(host).kind === "loopback");
}

/** `NO_PROXY`: names with their subdomains, addresses, IPv4 networks, each perhaps with a port; `*` is everything. */
function isExempt(list: string | undefined, url: URL): boolean {
  const host = bareName(url.hostname);
  return (list ?? "")
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => matches(entry.toLowerCase(), host, portOf(url)));
}

function matches(entry: string, host: string, port: number): boolean {
  if (entry === "*") return true;
  if (entry.includes("/")) return isInNetwork(entry, host);
  const withPort = /^(\[[^\]]+\]|[^:]+):(\d+)$/.exec(entry);
  if (withPort && Number(withPort[2]) !== port) return false;
  const name = bareName(withPort?.[1] ?? entry).replace(/^\*?\./, "");
  return host === name || (isIP(host) === 0 && host.endsWith(`.${name}`));
}

function isInNetwork(entry: string, host: string): boolean {
  const [network = "", bits = ""] = entry.split("/");
  if (isIP(network) !== 4 || isIP(host) !== 4 || !/^\d{1,2}$/.test(bits)) return false;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(numberOf(network) / size) === Math.floor(numberOf(host) / size);
}

const numberOf = (address: string): number =>
  address.split(".").reduce((number, byte) => number * 256 + Number(byte), 0);
