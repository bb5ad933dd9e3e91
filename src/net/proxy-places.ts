import { TargetFailure } from "../core/errors.ts";
import type { Clock } from "../lib/clock.ts";
import { Lru } from "../lib/lru.ts";
import type { AddressPolicy } from "./address-rules.ts";
import type { Proxy } from "./proxied-outbound.ts";
import { checkedAddresses, type Resolve } from "./resolve-checked.ts";

type Found = { address: string; until: number };

const PLACES_REMEMBERED = 1000;
const GOOD_FOR_MS = 60_000;

/** Where proxies are dialled: at an address that was checked, so that no proxy leads to what is never called. */
export class ProxyPlaces {
  readonly #found = new Lru<string, Found>(PLACES_REMEMBERED);

  constructor(
    readonly deps: {
      clock: Clock;
      resolve: Resolve;
      /** This gateway's own port, once it is known. */
      ownPort(): number | undefined;
    },
  ) {}

  /**
   * The proxy with the address to dial in place of its name; one that speaks TLS keeps the name, which its certificate
   * must bear. Throws `TargetFailure` (`unreachable`) for places that are never called and names that nobody knows.
   */
  async checked(proxy: Proxy): Promise<Proxy> {
    const { clock } = this.deps;
    const policy = this.#policy();
    const name = `${proxy.host} ${proxy.port} ${policy.ownPort}`;
    const known = this.#found.get(name);
    const found =
      known && known.until > clock.monotonic()
        ? known
        : { address: await this.#look(proxy, policy), until: clock.monotonic() + GOOD_FOR_MS };
    this.#found.set(name, found);
    return proxy.type === "https" ? proxy : { ...proxy, host: found.address };
  }

  async #look({ host, port }: Proxy, policy: AddressPolicy): Promise<string> {
    const url = new URL(`http://${host.includes(":") ? `[${host}]` : host}:${port}`);
    const [address] = await checkedAddresses(url, policy, this.deps.resolve);
    if (address === undefined)
      throw new TargetFailure("unreachable", `The name of the proxy ${host} could not be resolved.`);
    return address;
  }

  /** Proxies of one's own machine and network are what many people use. */
  #policy(): AddressPolicy {
    const ownPort = this.deps.ownPort();
    return { allowPrivate: true, ...(ownPort !== undefined && { ownPort }) };
  }
}
