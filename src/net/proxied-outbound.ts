import type { Config } from "../core/config.ts";
import type { ProxyLogEntry } from "../core/proxy-log.ts";
import type { Egress, ExitAddress } from "../core/record.ts";
import type { Clock } from "../lib/clock.ts";
import { percentDecoded } from "../lib/percent-decoded.ts";
import { environmentProxy } from "./environment-proxy.ts";
import type { Outbound, OutboundRequest } from "./outbound.ts";
import { ProxyPlaces } from "./proxy-places.ts";
import { type Resolve, systemResolve } from "./resolve-checked.ts";
import { SocksBridge } from "./socks-bridge.ts";

export const PROXY_TYPES = ["http", "https", "socks5", "socks5h"] as const;

/** A proxy with its password, as it is dialled. */
export type Proxy = {
  type: (typeof PROXY_TYPES)[number];
  host: string;
  port: number;
  username?: string;
  password?: string;
};

/** What the settings say for a call: a proxy or none, and which level said it. */
export type ProxyChoice = { proxy: Proxy | "direct"; level: string; levelId?: string };

type Deps = {
  outbound: Outbound;
  clock: Clock;
  config: Pick<Config, "proxy">;
  /** What the settings say; undefined when no level says anything. */
  choose(request: Pick<OutboundRequest, "via">): ProxyChoice | undefined;
  log(entry: ProxyLogEntry): void;
  /** The address that calls through a proxy were last seen under; undefined where nobody was asked. */
  exitOf(proxy: Proxy): ExitAddress | undefined;
  /** This gateway's own port, once it is known: no proxy may lead back to it. */
  ownPort?(): number | undefined;
  /** Default: the system's. */
  resolve?: Resolve;
};

/** More would mean that a proxy's name leads elsewhere each time. */
const MOST_BRIDGES = 100;

/** Sends each call through the proxy that is set for it, and tells the proxy log. A proxy that fails is not passed by. */
export class ProxiedOutbound implements Outbound {
  readonly #bridges = new Map<string, SocksBridge>();

  readonly #places: ProxyPlaces;
  readonly #hasEnvironment: boolean;

  constructor(readonly deps: Deps) {
    const { clock, resolve = systemResolve } = deps;
    this.#places = new ProxyPlaces({ clock, resolve, ownPort: () => deps.ownPort?.() });
    this.#hasEnvironment = Object.values(deps.config.proxy).some((value) => value !== undefined);
  }

  async send(request: OutboundRequest) {
    const { outbound, clock } = this.deps;
    if (request.proxy !== undefined || request.url.startsWith("mock:")) return outbound.send(request);
    const chosen = this.deps.choose(request) ?? this.#fromEnvironment(request);
    if (chosen === undefined) return outbound.send(request);
    if (chosen.proxy === "direct") return outbound.send({ ...request, proxy: false });
    const { proxy } = chosen;
    const started = clock.monotonic();
    const tell = (status: "ok" | "failed", error?: unknown) => {
      const exit = this.deps.exitOf(proxy);
      const combo = request.via?.combos?.[0];
      this.deps.log({
        at: clock.now(),
        level: chosen.level,
        ...(chosen.levelId !== undefined && { levelId: chosen.levelId }),
        type: proxy.type,
        host: `${proxy.host}:${proxy.port}`,
        target: targetOf(request.url),
        ...(request.via?.provider !== undefined && { provider: request.via.provider }),
        ...(request.via?.connectionId !== undefined && { connectionId: request.via.connectionId }),
        status,
        durationMs: Math.round(clock.monotonic() - started),
        ...(combo !== undefined && { comboId: combo }),
        ...(exit && { exit }),
        ...(error instanceof Error && { error: error.message.slice(0, 500) }),
      });
    };
    try {
      // Who sets the environment owns the process, and may mean what is forbidden to others.
      const place = chosen.level === "environment" ? proxy : await this.placeOf(proxy);
      const response = await outbound.send({ ...request, proxy: await this.#urlOf(place) });
      tell("ok");
      return response;
    } catch (error) {
      tell("failed", error);
      throw error;
    }
  }

  /** Where a proxy that somebody entered is dialled. Throws `TargetFailure` (`unreachable`) where it may not be. */
  placeOf(proxy: Proxy): Promise<Proxy> {
    return this.#places.checked(proxy);
  }

  /** Sends a call through a proxy that is set for nothing yet. */
  async sendThrough(proxy: Proxy, request: OutboundRequest) {
    const place = await this.placeOf(proxy);
    return this.deps.outbound.send({ ...request, proxy: await this.#urlOf(place) });
  }

  /** The proxy that a call takes; undefined where it goes straight. */
  egress(request: Pick<OutboundRequest, "url" | "via">): Egress | undefined {
    const chosen = this.deps.choose(request) ?? this.#fromEnvironment(request);
    if (chosen === undefined || chosen.proxy === "direct") return undefined;
    const { type, host, port } = chosen.proxy;
    const exit = this.deps.exitOf(chosen.proxy);
    return { proxy: proxyUrl({ type, host, port }), level: chosen.level, ...(exit && { exit }) };
  }

  /** The proxies that the environment names. */
  environmentProxies(): Proxy[] {
    const { http, https, all } = this.deps.config.proxy;
    return [http, https, all].flatMap((text) => {
      const proxy =
        text === undefined ? undefined : parseProxyUrl(text.includes("://") ? text : `http://${text}`);
      return proxy ? [proxy] : [];
    });
  }

  close(): void {
    for (const bridge of this.#bridges.values()) bridge.close();
  }

  async #urlOf(proxy: Proxy): Promise<string> {
    if (proxy.type === "http" || proxy.type === "https") return proxyUrl(proxy);
    const name = proxyUrl(proxy);
    let bridge = this.#bridges.get(name);
    if (!bridge) this.#bridges.set(name, (bridge = new SocksBridge(proxy)));
    for (const [oldest, former] of this.#bridges) {
      if (this.#bridges.size <= MOST_BRIDGES) break;
      former.close();
      this.#bridges.delete(oldest);
    }
    return bridge.url();
  }

  #fromEnvironment(request: Pick<OutboundRequest, "url">): ProxyChoice | undefined {
    if (!this.#hasEnvironment || !URL.canParse(request.url)) return undefined;
    const url = environmentProxy(this.deps.config.proxy, new URL(request.url));
    const proxy = url === undefined ? undefined : parseProxyUrl(url);
    return proxy && { proxy, level: "environment" };
  }
}

/** A proxy's address with user and password: for dialling only, never for showing. */
export function proxyUrl({ type, host, port, username, password }: Proxy): string {
  const user =
    username === undefined ? "" : `${encodeURIComponent(username)}:${encodeURIComponent(password ?? "")}@`;
  return `${type}://${user}${host.includes(":") ? `[${host}]` : host}:${port}`;
}

const DEFAULT_PORTS = { http: 80, https: 443, socks5: 1080, socks5h: 1080 };

/** Takes a proxy's URL apart; undefined when it is none. */
export function parseProxyUrl(text: string): Proxy | undefined {
  const url = URL.parse(text.replace(/^socks:/i, "socks5:"));
  const type = PROXY_TYPES.find((name) => `${name}:` === url?.protocol);
  if (!url || !type || url.hostname === "") return undefined;
  return {
    type,
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? DEFAULT_PORTS[type] : Number(url.port),
    ...(url.username !== "" && {
      username: percentDecoded(url.username),
      password: percentDecoded(url.password),
    }),
  };
}

function targetOf(address: string): string {
  const url = new URL(address);
  return `${url.host}${url.pathname}`.slice(0, 500);
}
