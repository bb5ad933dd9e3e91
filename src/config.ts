import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import {
  asHostName,
  asOrigin,
  isHostName,
  isNetwork,
  isOrigin,
  readBaseUrl,
  readCloudUrl,
  readCollector,
  readHost,
  readProxy,
} from "./config/addresses.ts";
import {
  configPlaces,
  readClientHome,
  readClientTools,
  readConfigFile,
  readDataDir,
  readLogFile,
} from "./config/places.ts";
import {
  readCollectorHeaders,
  readInitialPassword,
  readOAuthSettings,
  readProviderKeys,
  readSecret,
} from "./config/secrets.ts";
import { type Config, isLoopbackHost } from "./core/config.ts";
import { OBEYED_NAMES, PROVIDER_KEY_NAMES, whyWithoutEffect } from "./core/environment-names.ts";
import { parseEnvFile } from "./lib/env-file.ts";
import {
  EnvironmentReader,
  SettingError,
  type Environment,
  type SettingSource,
} from "./lib/environment-reader.ts";
import { VERSION } from "./version.ts";

/** What the command line decides; it wins over the environment. */
export type ConfigFlags = {
  port?: string;
  host?: string;
  dataDir?: string;
  envFile?: string;
  /** The configuration file. */
  config?: string;
};

export type ConfigInput = {
  env: Environment;
  flags?: ConfigFlags;
  /** The machine's own name, which shells and container runtimes put into HOSTNAME unasked. */
  hostName?: string;
  /** Default: the home directory of the user. */
  homeDir?: string;
};

export type ReadConfig = {
  config: Config;
  /** Sentences for the person who starts the program. */
  warnings: string[];
  /** Every setting with its value (secrets masked) and where it came from. */
  sources: SettingSource[];
};

/** The environment of this process. Nothing else reads it. */
export function processEnvironment(): Environment {
  return process.env;
}

/**
 * Takes the proxy variables out of the process once they are in the configuration. Bun would apply them to every
 * call, also to those towards this machine, past the gateway's own proxy settings.
 */
export function forgetProxyVariables(): void {
  for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"]) {
    delete process.env[name];
    delete process.env[name.toLowerCase()];
  }
}

/** Reads the whole configuration and changes nothing. Throws `SettingError` for a value that means nothing. */
export function readConfig(input: ConfigInput): ReadConfig {
  const flags = input.flags ?? {};
  const reader = new EnvironmentReader({
    flags: {
      PORT: flags.port,
      HOSTNAME: flags.host,
      DATA_DIR: flags.dataDir,
      OMNIROUTE_CONFIG: flags.config,
    },
    env: input.env,
    file: flags.envFile === undefined ? {} : readEnvFile(flags.envFile),
  });
  const port = reader.integer("PORT", 20_128, { least: 0, most: 65_535 });
  const baseUrl = readBaseUrl(reader, port);
  const dataDir = readDataDir(reader, input.env.STATE_DIRECTORY, input.homeDir ?? homedir());
  const logRetentionDays = reader.integer("LOG_RETENTION_DAYS", 90, { least: 1, most: 3650 });
  const config: Config = {
    version: VERSION,
    configFile: readConfigFile(reader, dataDir),
    configPlaces: configPlaces(dataDir),
    reference: (name) => reader.variable(name),
    port,
    host: readHost(reader, flags, input.hostName),
    dataDir,
    clientHome: readClientHome(reader, input.homeDir ?? homedir()),
    clientTools: readClientTools(reader, input.env.PATH),
    baseUrl,
    initialPassword: readInitialPassword(reader),
    requireApiKey: reader.optionalBoolean("REQUIRE_API_KEY"),
    cookieSecure: reader.boolean("AUTH_COOKIE_SECURE", false) || baseUrl.startsWith("https:"),
    allowedHosts: reader
      .list("ALLOWED_HOSTS", "a host name", (host) => isHostName(asHostName(host)))
      .map(asHostName),
    trustedProxies: reader.list("TRUSTED_PROXIES", "an IP address or network", isNetwork),
    corsOrigins: reader
      .list("CORS_ORIGINS", "an origin such as https://example.org, or *", isOrigin)
      .map(asOrigin),
    connectTimeoutMs: reader.integer("CONNECT_TIMEOUT_MS", 5000, DURATION),
    fetchTimeoutMs: reader.integer("FETCH_TIMEOUT_MS", 300_000, DURATION),
    streamIdleTimeoutMs: reader.integer("STREAM_IDLE_TIMEOUT_MS", 300_000, DURATION),
    maxBodyBytes: Math.round(reader.number("MAX_BODY_MB", 50, { least: 0.001, most: 2000 }) * 1024 * 1024),
    maxConcurrentRequests: reader.integer("MAX_CONCURRENT_REQUESTS", 512, { least: 1, most: 100_000 }),
    maxLoopLagMs: reader.integer("MAX_LOOP_LAG_MS", 500, { least: 100, most: 3_600_000 }),
    shutdownGraceMs: reader.integer("SHUTDOWN_GRACE_MS", 30_000, { least: 0, most: 3_600_000 }),
    allowPrivateUpstreams: reader.boolean("ALLOW_PRIVATE_UPSTREAMS", true),
    metricsToken: readSecret(reader, "METRICS_TOKEN", "it opens nothing"),
    sync: {
      url: readCloudUrl(reader),
      timeoutMs: reader.integer("CLOUD_SYNC_TIMEOUT_MS", 12_000, { least: 1000, most: 600_000 }),
    },
    providerKeys: readProviderKeys(reader),
    oauth: readOAuthSettings(reader),
    secrets: {
      jwt: readSecret(reader, "JWT_SECRET", "a random one is used"),
      apiKey: readSecret(reader, "API_KEY_SECRET", "a random one is used"),
      storage: readSecret(reader, "STORAGE_ENCRYPTION_KEY", "a random one is used"),
    },
    proxy: {
      http: readProxy(reader, "HTTP_PROXY"),
      https: readProxy(reader, "HTTPS_PROXY"),
      all: readProxy(reader, "ALL_PROXY"),
      no: reader.text("NO_PROXY", "no_proxy"),
    },
    logLevel: reader.choice("LOG_LEVEL", "info", ["debug", "info", "warn", "error"]),
    logFormat: reader.choice("LOG_FORMAT", "text", ["text", "json"]),
    logFile: readLogFile(reader, dataDir, logRetentionDays),
    defaults: {
      instanceName: readInstanceName(reader, input.hostName),
      logRetentionDays,
      enableRequestLogs: reader.boolean("ENABLE_REQUEST_LOGS", false),
      cacheMaxEntries: reader.integer("SEMANTIC_CACHE_MAX_SIZE", 500, { least: 1, most: 100_000 }),
      cacheTtlMs: reader.integer("SEMANTIC_CACHE_TTL_MS", 3_600_000, { least: 1000, most: 2_592_000_000 }),
      otlpEndpoint: readCollector(reader),
    },
    tracing: {
      serviceName: reader.text("OTEL_SERVICE_NAME") ?? "omniroute",
      headers: readCollectorHeaders(reader),
    },
  };
  warnAboutIdleNames(reader);
  warnAboutOpenModels(reader, config);
  return { config, warnings: reader.warnings, sources: reader.sources };
}

/** Values of a file of `NAME=value` lines. Throws `SettingError` when it cannot be read or understood. */
function readEnvFile(path: string): { [name: string]: string } {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const code = (error as { code?: string }).code ?? "unknown error";
    throw new SettingError(`The env file ${path} cannot be read (${code}).`);
  }
  try {
    return parseEnvFile(text);
  } catch (error) {
    throw new SettingError(`The env file ${path} is not understood: ${(error as Error).message}.`);
  }
}

const DURATION = { least: 1, most: 86_400_000 };

function readInstanceName(reader: EnvironmentReader, hostName: string | undefined): string {
  const name = (reader.text("INSTANCE_NAME") ?? hostName ?? "").slice(0, 100);
  reader.resolved("INSTANCE_NAME", name);
  return name;
}

/** Behind a proxy every call comes from this machine, so that its models would be open to whoever reaches the proxy. */
function warnAboutOpenModels(reader: EnvironmentReader, config: Config): void {
  const { host, requireApiKey, baseUrl, trustedProxies } = config;
  const isPublished = !isLoopbackHost(new URL(baseUrl).hostname) || trustedProxies.length > 0;
  if (requireApiKey !== undefined || !isLoopbackHost(host) || !isPublished) return;
  reader.warnings.push(
    "BASE_URL or TRUSTED_PROXIES tell of a proxy in front, and clients need no key: set REQUIRE_API_KEY=true, or =false if that is meant.",
  );
}

function warnAboutIdleNames(reader: EnvironmentReader): void {
  for (const name of reader.names().sort()) {
    const reason = whyWithoutEffect(name);
    if (reason) reader.warnings.push(reason);
    else if (name.startsWith("OMNIROUTE_")) reader.warnings.push(unknownName(name));
  }
}

function unknownName(name: string): string {
  const bare = name.slice("OMNIROUTE_".length);
  const known = [...OBEYED_NAMES, ...PROVIDER_KEY_NAMES].find((each) => each === bare);
  return `${name} is not known and changes nothing${known ? `; did you mean ${known}?` : "."}`;
}
