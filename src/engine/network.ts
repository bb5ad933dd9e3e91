import type { Config } from "../core/config.ts";
import type { Settings } from "../core/settings.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { type AddressPolicy, createOutbound, type Outbound, ProxiedOutbound } from "../net/index.ts";
import type { Store } from "../store/index.ts";
import { ExitAddresses } from "./exit-addresses.ts";
import { ProxyBook } from "./proxy-book.ts";

export type NetworkDeps = {
  config: Config;
  clock: Clock;
  store: Store;
  log: Log;
  settings(): Settings;
  prefixesOf(providerId: string): readonly string[];
  /** Stands in for the network in tests. */
  outbound?: Outbound | undefined;
};

/** The way out: which proxy calls take, and where people's own addresses may lie. */
export class Network {
  readonly proxies: ProxyBook;
  readonly outbound: ProxiedOutbound;
  /** Where calls through the proxies are seen to come from. */
  readonly exits: ExitAddresses;
  readonly #config: Config;
  #ownPort: number | undefined;

  constructor({ config, clock, store, log, settings, prefixesOf, outbound }: NetworkDeps) {
    this.#config = config;
    this.proxies = new ProxyBook(store, prefixesOf);
    this.outbound = new ProxiedOutbound({
      outbound: outbound ?? createOutbound({ config, clock, ownPort: () => this.#ownPort }),
      clock,
      config,
      choose: (request) => this.proxies.choose(request),
      log: (entry) => store.proxyLog.add(entry),
      exitOf: (proxy) => this.exits.seen(proxy),
      ownPort: () => this.#ownPort,
    });
    this.exits = new ExitAddresses({
      clock,
      log,
      settings,
      proxies: () => [...this.proxies.all(), ...this.outbound.environmentProxies()],
      send: (proxy, request) => this.outbound.sendThrough(proxy, request),
    });
  }

  /** The port this gateway is served on, once it is known. */
  get ownPort(): number | undefined {
    return this.#ownPort;
  }

  /** Tells which port this gateway is served on, so that no node can point at it. */
  servedOn(port: number): void {
    this.#ownPort = port;
  }

  /** Where a person's own addresses may lie. */
  addressPolicy(): AddressPolicy {
    return {
      allowPrivate: this.#config.allowPrivateUpstreams,
      ...(this.#ownPort !== undefined && { ownPort: this.#ownPort }),
    };
  }

  close(): void {
    this.exits.close();
    this.outbound.close();
  }
}
