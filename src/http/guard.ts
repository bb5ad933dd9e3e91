import { hostname } from "node:os";
import { isIP } from "node:net";
import type { Config } from "../core/config.ts";
import { GatewayError } from "../core/errors.ts";
import { Lru } from "../lib/lru.ts";

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/**
 * What is checked of every request before any router sees it. Gives the URL that router and handlers must use, so
 * that both read the same string. Throws `GatewayError`: 400 for a malformed or doubled Host, 405 for odd methods,
 * 421 for a Host that is not ours (`hasValidKey` is asked only then).
 *
 * Bun hands over a bare path as `url` when it cannot parse the Host, and routers then cut it in the wrong place.
 */
export function checkedUrl(request: Request, hosts: AllowedHosts, hasValidKey: () => boolean): URL {
  const host = request.headers.get("host") ?? "";
  const url = URL.parse(request.url);
  const named = url && hosts.named(host, url.protocol);
  if (!url || !named) throw new GatewayError("bad_request", "The Host header is missing or malformed.");
  if (url.host !== named.host)
    throw new GatewayError("bad_request", "The Host header and the address do not fit together.");
  if (!METHODS.has(request.method))
    throw new GatewayError("method_not_allowed", `The method ${request.method} is not served.`);
  if (!named.allowed && !hasValidKey()) {
    throw new GatewayError(
      "host_not_allowed",
      `The host name \`${url.hostname}\` is not known here. Add it to ALLOWED_HOSTS, or set BASE_URL to this address.`,
    );
  }
  return url;
}

/** What a Host header names, spelled as in a URL, and whether this server answers to it. */
type NamedHost = { host: string; allowed: boolean };

const WELL_FORMED_HOST = /^[\w.:[\]-]{1,300}$/;
const HOSTS_REMEMBERED = 100;

/** The names this server answers to. */
export class AllowedHosts {
  readonly #names: ReadonlySet<string>;
  /** Clients write one of very few Host headers; the last ones need not be taken apart again. */
  readonly #known = new Lru<string, NamedHost>(HOSTS_REMEMBERED);

  constructor(config: Pick<Config, "allowedHosts" | "baseUrl">) {
    const base = URL.canParse(config.baseUrl) ? [new URL(config.baseUrl).hostname] : [];
    this.#names = new Set([...config.allowedHosts, ...base, hostname()].map((name) => name.toLowerCase()));
  }

  /** What the Host header of a call over `protocol` names; undefined when it is malformed. */
  named(header: string, protocol: string): NamedHost | undefined {
    const text = `${protocol}//${header}/`;
    const known = this.#known.get(text);
    if (known) return known;
    const url = WELL_FORMED_HOST.test(header) && /^https?:$/.test(protocol) ? URL.parse(text) : null;
    if (!url) return undefined;
    const named = { host: url.host, allowed: this.#allows(url.hostname) };
    this.#known.set(text, named);
    return named;
  }

  #allows(name: string): boolean {
    const host = name.toLowerCase();
    const address = host.startsWith("[") ? host.slice(1, -1) : host;
    return (
      isIP(address) !== 0 || host === "localhost" || host.endsWith(".localhost") || this.#names.has(host)
    );
  }
}
