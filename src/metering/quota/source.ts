import type { Connection } from "../../core/connection.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { QuotaReading } from "./reading.ts";

/** One HTTP call for an account's quota. */
export type QuotaCall = {
  method: "GET" | "POST";
  url: string;
  /** Names in lower case. Whoever makes the call adds what proves who pays, unless it stands here. */
  headers?: { [name: string]: string };
  json?: JsonObject;
};

/** How a provider tells what is left of an account's quota. */
export type QuotaSource = {
  /** Provider id. */
  provider: string;
  /** The address asked, for accounts at the provider's own address. */
  url: string;
  /** The call for an account; undefined for accounts that have no quota to ask for. */
  call(url: string, connection: Connection): QuotaCall | undefined;
  /** Reads the answer's body. `now` in milliseconds since 1970. Undefined when it holds no quota. */
  read(body: JsonObject, now: number, connection: Connection): QuotaReading | undefined;
};

/**
 * Where an account's quota is asked for: at the provider's address, or, where a person sends the account's calls to
 * another host, at that host. A key is never sent to a host its owner did not choose.
 */
export function quotaUrl(
  source: Pick<QuotaSource, "url">,
  connection: Pick<Connection, "baseUrl">,
  /** Hosts of the provider beside the one of its own address, and where they tell quotas. */
  known: { readonly [host: string]: string } = {},
): string {
  const { baseUrl } = connection;
  if (baseUrl === undefined) return source.url;
  const base = URL.parse(baseUrl);
  const own = new URL(source.url);
  if (!base || base.host === own.host) return source.url;
  return known[base.host] ?? base.origin + own.pathname + own.search;
}
