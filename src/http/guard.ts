import { hostname } from "node:os";
import { isIP } from "node:net";
import type { Config } from "../core/config.ts";
import { GatewayError } from "../core/errors.ts";

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/**
 * What is checked of every request before any router sees it. Gives the URL that router and handlers must use, so
 * that both read the same string. Throws `GatewayError`: 400 for a malformed or doubled Host, 405 for odd methods,
 * 421 for a Host that is not ours (`hasValidKey` is asked only then).
 *
 * Bun hands over a bare path as `url` when it cannot parse the Host, and routers then cut it in the wrong place.
 */
export function checkedUrl(request: Request, hosts: AllowedHosts, hasValidKey: () => boolean): URL {
  const host = request.headers.get("host");
  if (!/^https?:\/\//.test(request.url) || !host || !/^[\w.:[\]-]+$/.test(host)) {
    throw new GatewayError("bad_request", "The Host header is missing or malformed.");
  }
  const url = URL.canParse(request.url) ? new URL(request.url) : undefined;
  if (!url || url.host !== normalHost(host, url.protocol)) {
    throw new GatewayError("bad_request", "The Host header and the address do not fit together.");
  }
  if (!METHODS.has(request.method))
    throw new GatewayError("method_not_allowed", `The method ${request.method} is not served.`);
  if (!hosts.allows(url.hostname) && !hasValidKey()) {
    throw new GatewayError(
      "host_not_allowed",
      `The host name \`${url.hostname}\` is not known here. Add it to ALLOWED_HOSTS, or set BASE_URL to this address.`,
    );
  }
  return url;
}

/** The names this server answers to. */
export class AllowedHosts {
  readonly #names: ReadonlySet<string>;

  constructor(config: Pick<Config, "allowedHosts" | "baseUrl">) {
    const base = URL.canParse(config.baseUrl) ? [new URL(config.baseUrl).hostname] : [];
    this.#names = new Set([...config.allowedHosts, ...base, hostname()].map((name) => name.toLowerCase()));
  }

  allows(name: string): boolean {
    const host = name.toLowerCase();
    const address = host.startsWith("[") ? host.slice(1, -1) : host;
    return (
      isIP(address) !== 0 || host === "localhost" || host.endsWith(".localhost") || this.#names.has(host)
    );
  }
}

function normalHost(host: string, protocol: string): string | undefined {
  const text = `${protocol}//${host}/`;
  return URL.canParse(text) ? new URL(text).host : undefined;
}
