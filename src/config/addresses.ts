import { isIP } from "node:net";
import { isCollector, tracesAddress } from "../core/collector.ts";
import { type EnvironmentReader, SettingError } from "../lib/environment-reader.ts";

/** The address to bind. A value that is this machine's own name was not put there by a person, unless it is a flag. */
export function readHost(
  reader: EnvironmentReader,
  flags: { host?: string },
  hostName: string | undefined,
): string {
  const own = hostName?.toLowerCase().split(".")[0];
  const chosen = (value: string) => flags.host !== undefined || value.toLowerCase().split(".")[0] !== own;
  const host = reader.textWhere("HOSTNAME", ["HOST"], chosen);
  if (host === undefined) {
    reader.resolved("HOSTNAME", "127.0.0.1");
    return "127.0.0.1";
  }
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  if (isIP(bare) === 0 && !isHostName(bare))
    throw new SettingError(
      `HOSTNAME must be an address to bind, such as 127.0.0.1 or 0.0.0.0; it is "${host}".`,
    );
  return bare;
}

/** The public address, without a slash at its end. */
export function readBaseUrl(reader: EnvironmentReader, port: number): string {
  const text = reader.text("BASE_URL", "NEXT_PUBLIC_BASE_URL");
  if (text === undefined) {
    reader.resolved("BASE_URL", `http://localhost:${port}`);
    return `http://localhost:${port}`;
  }
  return asAddress("BASE_URL", text);
}

/** Where bundles of sync lie when people name no address. */
export function readCloudUrl(reader: EnvironmentReader): string | undefined {
  const text = reader.text("CLOUD_URL", "NEXT_PUBLIC_CLOUD_URL");
  return text === undefined ? undefined : asAddress("CLOUD_URL", text);
}

function asAddress(name: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw new SettingError(`${name} must be an address such as https://ai.example.org; it is not one.`);
  return url.href.replace(/\/+$/, "");
}

/** The address spans go to; the general one is that of all signals. */
export function readCollector(reader: EnvironmentReader): string {
  const own = reader.text("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
  const general = reader.text("OTEL_EXPORTER_OTLP_ENDPOINT");
  const address = own ?? (general === undefined ? "" : tracesAddress(general));
  if (address === "" || isCollector(address)) return address;
  const name = own === undefined ? "OTEL_EXPORTER_OTLP_ENDPOINT" : "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
  throw new SettingError(`${name} must be an address such as http://localhost:4318; it is not one.`);
}

/** A proxy address may hold a password, so that the listing shows it without. */
export function readProxy(reader: EnvironmentReader, name: string): string | undefined {
  const address = reader.text(name, name.toLowerCase());
  if (address) reader.resolved(name, address.replace(/\/\/[^/@]*@/, "//********@"));
  return address;
}

/** A name as a certificate or an allow-list writes it: `example.org`, `*.example.org`. */
export const isHostName = (text: string): boolean =>
  /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/i.test(text);

/** A port, when someone writes one, does not matter: hosts are allowed on whatever port we listen. */
export const asHostName = (text: string): string => text.toLowerCase().replace(/:\d+$/, "");

/** An address, or a network such as `10.0.0.0/8`. */
export function isNetwork(text: string): boolean {
  const [address = "", length, ...rest] = text.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128));
}

/** What a browser says it comes from, or `*`. */
export const isOrigin = (text: string): boolean =>
  text === "*" || (URL.canParse(text) && asOrigin(text) !== "null");

/** An origin as browsers write it. */
export const asOrigin = (text: string): string => (text === "*" ? text : new URL(text).origin);
