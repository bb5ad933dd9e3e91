/** Can traces be posted there? An address without user and password. */
export function isCollector(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
}

/** Where a collector takes spans, for its own address: `http://localhost:4318` → `…/v1/traces`. */
export function tracesAddress(collector: string): string {
  const base = collector.replace(/\/+$/, "");
  return base.endsWith("/v1/traces") ? base : `${base}/v1/traces`;
}
