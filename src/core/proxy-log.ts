import type { ExitAddress } from "./record.ts";

/** One call that went through a network proxy. */
export type ProxyLogEntry = {
  at: number;
  /** Which level of proxy precedence decided: `key`, `combo`, `connection`, `provider`, `global`, `environment`. */
  level: string;
  /** The key, combo, connection or provider that the level names. */
  levelId?: string;
  type: "http" | "https" | "socks5" | "socks5h";
  /** The proxy's `host:port`, without user or password. */
  host: string;
  /** Host and path that were called. */
  target: string;
  provider?: string;
  connectionId?: string;
  /** The combo that was called. */
  comboId?: string;
  /** Where calls through this proxy were last seen to come from, as far as was known then. */
  exit?: ExitAddress;
  status: "ok" | "failed";
  durationMs: number;
  error?: string;
};
