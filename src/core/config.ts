/** Everything the environment and the command line decide, read once at start by `src/config.ts`. */
export type Config = {
  version: string;
  /** The file that declares what is set up; absent when there is none. */
  configFile?: string | undefined;
  /** Where one may appear later. */
  configPlaces?: readonly string[];
  /** A variable of the environment, for references of that file. */
  reference?: (name: string) => string | undefined;
  port: number;
  /** Address to bind. */
  host: string;
  /** Absolute path of the data directory. */
  dataDir: string;
  /** Where programs of this machine keep their settings and sign-ins. */
  clientHome: string;
  clientTools: ClientToolsConfig;
  /** Public address without a slash at the end. */
  baseUrl: string;
  initialPassword: string | undefined;
  /** `undefined`: not required on a loopback bind, required on any other. */
  requireApiKey: boolean | undefined;
  cookieSecure: boolean;
  allowedHosts: readonly string[];
  trustedProxies: readonly string[];
  corsOrigins: readonly string[];
  connectTimeoutMs: number;
  /** Wait for the answer's first byte. */
  fetchTimeoutMs: number;
  /** Longest silence inside a stream. */
  streamIdleTimeoutMs: number;
  maxBodyBytes: number;
  maxConcurrentRequests: number;
  /** From which time on a blocked event loop takes no new calls. */
  maxLoopLagMs: number;
  shutdownGraceMs: number;
  allowPrivateUpstreams: boolean;
  metricsToken: string | undefined;
  /** Where bundles of sync lie when people name no address, and the longest time a round may take. */
  sync: { url: string | undefined; timeoutMs: number };
  /** Provider keys from the environment: variable name → key. */
  providerKeys: Readonly<{ [variable: string]: string }>;
  /** Settings of sign-ins at vendors that stand in for the built-in ones: variable name → value. */
  oauth: Readonly<{ [variable: string]: string }>;
  /** Secrets given by the environment; the others are made once and kept in `secrets.json`. */
  secrets: { jwt?: string; apiKey?: string; storage?: string };
  /** Proxy variables of the environment, the last level of proxy precedence. */
  proxy: { http?: string; https?: string; all?: string; no?: string };
  logLevel: "debug" | "info" | "warn" | "error";
  logFormat: "text" | "json";
  /** Where lines are kept as JSON; undefined: nowhere. */
  logFile: { path: string; maxBytes: number; retentionDays: number } | undefined;
  /** What the settings are where nobody has changed them. */
  defaults: {
    instanceName: string;
    logRetentionDays: number;
    enableRequestLogs: boolean;
    cacheMaxEntries: number;
    cacheTtlMs: number;
    otlpEndpoint: string;
  };
  /** `headers` go to the trace collector of the environment only. */
  tracing: { serviceName: string; headers: Readonly<{ [name: string]: string }> };
};

/** Where clients of this machine are looked for, and whether their settings may be written. */
export type ClientToolsConfig = {
  /** `undefined`: for calls from this very machine, and for nobody else. */
  writes: boolean | undefined;
  mode: "host" | "container";
  /** Folders of programs. */
  searchPath: readonly string[];
  /** Programs whose place was named: `CLI_CLAUDE_BIN` → path. */
  programs: Readonly<{ [setting: string]: string }>;
};

/** Is the address one that only this machine can reach? */
export function isLoopbackHost(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, "").toLowerCase();
  return name === "localhost" || name.endsWith(".localhost") || name === "::1" || /^127\./.test(name);
}
