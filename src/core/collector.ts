import { percentDecoded } from "../lib/percent-decoded.ts";

/** Can traces be posted there? An address without user and password. */
export function isCollector(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
}

/**
 * Headers for a collector as the environment writes them: `name=value` pairs separated by commas, values
 * percent-encoded. Undefined for what are no such pairs.
 *
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function collectorHeaders(text: string): { [name: string]: string } | undefined {
  const pairs = text.split(",").filter((pair) => pair.trim());
  const read = pairs.map((pair) => /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(pair));
  if (read.includes(null)) return undefined;
  return Object.fromEntries(
    read.map((match) => [match?.[1]?.toLowerCase() ?? "", percentDecoded(match?.[2] ?? "")]),
  );
}

/** Where a collector takes spans, for its own address: `http://localhost:4318` → `…/v1/traces`. */
export function tracesAddress(collector: string): string {
  const base = collector.replace(/\/+$/, "");
  return base.endsWith("/v1/traces") ? base : `${base}/v1/traces`;
}
