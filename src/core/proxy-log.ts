/** One call that went through a network proxy. */
export type ProxyLogEntry = {
  at: number;
  /** Which level of proxy precedence decided: `key`, `combo`, `connection`, `provider`, `global`, `environment`. */
  level: string;
  type: "http" | "https" | "socks5" | "socks5h";
  /** The proxy's `host:port`, without user or password. */
  host: string;
  /** Host and path that were called. */
  target: string;
  provider?: string;
  connectionId?: string;
  status: "ok" | "failed";
  durationMs: number;
  error?: string;
};
