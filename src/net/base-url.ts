import { isIP } from "node:net";
import { badRequest } from "../core/errors.ts";
import { type AddressPolicy, bareName, isLocalhostName, whyNotAddress, whyNotName } from "./address-rules.ts";

/**
 * Reads a base URL that a person typed in. Gives it as a `URL`; throws `GatewayError` (`bad_request`, field
 * `baseUrl`) with a sentence that says what to change. Names are not resolved here: that happens at dial time.
 */
export function checkBaseUrl(text: string, policy: AddressPolicy = { allowPrivate: true }): URL {
  const trimmed = text.trim();
  if (trimmed === "") throw refused("Enter the base URL, for example https://api.example.com/v1.");
  if (trimmed.length > 2000) throw refused("The base URL is longer than 2000 characters.");
  // The URL parser drops or bends these silently; what is dialled should be what stands there.
  // oxlint-disable-next-line no-control-regex -- exactly these are refused
  if (/[\u0000-\u0020\u007f\\]/.test(trimmed))
    throw refused("The base URL must not hold spaces, backslashes or control characters.");
  if (!/^https?:\/\/[^/]/i.test(trimmed))
    throw refused("The base URL must begin with https:// or http:// and a host.");
  const url = URL.parse(trimmed);
  if (!url) throw refused("The base URL is not a valid address.");
  if (url.username !== "" || url.password !== "" || /^https?:\/\/[^/?#]*@/i.test(trimmed))
    throw refused("The base URL must not hold a user name or password: put the key into the key field.");
  if (url.search !== "" || url.hash !== "" || /[?#]/.test(trimmed))
    throw refused("The base URL must not hold a query (?) or fragment (#).");
  if (url.port === "0") throw refused("Port 0 cannot be called.");
  const why = whyNotHost(url, policy);
  if (why !== undefined) throw refused(`This base URL cannot be used: ${why}.`);
  return url;
}

/** The port a URL is dialled on. */
export function portOf(url: URL): number {
  if (url.port !== "") return Number(url.port);
  return url.protocol === "https:" ? 443 : 80;
}

function whyNotHost(url: URL, policy: AddressPolicy): string | undefined {
  const host = bareName(url.hostname);
  if (isIP(host) !== 0) return whyNotAddress(host, portOf(url), policy);
  if (isLocalhostName(host)) return whyNotAddress("127.0.0.1", portOf(url), policy);
  return whyNotName(host);
}

const refused = (message: string) => badRequest(message, "baseUrl");
