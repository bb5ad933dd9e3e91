import { isIP } from "node:net";
import { Lru } from "../lib/lru.ts";
import { type AddressPolicy, bareName, whyNotAddress } from "./address-rules.ts";
import { portOf } from "./base-url.ts";

const ORIGINS_REMEMBERED = 1000;

/**
 * Typed-in URLs that name an address instead of a host: there is nothing to resolve, and an address that was found good
 * stays good, so each is judged once.
 */
export class KnownAddresses {
  readonly #good = new Lru<string, true>(ORIGINS_REMEMBERED);

  /** May this URL be dialled as it stands? False as well for all that takes a closer look. */
  isGood(url: string, policy: AddressPolicy): boolean {
    // The own port is known only once the server listens.
    const origin = `${policy.ownPort ?? ""} ${policy.allowPrivate} ${originOf(url)}`;
    if (this.#good.get(origin)) return true;
    if (!isGoodAddress(new URL(url), policy)) return false;
    this.#good.set(origin, true);
    return true;
  }
}

function isGoodAddress(url: URL, policy: AddressPolicy): boolean {
  const host = bareName(url.hostname);
  const port = portOf(url);
  return isIP(host) !== 0 && port !== policy.ownPort && whyNotAddress(host, port, policy) === undefined;
}

/** Everything before the path, as it is written; the whole of a URL that is written oddly. */
function originOf(url: string): string {
  return /^https?:\/\/[^/\\?#]+(?=\/)/.exec(url)?.[0] ?? url;
}
