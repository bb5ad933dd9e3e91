import type { Config } from "../core/config.ts";
import type { Clock } from "../lib/clock.ts";
import {
  type AddressPolicy,
  createOutbound,
  type Outbound,
  type OutboundRequest,
  type OutboundResponse,
  type Proxy,
  ProxiedOutbound,
} from "../net/index.ts";
import type { Store } from "../store/index.ts";
import { ProxyBook } from "./proxy-book.ts";

export type NetworkDeps = {
  config: Config;
  clock: Clock;
  store: Store;
  /** Stands in for the network in tests. */
  outbound?: Outbound | undefined;
};

/** The way out: which proxy calls take, and where people's own addresses may lie. */
export class Network {
  readonly proxies: ProxyBook;
  readonly outbound: ProxiedOutbound;
  readonly #config: Config;
  #ownPort: number | undefined;

  constructor({ config, clock, store, outbound }: NetworkDeps) {
    this.#config = config;
    this.proxies = new ProxyBook(store);
    this.outbound = new ProxiedOutbound({
      outbound: outbound ?? createOutbound({ config, clock, ownPort: () => this.#ownPort }),
      clock,
      config,
      choose: (request) => this.proxies.choose(request),
      log: (entry) => store.proxyLog.add(entry),
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

  /** Calls through a proxy that is being tried. */
  sendThrough(proxy: Proxy, request: OutboundRequest): Promise<OutboundResponse> {
    return this.outbound.sendThrough(proxy, request);
  }

  close(): void {
    this.outbound.close();
  }
}
